"""Copies of documents: what JSON has and nothing else, ten times as quick as `copy.deepcopy`."""

from __future__ import annotations

from typing import Any


def copied(value: Any) -> Any:
    """Return a copy of a value that is made of objects, lists and what cannot change."""
    if type(value) is dict:
        return {
            key: copied(item) if type(item) is dict or type(item) is list else item
            for key, item in value.items()
        }
    if type(value) is list:
        return [
            copied(item) if type(item) is dict or type(item) is list else item for item in value
        ]
    return value
