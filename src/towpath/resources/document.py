"""A document: an object as it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_MOST_DIGITS: Final = 15

Document = dict[str, Any]
"""A JSON object, by its wire names. Whoever passes one in or gets one out owns it from then on."""


def at(value: Any, *path: str) -> Any:
    """Return what lies at a path of keys; None where something on the way is no object or does not have the key."""
    for key in path:
        if type(value) is not dict and not isinstance(value, Mapping):  # the first is quick to tell
            return None
        value = value.get(key)
    return value


def text(value: Any, *path: str) -> str:
    """Return the text at a path of keys; empty where there is none, or something else."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: Any, *path: str) -> int:
    """Return the whole number at a path of keys; 0 where there is none, or one of more than fifteen digits."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, int):
        return 0
    return found if abs(found) < 10**_MOST_DIGITS else 0


def items(value: Any, *path: str) -> list[Any]:
    """Return the list at a path of keys, or the value itself where none is given; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def texts(value: Any, *path: str) -> list[str]:
    """Return the items of the list at a path of keys, or of the value itself where none is given, each as text."""
    return [str(each) for each in items(value, *path)]


def documents(value: Any, *path: str) -> list[Document]:
    """Return the objects of the list at a path of keys, or of the value itself where none is given; without what is none."""
    return [each for each in items(value, *path) if isinstance(each, dict)]
