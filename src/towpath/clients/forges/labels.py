"""Labels as forges answer them. Pure."""

from __future__ import annotations

from typing import Any

from towpath.resources.document import items, text


def names(value: Any, *keys: str) -> frozenset[str]:
    """Return the names of a list of labels, which are texts or objects with a name."""
    return frozenset(
        name
        for each in items(value, *keys)
        if (name := each if isinstance(each, str) else text(each, "name"))
    )
