"""A document: an object as it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
"""A JSON object, by its wire names. Whoever passes one in or gets one out owns it from then on."""


def at(value: Any, *path: str) -> Any:
    """Return what lies at a path of keys; None where something on the way is no object or does not have the key."""
    for key in path:
        if type(value) is not dict and not isinstance(value, Mapping):  # the first is quick to tell
            return None
        value = value.get(key)
    return value
