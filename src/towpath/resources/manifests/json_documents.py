"""Documents of a text that is JSON, one or several after another."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest
from towpath.resources import scalars
from towpath.resources.manifests.bounds import too_deep

if TYPE_CHECKING:
    from towpath.resources.manifests.bounds import ManifestBudget

_SURELY_64_BITS: Final = 18
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\n{}\[\]]', re.DOTALL)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_COLON: Final = re.compile(r"\s*:")


class _Repeated(Exception):  # noqa: N818 - a signal: where the key is repeated is found afterwards
    pass


def documents(text: str, source: str, budget: ManifestBudget) -> list[tuple[Any, int]] | None:
    """Return each document and the line it begins on; None if the text is not JSON.

    Raises BadRequest for a key that is twice in an object, TooLarge for what is too deep or too much.
    """
    start, line = _after_space(text, 0), 1
    if text[start : start + 1] not in ("{", "["):
        return None
    decoder = json.JSONDecoder(
        object_pairs_hook=_object,
        parse_constant=_refuse_constant,
        parse_float=_float,
        parse_int=_integer,
    )
    found: list[tuple[Any, int]] = []
    end = 0
    while start < len(text):
        line += text.count("\n", end, start)
        place = f"{source}: line {line}"
        try:
            value, end = decoder.raw_decode(text, start)
        except RecursionError as error:
            raise too_deep(place) from error
        except _Repeated:
            raise _repetition(text, source, start, line) from None
        except ValueError:
            return None  # YAML in braces, or an error that the YAML reader tells with its place
        budget.take_document(source)
        if _SURROGATE.search(text, start, end):
            _refuse_surrogates(value, place)
        budget.take_all(value, place)
        found.append((value, line))
        line += text.count("\n", start, end)
        start = _after_space(text, end)
    return found


def _refuse_surrogates(value: Any, place: str) -> None:
    """Raise BadRequest for text that cannot be written as UTF-8: one half of an escaped pair without the other."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadRequest(f"{place}: a lone surrogate is not text") from error


def _after_space(text: str, start: int) -> int:
    while text[start : start + 1] in (" ", "\t", "\r", "\n"):
        start += 1
    return start


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Repeated
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is more than a number can be")
    return value


def _integer(text: str) -> int | float:
    if len(text) <= _SURELY_64_BITS:
        return int(text)
    value: int | float = scalars.resolve(text)
    return value


def _repetition(text: str, source: str, start: int, line: int) -> BadRequest:
    """Find the first key that is repeated in a document which has one."""
    objects: list[dict[str, int]] = []
    line_start = text.rfind("\n", 0, start) + 1
    for token in _TOKEN.finditer(text, start):
        match token[0]:
            case "\n":
                line, line_start = line + 1, token.end()
            case "{" | "[":
                objects.append({})
            case "}" | "]":
                objects.pop()
            case string if _COLON.match(text, token.end()):
                key = json.loads(string)
                if key in objects[-1]:
                    return BadRequest(
                        f"{source}: line {line}, column {token.start() - line_start + 1}: "
                        f"key {json.dumps(key)} is already set on line {objects[-1][key]}"
                    )
                objects[-1][key] = line
    raise AssertionError("the document has no repeated key")
