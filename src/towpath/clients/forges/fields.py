"""Fields of what forges answer, where a field may be missing or of another kind. Pure."""

from __future__ import annotations

from typing import Any


def at(value: Any, *keys: str) -> Any:
    """Return what stands below keys; None where something on the way is no object, or not there."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: Any, *keys: str) -> str:
    """Return a text below keys; empty where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def number(value: Any, *keys: str) -> int:
    """Return a number below keys; 0 where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def items(value: Any, *keys: str) -> list[Any]:
    """Return a list below keys, or the value itself; empty where there is none."""
    found = at(value, *keys) if keys else value
    return found if isinstance(found, list) else []


def names(value: Any, *keys: str) -> frozenset[str]:
    """Return the names of a list of labels, which are texts or objects with a name."""
    return frozenset(
        name
        for each in items(value, *keys)
        if (name := each if isinstance(each, str) else text(each, "name"))
    )
