"""What is told of a retry: which Promotion it tries again, from which step, and why not from where that one ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources.annotations import RETRY_FROM, RETRY_NOTE, RETRY_OF

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(annotations: Mapping[str, str]) -> dict[str, str] | None:
    """Return it as a document; None for what is no retry."""
    name = annotations.get(RETRY_OF)
    if not name:
        return None
    return {
        "of": name,
        "fromStep": annotations.get(RETRY_FROM, ""),
        "note": annotations.get(RETRY_NOTE, ""),
    }


def line(annotations: Mapping[str, str]) -> str:
    """Return it as a line for people; empty for what is no retry."""
    found = told(annotations)
    if found is None:
        return ""
    note = f": {found['note']}" if found["note"] else ""
    return f"retries Promotion {found['of']} from step {found['fromStep']}{note}"
