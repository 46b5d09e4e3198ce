"""Reads a template of Go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.cli.forms.gotemplate.functions import NAMES
from towpath.cli.forms.gotemplate.syntax import (
    Block,
    Dot,
    GoConstant,
    Included,
    Leap,
    Members,
    NamedFunction,
    Parsed,
    Pipeline,
    ShownPipeline,
    Variable,
)
from towpath.cli.forms.gotemplate.tokens import Word, pieces
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.cli.forms.gotemplate.syntax import Node, Operand

_DEEPEST: Final = 40
_CONSTANTS: Final = {"true": True, "false": False, "nil": None}


def parse(template: str) -> Parsed:
    """Return what a template is made of. Raises BadRequest, with the words that are wrong."""
    reading = _Reading(pieces(template))
    nodes, _ = reading.nodes(0, ())
    return Parsed(nodes, reading.defined)


class _Reading:
    """Nodes, read from the left."""

    def __init__(self, left: Iterator[str | list[Word]]) -> None:
        self._left = left
        self._loops = 0
        self.defined: dict[str, tuple[Node, ...]] = {}

    def nodes(self, depth: int, ends: tuple[str, ...]) -> tuple[tuple[Node, ...], list[Word]]:
        """Return nodes up to an action that begins with one of some words, and that action."""
        if depth > _DEEPEST:
            raise BadRequest(f"the template has more than {_DEEPEST} blocks in one another")
        found: list[Node] = []
        for piece in self._left:
            if isinstance(piece, str):
                if piece:
                    found.append(piece)
                continue
            if not piece:
                raise BadRequest("the template has an empty action {{}}")
            word = piece[0].text if piece[0].kind == "name" else ""
            if word in ("end", "else"):
                if word not in ends:
                    raise BadRequest(
                        f"the template has an {{{{{word}}}}} without what it belongs to"
                    )
                return tuple(found), piece
            node = self._node(word, piece, depth)
            if node is not None:
                found.append(node)
        if ends:
            raise BadRequest("the template ends before the {{end}} of one of its blocks")
        return tuple(found), []

    def _node(self, word: str, action: list[Word], depth: int) -> Node | None:
        match word:
            case "if" | "with" | "range":
                return self._block(word, action[1:], depth)
            case "break" | "continue":
                if not self._loops or len(action) > 1:
                    raise BadRequest(f"the template: {{{{{word}}}}} stands in a range, by itself")
                return Leap(word)
            case "define":
                self.defined[_name(action)] = self._whole(depth)
                return None
            case "template":
                return Included(_name(action), _pipeline(action[2:]) if action[2:] else None)
            case "block":
                name = _name(action)
                self.defined[name] = self._whole(depth)
                return Included(name, _pipeline(action[2:]))
            case _:
                return ShownPipeline(_pipeline(action))

    def _whole(self, depth: int) -> tuple[Node, ...]:
        loops, self._loops = self._loops, 0
        body, _ = self.nodes(depth + 1, ("end",))
        self._loops = loops
        return body

    def _block(self, kind: str, words: list[Word], depth: int) -> Block:
        pipeline = _pipeline(words, several=kind == "range")
        self._loops += kind == "range"
        body, ended = self.nodes(depth + 1, ("else", "end"))
        self._loops -= kind == "range"
        otherwise: tuple[Node, ...] = ()
        if ended[0].text == "else":
            if len(ended) > 1:  # `else if …` goes on to the same end
                if ended[1].text != kind or kind == "range":
                    raise BadRequest(
                        f"the template: {{{{else {ended[1].text}}}}} does not fit its {kind}"
                    )
                otherwise = (self._block(kind, ended[2:], depth + 1),)
            else:
                otherwise, _ = self.nodes(depth + 1, ("end",))
        return Block(kind, pipeline, body, otherwise)


def _name(action: list[Word]) -> str:
    if len(action) < 2 or action[1].kind != "string":
        raise BadRequest(
            f"the template: {{{{{action[0].text}}}}} needs the name of a template in quotes"
        )
    return str(action[1].value)


def _pipeline(words: list[Word], *, several: bool = False) -> Pipeline:
    """Return a whole pipeline. `several`: two variables may be declared, as a range does."""
    names: list[str] = []
    rest = words
    declares = False
    for place, word in enumerate(words[:4]):
        if word.text in (":=", "="):
            before = words[:place]
            names = [each.text for each in before if each.kind == "variable"]
            is_list = [each.text for each in before if each.kind != "variable"] == [","] * (
                len(names) - 1
            )
            if not names or not is_list or len(names) > (2 if several else 1):
                raise BadRequest(f"the template: what stands before {word.text} must be a variable")
            rest, declares = words[place + 1 :], word.text == ":="
            break
    commands, _ = _commands(rest, 0, closes=False)
    return Pipeline(commands, tuple(names), declares)


def _commands(
    words: list[Word], at: int, *, closes: bool, depth: int = 0
) -> tuple[tuple[tuple[Operand, ...], ...], int]:
    """Return the commands of a pipeline from a word on, and the place behind them."""
    if depth > _DEEPEST:
        raise BadRequest(f"the template has more than {_DEEPEST} parentheses in one another")
    commands: list[tuple[Operand, ...]] = []
    operands: list[Operand] = []
    while at < len(words):
        word = words[at]
        at += 1
        if word.text == "|" and word.kind == "sign":
            commands.append(_command(operands))
            operands = []
            continue
        if word.text == ")" and word.kind == "sign":
            if not closes:
                raise BadRequest("the template has a ) without its (")
            return (*commands, _command(operands)), at
        if word.text == "(" and word.kind == "sign":
            inner, at = _commands(words, at, closes=True, depth=depth + 1)
            operand: Operand = Pipeline(inner)
        else:
            operand = _operand(word)
        names: list[str] = []
        while at < len(words) and words[at].kind == "field" and words[at].touches:
            names.append(words[at].text[1:])
            at += 1
        operands.append(_with(operand, names))
    if closes:
        raise BadRequest("the template has a ( without its )")
    return (*commands, _command(operands)), at


def _with(operand: Operand, names: list[str]) -> Operand:
    if not names:
        return operand
    if isinstance(operand, Members):
        return Members(operand.of, (*operand.names, *names))
    return Members(operand, tuple(names))


def _command(operands: list[Operand]) -> tuple[Operand, ...]:
    if not operands:
        raise BadRequest("the template has a command that is missing, before or behind a |")
    return tuple(operands)


def _operand(word: Word) -> Operand:
    match word.kind:
        case "string" | "number" | "character":
            return GoConstant(word.value)
        case "variable":
            return Variable(word.text)
        case "dot":
            return Dot()
        case "field":
            return Members(Dot(), (word.text[1:],))
        case "name" if word.text in _CONSTANTS:
            return GoConstant(_CONSTANTS[word.text])
        case "name" if word.text in NAMES:
            return NamedFunction(word.text)
        case "name":
            raise BadRequest(
                f"the template: there is no function {word.text!r}; there are {', '.join(sorted(NAMES))}"
            )
        case _:
            raise BadRequest(f"the template: {word.text!r} has no meaning where it stands")
