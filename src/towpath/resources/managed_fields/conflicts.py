"""Conflicts: fields that a configuration would change and others own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import Conflict, FieldError
from towpath.resources.managed_fields import elements, sets

if TYPE_CHECKING:
    from towpath.resources.managed_fields.records import Owner, Records
    from towpath.resources.managed_fields.sets import FieldSet

Conflicts = dict["Owner", "FieldSet"]
"""The fields of each owner."""


def found(others: Records, changed: FieldSet) -> Conflicts:
    """Return which of the changed fields others own."""
    shared = {owner: sets.common(record.fields, changed) for owner, record in others.items()}
    return {owner: fields for owner, fields in shared.items() if fields}


def without(conflicts: Conflicts, allowed: FieldSet) -> Conflicts:
    """Return the conflicts but for those over certain fields."""
    left = {owner: sets.minus(fields, allowed) for owner, fields in conflicts.items()}
    return {owner: fields for owner, fields in left.items() if fields}


def refusal(conflicts: Conflicts) -> Conflict:
    """Word conflicts as an API server does: by owner, their fields in order."""
    listed = [
        (owner, elements.printed(path))
        for owner in sorted(conflicts, key=lambda each: each.order)
        for path in sets.paths(conflicts[owner])
    ]
    causes = [
        FieldError(path, "FieldManagerConflict", f"conflict with {owner}") for owner, path in listed
    ]
    if len(listed) == 1:
        [(owner, path)] = listed
        return Conflict(f"Apply failed with 1 conflict: conflict with {owner}: {path}", causes)
    lines: list[str] = []
    for owner in dict.fromkeys(owner for owner, _ in listed):
        lines.append(f"conflicts with {owner}:")
        lines += [f"- {path}" for each, path in listed if each == owner]
    return Conflict(f"Apply failed with {len(listed)} conflicts: " + "\n".join(lines), causes)
