"""One document laid over another: what is said above counts, and what is not said stays."""

from __future__ import annotations

from typing import Any


def overlaid(above: Any, below: Any) -> Any:
    """Return `below` with `above` laid over it: objects by key, lists by position, as long as the list above.

    Neither is changed. A null above is a value like any other.
    """
    if isinstance(above, dict) and isinstance(below, dict):
        return {
            **below,
            **{
                key: overlaid(value, below[key]) if key in below else value
                for key, value in above.items()
            },
        }
    if isinstance(above, list) and isinstance(below, list):
        return [
            overlaid(value, below[place]) if place < len(below) else value
            for place, value in enumerate(above)
        ]
    return above
