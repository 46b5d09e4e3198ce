"""JSON Patch (RFC 6902): a list of operations, done in order, all or none.

Numbers compare as JSON has them: 1 and 1.0 are the same, true is neither.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest, FieldError, Invalid, TooLarge
from towpath.resources.copying import copied

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_OPERATIONS: Final = 10_000
"""As many as an API server takes."""
LARGEST_RESULT: Final = 3 << 20
"""Bytes that copies may add: a document that doubles itself is stopped."""

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)


class _RefusedError(ValueError):
    """An operation cannot be done; the message says why."""


def apply(document: Any, operations: Any) -> Any:
    """Return the patched document.

    Raises BadRequest for what is no JSON Patch, Invalid for an operation that cannot be done, both naming the
    operation's place in the list; TooLarge for too many operations.
    """
    if not isinstance(operations, list):
        raise BadRequest("a JSON patch is a list of operations")
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(
            f"the JSON patch has {len(operations)} operations; at most {MOST_OPERATIONS} are taken"
        )
    patched = _Patched(copied(document))
    for place, operation in enumerate(operations):
        act = _readable(operation, place)
        try:
            act(patched)
        except _RefusedError as error:
            said = f"{operation['op']} {operation['path']!r}: {error}"
            wrong = FieldError(f"patch[{place}]", "FieldValueInvalid", said)
            raise Invalid(
                f"the server rejected our request due to an error in our request: {wrong}", [wrong]
            ) from error
    return patched.root


class _Patched:
    """A document under change."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._copied = 0

    def get(self, path: list[str]) -> Any:
        """Return what is at a path."""
        here = self.root
        for step in path:
            here = _child(here, step)
        return here

    def add(self, path: list[str], value: Any) -> None:
        """Insert into a list, or set in an object."""
        if not path:
            self.root = value
            return
        parent, last = self.get(path[:-1]), path[-1]
        if isinstance(parent, dict):
            parent[last] = value
        elif isinstance(parent, list):
            parent.insert(len(parent) if last == "-" else _place(last, len(parent) + 1), value)
        else:
            raise _RefusedError("its parent is neither an object nor a list")

    def remove(self, path: list[str]) -> Any:
        """Take away what is at a path, and return it."""
        if not path:
            found, self.root = self.root, None
            return found
        parent, last = self.get(path[:-1]), path[-1]
        found = _child(parent, last)
        del parent[last if isinstance(parent, dict) else int(last)]
        return found

    def replace(self, path: list[str], value: Any) -> None:
        """Set what is there already."""
        if not path:
            self.root = value
            return
        parent, last = self.get(path[:-1]), path[-1]
        _child(parent, last)
        parent[last if isinstance(parent, dict) else int(last)] = value

    def move(self, source: list[str], path: list[str]) -> None:
        """Take away from one place and add at another."""
        if path[: len(source)] == source and len(path) > len(source):
            raise _RefusedError("a value cannot be moved into itself")
        self.get(source)
        self.add(path, self.remove(source))

    def copy(self, source: list[str], path: list[str]) -> None:
        """Add at one place what is at another."""
        found = self.get(source)
        self._copied += len(msgspec.json.encode(found))
        if self._copied > LARGEST_RESULT:
            raise _RefusedError(f"copies would add more than {LARGEST_RESULT} bytes")
        self.add(path, copied(found))

    def test(self, path: list[str], value: Any) -> None:
        """Refuse unless that is what is there."""
        if not _equal(self.get(path), value):
            raise _RefusedError("the value there is another")


def _readable(operation: Any, place: int) -> Callable[[_Patched], None]:
    """Return what an operation does. Raises BadRequest for what is not an operation."""
    where = f"operation {place} of the JSON patch"
    if not isinstance(operation, dict):
        raise BadRequest(f"{where} is no object")
    name = operation.get("op")
    path = _path(operation, "path", where)
    match name:
        case "add" | "replace" | "test":
            if "value" not in operation:
                raise BadRequest(f"{where}: {name} needs a value")
            value = copied(operation["value"])
            return lambda patched: getattr(patched, name)(path, value)
        case "remove":
            return lambda patched: _ignored(patched.remove(path))
        case "move" | "copy":
            source = _path(operation, "from", where)
            return lambda patched: getattr(patched, name)(source, path)
    raise BadRequest(
        f"{where}: op is {name!r}; it is one of add, remove, replace, move, copy, test"
    )


def _path(operation: dict[str, Any], key: str, where: str) -> list[str]:
    """Return the steps of a JSON Pointer (RFC 6901). Raises BadRequest."""
    pointer = operation.get(key)
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise BadRequest(f"{where}: {key} must be empty or begin with a slash")
    if re.search(r"~(?![01])", pointer):
        raise BadRequest(f"{where}: {key}: `~` is written ~0, and `/` in a name ~1")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _child(parent: Any, step: str) -> Any:
    if isinstance(parent, dict):
        if step not in parent:
            raise _RefusedError(f"there is no {step!r}")
        return parent[step]
    if isinstance(parent, list):
        return parent[_place(step, len(parent))]
    raise _RefusedError(f"there is no {step!r}: its parent is neither an object nor a list")


def _place(step: str, end: int) -> int:
    if not _INDEX.fullmatch(step) or int(step) >= end:
        raise _RefusedError(f"{step!r} is no place of the list, which ends before {end}")
    return int(step)


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON (RFC 6902 §4.6)."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)


def _ignored(_: Any) -> None:
    return
