"""A syntax tree back to text: what it prints parses to the same tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.expressions import gotext, syntax
from towpath.expressions.parser import is_name

if TYPE_CHECKING:
    from towpath.expressions.syntax import Node

_CONSTANTS: Final = {None: "nil", True: "true", False: "false"}


def printed(node: Node) -> str:
    """Return a text of a tree, with parentheses wherever there could be a doubt."""
    match node:
        case syntax.Constant():
            return _constant(node.value)
        case syntax.Name():
            return node.name
        case syntax.Unary():
            return f"({node.operator} {printed(node.operand)})"
        case syntax.Binary():
            return f"({printed(node.left)} {node.operator} {printed(node.right)})"
        case syntax.Chain():
            return printed(node.inner)
        case syntax.Member():
            return _member(node)
        case syntax.Slice():
            start = "" if node.start is None else printed(node.start)
            stop = "" if node.stop is None else printed(node.stop)
            return f"{_operand(node.of)}[{start}:{stop}]"
        case syntax.Call():
            return f"{printed(node.callee)}({_listed(node.arguments)})"
        case syntax.BuiltinCall():
            return f"{node.name}({_listed(node.arguments)})"
        case syntax.Predicate():
            return f"{{{printed(node.body)}}}"
        case syntax.Pointer():
            return f"#{node.name}"
        case syntax.Conditional():
            return f"({printed(node.condition)} ? {printed(node.then)} : {printed(node.otherwise)})"
        case syntax.Let():
            return f"(let {node.name} = {printed(node.value)}; {printed(node.body)})"
        case syntax.Sequence():
            return f"({'; '.join(map(printed, node.nodes))})"
        case syntax.Array():
            return f"[{_listed(node.items)}]"
        case syntax.Map():
            pairs = [f"{_key(key)}: {printed(value)}" for key, value in node.pairs]
            return f"{{{', '.join(pairs)}}}"
        case _:
            raise TypeError(f"{type(node).__name__} cannot be printed")


def _constant(value: object) -> str:
    match value:
        case None | bool():
            return _CONSTANTS[value]
        case int():
            return str(value)
        case float():
            text = gotext.json_float(value)
            return text if "." in text or "e" in text else f"{text}.0"
        case bytes():
            return 'b"' + "".join(f"\\x{byte:02x}" for byte in value) + '"'
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    parts = []
    for character in text:
        if character in '"\\':
            parts.append("\\" + character)
        elif character < " " or not character.isprintable():
            parts.append(f"\\U{ord(character):08x}")
        else:
            parts.append(character)
    return '"' + "".join(parts) + '"'


def _member(node: syntax.Member) -> str:
    mark = "?." if node.optional else ""
    key = node.key.value if isinstance(node.key, syntax.Constant) else None
    if isinstance(key, str) and is_name(key):
        return f"{_operand(node.of)}{mark or '.'}{key}"
    return f"{_operand(node.of)}{mark}[{printed(node.key)}]"


def _operand(node: Node) -> str:
    """Return what a postfix operator stands after: a number would take the dot for its own."""
    text = printed(node)
    return f"({text})" if isinstance(node, syntax.Constant | syntax.Map) else text


def _key(node: Node) -> str:
    if isinstance(node, syntax.Constant) and isinstance(node.value, str):
        return _text(node.value)
    return f"({printed(node)})"


def _listed(nodes: list[Node]) -> str:
    return ", ".join(map(printed, nodes))
