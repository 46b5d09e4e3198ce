"""What a TOML text says, by the strict reader of the standard library, floats as they are written."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Float:
    """A float as it is written: `1.0` is not `1.00`, and nan is nan."""

    text: str

    @property
    def number(self) -> float:
        """The float."""
        return float(self.text.replace("_", ""))


def read(text: str, source: str) -> dict[str, Any]:
    """Return what a text says. Raises BadRequest naming the place of what is no TOML."""
    try:
        return tomllib.loads(text, parse_float=Float)
    except RecursionError as error:
        raise BadRequest(f"{source}: it is nested too deep to be read") from error
    except ValueError as error:  # also for a number of more digits than Python reads
        raise BadRequest(f"{source}: it is not valid TOML: {error}") from error


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types throughout."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def reached(document: Any, parts: Sequence[str], key: str) -> tuple[Any, tuple[str, ...]]:
    """Return the scalar that parts lead to, and the parts with indexes as they are counted.

    Raises BadRequest that says which part leads nowhere, and what is there instead.
    """
    here, path = document, ""
    counted: list[str] = []
    for part in parts:
        where = f"in {path}" if path else "at the top"
        if isinstance(here, dict):
            if part not in here:
                there = messages.most_alike(part, list(here), _SHOWN, none="nothing")
                raise BadRequest(
                    f"key {key!r} does not exist: there is no {part!r} {where}; there is {there}"
                )
            here = here[part]
        elif isinstance(here, list):
            if not (part.isascii() and part.isdecimal()):
                raise BadRequest(
                    f"key {key!r} does not exist: {path} is an array; {part!r} is no index"
                )
            if len(part) > 9 or int(part) >= len(here):
                last = f"so the last index is {len(here) - 1}" if here else "so it has no index"
                raise BadRequest(
                    f"key {key!r} does not exist: {path} has {len(here)} items, {last}"
                )
            part = str(int(part))  # noqa: PLW2901 - `00` is 0
            here = here[int(part)]
        else:
            raise BadRequest(f"key {key!r} does not exist: {path} is a scalar")
        counted.append(part)
        path = f"{path}.{part}" if path else part
    if isinstance(here, dict | list):
        what = "a table" if isinstance(here, dict) else "an array"
        raise BadRequest(f"key {key!r} cannot be set: {path} is {what}, not a scalar")
    return here, tuple(counted)


def put(document: Any, parts: Sequence[str], value: Any) -> None:
    """Set the value that parts lead to."""
    for part in parts[:-1]:
        document = document[int(part) if isinstance(document, list) else part]
    document[int(parts[-1]) if isinstance(document, list) else parts[-1]] = value
