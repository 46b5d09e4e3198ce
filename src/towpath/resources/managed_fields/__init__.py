"""Managed fields: which field manager set which fields, and server-side apply, which goes by it.

Kubernetes' rules (structured-merge-diff): whoever updates comes to own what they change. Whoever applies a
configuration owns what it names, together with all others who applied or set the same value; what others own with
another value is a conflict, unless it is forced; and what one named before and names no more goes away, unless others
own it too. An object that nobody has recorded anything of begins to be recorded with its first apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, Conflict, FieldError
from towpath.resources.managed_fields import client_side, merging, records, sets, walking
from towpath.resources.managed_fields.records import Owner, Record, Records

if TYPE_CHECKING:
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.managed_fields.walking import Comparison
    from towpath.resources.schema import Schema

Document = dict[str, Any]
"""A JSON object."""

_ENTRIES: Final = "managedFields"
_STATUS: Final = "status"
_NEVER: Final[FieldSet] = {
    "f:apiVersion": {},
    "f:kind": {},
    "f:metadata": {
        ".": {},
        "f:clusterName": {},
        "f:creationTimestamp": {},
        "f:deletionGracePeriodSeconds": {},
        "f:deletionTimestamp": {},
        "f:generation": {},
        "f:managedFields": {},
        "f:name": {},
        "f:namespace": {},
        "f:resourceVersion": {},
        "f:selfLink": {},
        "f:uid": {},
    },
}
"""Fields that nobody owns: the system sets them, or they say which object it is."""


@dataclass(frozen=True, slots=True)
class Manager:
    """A field manager, and through what it writes."""

    name: str
    api_version: str
    subresource: str = ""

    def owner(self, operation: records.Operation) -> Owner:
        """Return the owner that it is by an operation."""
        version = self.api_version if operation == "Update" else ""
        return Owner(self.name, operation, version, self.subresource)


def updated(
    schema: Schema, old: Document | None, new: Document, manager: Manager, *, now: str
) -> Document:
    """Return a document that a manager has written, with the record of it. `old` is None on a create.

    What the document itself says in `managedFields` counts where it is well-formed: `[{}]` ends the recording. `now` is
    RFC 3339.
    """
    given = new.get("metadata", {}).get(_ENTRIES)
    known = _known(old, given, is_subresource=bool(manager.subresource))
    if known is None:
        return _with(new, {})
    if not known and old is not None:
        return _with(new, {})
    before = {} if old is None else _plain(old)
    difference = walking.compared(schema, before, _plain(new))
    taken = _owned(sets.union(difference.modified, difference.added), manager)
    left = _given_up(known, difference)
    if taken:
        owner = manager.owner("Update")
        mine = left[owner].fields if owner in left else {}
        left[owner] = Record(sets.union(mine, taken), now, manager.api_version)
    return _with(new, records.bounded(left))


def applied(
    schema: Schema,
    old: Document | None,
    config: Document,
    manager: Manager,
    *,
    force: bool,
    now: str,
) -> Document:
    """Return an object with a manager's configuration applied. `old` is None when there is none yet.

    Raises Conflict naming the fields that others own with another value, unless `force`; BadRequest for a
    configuration that says who manages what, or whose lists cannot be merged. `now` is RFC 3339.
    """
    if (config.get("metadata") or {}).get(_ENTRIES):
        raise BadRequest("metadata.managedFields must be nil")
    live = {} if old is None else old
    known = records.decoded((live.get("metadata") or {}).get(_ENTRIES)) or {}
    if not known and old is not None:
        known = _before_first_apply(schema, old, manager, now)
    configuration = _plain(config)
    owner = manager.owner("Apply")
    last = known[owner].fields if owner in known else {}
    named = walking.applied_fields(schema, configuration)
    wanted = _owned(named, manager)
    claims = {**known, owner: Record(wanted, now, manager.api_version)}
    result = merging.merged(schema, _plain(live), configuration)
    if last:
        held = named
        for record in claims.values():
            held = sets.union(held, record.fields)
        gone = sets.minus(merging.with_named(schema, last), merging.with_named(schema, held))
        result = merging.without(schema, result, gone)
    difference = walking.compared(schema, _plain(live), result)
    conflicts = _conflicts(claims, owner, difference)
    if conflicts and not force:
        conflicts = _unsettled(schema, live, conflicts, manager)
        if conflicts:
            raise _refusal(conflicts)
    left = _given_up({each: record for each, record in claims.items() if each != owner}, difference)
    if wanted:
        is_same = owner in known and known[owner].fields == wanted and not _differs(difference)
        time = known[owner].time if is_same else now
        left[owner] = Record(wanted, time, manager.api_version)
    return client_side.kept(_with(result, left), config, manager.name)


def _known(old: Document | None, given: Any, *, is_subresource: bool) -> Records | None:
    """Return the records that a write starts from; None when they are to be forgotten."""
    stored = (old or {}).get("metadata", {}).get(_ENTRIES)
    if not is_subresource and given != stored:
        if records.is_reset(given):
            return None
        found = records.decoded(given)
        if found:
            return found
    return records.decoded(stored) or {}


def _before_first_apply(schema: Schema, old: Document, manager: Manager, now: str) -> Records:
    """Return the record of an object of which there is none: what it holds belongs to those before."""
    before = Manager(records.BEFORE_FIRST_APPLY, manager.api_version)
    fields = _owned(walking.everything(schema, _plain(old)), before)
    return {before.owner("Update"): Record(fields, now, manager.api_version)} if fields else {}


def _given_up(known: Records, difference: Comparison) -> Records:
    """Return what owners still own after a write of somebody else: not what it changed, nor what is gone."""
    lost = sets.union(sets.union(difference.modified, difference.added), difference.removed)
    if not lost:
        return dict(known)
    left = {}
    for owner, record in known.items():
        fields = sets.minus(record.fields, lost)
        if fields:
            left[owner] = Record(fields, record.time, record.api_version)
    return left


def _conflicts(claims: Records, owner: Owner, difference: Comparison) -> dict[Owner, FieldSet]:
    """Return the fields that a write changes and others own, by owner."""
    changed = sets.union(difference.modified, difference.added)
    found = {}
    for other, record in claims.items():
        if other != owner:
            shared = sets.common(record.fields, changed)
            if shared:
                found[other] = shared
    return found


def _unsettled(
    schema: Schema, live: Document, conflicts: dict[Owner, FieldSet], manager: Manager
) -> dict[Owner, FieldSet]:
    """Return the conflicts but for those over fields that the same kubectl applied client-side before."""
    allowed = client_side.fields(schema, live) if manager.name == client_side.KUBECTL else {}
    if not allowed:
        return conflicts
    left = {owner: sets.minus(fields, allowed) for owner, fields in conflicts.items()}
    return {owner: fields for owner, fields in left.items() if fields}


def _refusal(conflicts: dict[Owner, FieldSet]) -> Conflict:
    """Word conflicts as an API server does."""
    listed = [
        (owner, sets.printed(path))
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


def _owned(fields: FieldSet, manager: Manager) -> FieldSet:
    """Return the fields of a set that somebody may own: through `status` only what is below it."""
    if manager.subresource == _STATUS:
        return {element: node for element, node in fields.items() if element == "f:status"}
    return sets.minus(fields, _NEVER)


def _differs(difference: Comparison) -> bool:
    return bool(difference.added or difference.removed or difference.modified)


def _plain(document: Document) -> Document:
    """Return a document without the record itself."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or _ENTRIES not in metadata:
        return document
    left = {key: value for key, value in metadata.items() if key != _ENTRIES}
    return {**document, "metadata": left}


def _with(document: Document, found: Records) -> Document:
    """Return a document with its record, or without one."""
    plain = _plain(document)
    entries = records.encoded(found)
    if not entries:
        return plain
    return {**plain, "metadata": {**(plain.get("metadata") or {}), _ENTRIES: entries}}


__all__ = ["Manager", "applied", "updated"]
