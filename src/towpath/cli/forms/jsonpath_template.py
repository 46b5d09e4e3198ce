"""Prints objects by a JSONPath template as kubectl has it: texts, paths in braces, and `{range …}` to `{end}`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import jsonpath
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.documents.jsonpath.syntax import Template

_DEEPEST: Final = 8
"""Ranges in one another."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What is printed for each of what a path finds."""

    over: Template
    body: tuple[Loop | Template | str, ...]


Parts = tuple["Loop | Template | str", ...]


def parse(template: str) -> Parts:
    """Return the parts of a template. Raises BadRequest, with what is wrong, for one that cannot be read."""
    return _parts(_pieces(template), 0)


def text(parts: Parts, value: Any, *, allow_missing: bool = True) -> str:
    """Return what a template makes of a value. Raises BadRequest where a path finds nothing and may not miss."""
    return "".join(_texts(parts, value, allow_missing=allow_missing))


def as_json(parts: Parts, value: Any, *, allow_missing: bool = True) -> str:
    """Return all that the paths of a template find, each as a JSON array."""
    found = []
    for part in parts:
        if isinstance(part, Loop):
            raise BadRequest("-o jsonpath-as-json: it has no range; take -o jsonpath")
        if not isinstance(part, str):
            results = jsonpath.found(part, value, allow_missing=allow_missing)
            found.append(json.dumps(results, indent=4, ensure_ascii=False) + "\n")
    return "".join(found)


def _texts(parts: Parts, value: Any, *, allow_missing: bool) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Loop):
            for item in jsonpath.found(part.over, value, allow_missing=allow_missing):
                yield from _texts(part.body, item, allow_missing=allow_missing)
        else:
            yield " ".join(map(_shown, jsonpath.found(part, value, allow_missing=allow_missing)))


def _shown(value: Any) -> str:
    """Return a value as it is printed: texts as they are, the rest as JSON has it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parts(pieces: Iterator[tuple[bool, str]], depth: int) -> Parts:
    """Return parts up to the end that closes them."""
    if depth > _DEEPEST:
        raise BadRequest(f"the JSONPath has more than {_DEEPEST} ranges in one another")
    found: list[Loop | Template | str] = []
    for is_action, piece in pieces:
        if not is_action:
            found.append(piece)
            continue
        word, _, rest = piece.strip().partition(" ")
        if word == "end" and not rest.strip():
            if not depth:
                raise BadRequest("the JSONPath has an {end} without its {range …}")
            return tuple(found)
        if word == "range":
            over = jsonpath.parse("{" + rest + "}")
            found.append(Loop(over, _parts(pieces, depth + 1)))
        else:
            found.append(jsonpath.parse("{" + piece + "}"))
    if depth:
        raise BadRequest("the JSONPath has a {range …} without its {end}")
    return tuple(found)


def _pieces(template: str) -> Iterator[tuple[bool, str]]:
    """Yield texts (False) and what stands in braces (True)."""
    if len(template) > jsonpath.LONGEST:
        raise BadRequest(f"the JSONPath is longer than {jsonpath.LONGEST} characters")
    at = 0
    while at < len(template):
        opening = template.find("{", at)
        if opening < 0:
            yield False, template[at:]
            return
        if opening > at:
            yield False, template[at:opening]
        closing = _closing(template, opening)
        yield True, template[opening + 1 : closing]
        at = closing + 1


def _closing(template: str, opening: int) -> int:
    """Return where the brace is that closes one; what stands in quotes is passed over."""
    quote, place = "", opening + 1
    while place < len(template):
        character = template[place]
        if quote:
            if character == "\\":
                place += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "}":
            return place
        place += 1
    raise BadRequest(f"the JSONPath {template!r} has no closing brace }} for that at {opening + 1}")
