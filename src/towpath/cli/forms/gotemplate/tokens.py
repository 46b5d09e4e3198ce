"""Cuts a template of Go into texts and actions, and an action into words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 64 << 10
"""Characters of a template."""
_ACTION: Final = re.compile(
    r"""\{\{(?P<left>-[ \t\r\n])?(?:[ \t\r\n]*/\*(?P<comment>.*?)\*/[ \t\r\n]*?|(?P<inner>(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|(?![ \t\r\n]-\}\})[^"'`}]|\}(?!\}))*?))(?P<right>[ \t\r\n]-)?\}\}""",
    re.DOTALL,
)
_WORD: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)
  | (?P<character>'(?:\\.[0-9A-Fa-f]*|[^'\\\n])')
  | (?P<number>[+-]?(?:0[xX][0-9A-Fa-f_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
  | (?P<variable>\$\w*)
  | (?P<field>\.[^\W\d]\w*)
  | (?P<dot>\.)
  | (?P<name>[^\W\d]\w*)
  | (?P<sign>:=|=|\||\(|\)|,)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an action."""

    kind: str
    text: str
    value: Any = None
    touches: bool = False
    """Whether it stands right behind the word before."""


def pieces(template: str) -> Iterator[str | list[Word]]:
    """Yield texts, trimmed as their neighbours say, and the words of actions. Raises BadRequest."""
    if len(template) > LONGEST:
        raise BadRequest(f"the template is longer than {LONGEST:,} characters")
    at, trims = 0, False
    while True:
        opening = template.find("{{", at)
        text = template[at:] if opening < 0 else template[at:opening]
        text = text.lstrip(" \t\r\n") if trims else text
        if opening < 0:
            yield text
            return
        found = _ACTION.match(template, opening)
        if found is None:
            line = template.count("\n", 0, opening) + 1
            raise BadRequest(f"the template, line {line}: {{{{ has no }}}} that closes it")
        yield text.rstrip(" \t\r\n") if found["left"] else text
        if found["comment"] is None:
            yield list(_words(found["inner"]))
        at, trims = found.end(), found["right"] is not None


def _words(action: str) -> Iterator[Word]:
    at, touches = 0, False
    while at < len(action):
        found = _WORD.match(action, at)
        if found is None:
            raise BadRequest(
                f"the template: {action[at : at + 20]!r} in {{{{{action.strip()[:200]}}}}} has no meaning there"
            )
        kind, text = str(found.lastgroup), found[0]
        at = found.end()
        if kind == "space":
            touches = False
            continue
        yield Word(kind, text, _value(kind, text), touches)
        touches = True


def _value(kind: str, text: str) -> Any:
    match kind:
        case "string":
            return text[1:-1] if text[0] == "`" else _unquoted(text)
        case "character":
            inner = text[1:-1]
            return ord(_unquoted(f'"{inner}"')) if inner != '"' else ord('"')
        case "number":
            return _number(text)
        case _:
            return None


def _number(text: str) -> int | float:
    plain = text.replace("_", "")
    try:
        return int(plain, 0)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            raise BadRequest(f"the template: {text!r} is no number") from None


def _unquoted(text: str) -> str:
    inner = re.sub(r"\\x([0-9A-Fa-f]{2})", r"\\u00\1", text)
    inner = inner.replace("\\a", "\\u0007").replace("\\v", "\\u000b").replace("\\'", "'")
    try:
        return str(json.loads(inner.replace("\t", "\\t")))
    except ValueError:
        raise BadRequest(f"the template: {text} is no text of Go") from None
