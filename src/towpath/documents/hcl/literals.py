"""Scalars of HCL: how a value is written, and what one that is written says."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import grammars
from towpath.documents.edits import no_scalar, number, refuse_halves

if TYPE_CHECKING:
    from tree_sitter import Node

_SHORT: Final = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_ESCAPED: Final = re.compile('[\x00-\x1f\x7f"\\\\]|[$%]\\{')
_READ: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_NAMED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LONGEST_NUMBER: Final = 400
_TEMPLATES: Final = frozenset({"template_interpolation", "template_directive"})


def rendered(value: Any) -> str:
    """Return a value as a scalar of HCL: strings in double quotes, so that nothing in them is a template.

    Raises BadRequest for null, objects and lists, and for a text that is none.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case str():
            refuse_halves(value)
            return f'"{_ESCAPED.sub(_escape, value)}"'
        case _:
            raise no_scalar(value)


def scalar(expression: Node) -> Node | None:
    """Return the node of an expression that is a scalar; None for one that is computed."""
    inner = grammars.parts(expression)
    if len(inner) != 1:
        return None
    node = inner[0]
    match node.type:
        case "literal_value":
            return node
        case "operation":
            negative = grammars.parts(node.children[0])
            is_number = (
                node.children[0].type == "unary_operation"
                and [each.type for each in negative] == ["-", "literal_value"]
                and negative[1].children[0].type == "numeric_lit"
            )
            return node if is_number else None
        case "template_expr":
            return (
                node if not _TEMPLATES & {each.type for each in node.children[0].children} else None
            )
        case _:
            return None


def reads_as(written: str, value: Any) -> bool:
    """Whether a scalar says a value already, however it is spelled."""
    if written.startswith('"'):
        return isinstance(value, str) and read(written) == value
    if written in ("true", "false"):
        return isinstance(value, bool) and (written == "true") == value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return len(written) <= _LONGEST_NUMBER and Decimal(written) == Decimal(repr(value))
    except InvalidOperation:
        return False


def told(written: str) -> str:
    """Return what a scalar says, for people."""
    return read(written) if written.startswith('"') else written


def read(written: str) -> str:
    """Return what a string in quotes says."""
    return _READ.sub(_said, written[1:-1])


def _said(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else found[0]
    if found[4]:
        return f"{found[4]}{{"
    return _NAMED.get(found[3], found[0])


def _escape(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] in "$%":
        return text[0] + text
    return _SHORT.get(text) or f"\\u{ord(text):04x}"
