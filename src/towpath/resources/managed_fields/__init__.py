"""Managed fields: which field manager set which fields, and server-side apply, which goes by it.

Kubernetes' rules (structured-merge-diff): whoever updates comes to own what they change. Whoever applies a
configuration owns what it names, together with all others who applied or set the same value; what others own with
another value is a conflict, unless it is forced; and what one named before and names no more goes away, unless others
own it too. An object that nobody has recorded anything of begins to be recorded with its first apply.

A write that changes nothing records nothing. Neither function changes what it is given; what it returns shares parts
with that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, Invalid
from towpath.resources.managed_fields import (
    client_side,
    configurations,
    conflicts,
    merging,
    pruning,
    reconciling,
    records,
    sets,
    walking,
)
from towpath.resources.managed_fields.records import OwnedFields, Owner, Records

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.managed_fields.walking import Comparison
    from towpath.resources.schema import Schema


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
class FieldManager:
    """A field manager, and through what it writes."""

    name: str
    api_version: str
    subresource: str = ""

    def owner(self, operation: records.Operation) -> Owner:
        """Return the owner that it is by an operation."""
        version = self.api_version if operation == "Update" else ""
        return Owner(self.name, operation, version, self.subresource)


def updated(
    schema: Schema, old: Document | None, new: Document, manager: FieldManager, *, now: str
) -> Document:
    """Return a document that a manager has written, with the record of it. `old` is None on a create.

    What the document itself says in `managedFields` counts where it is well-formed: `[{}]` or `[]` ends the recording
    until somebody applies. Raises Invalid for entries with overlong names. `now` is RFC 3339.
    """
    stored = _entries(old)
    given = stored if manager.subresource else _entries(new)
    is_given = given is not None and given != stored
    difference = _difference(schema, {} if old is None else old, new, manager)
    if old is not None and not is_given and not difference:
        return _with(new, stored)
    known = _told(given, new) if is_given else None
    if known is None:
        known = records.decoded(stored) or {}
    if not known and old is not None:
        return _with(new, None)
    known = _reconciled(schema, old or {}, known)
    owner = manager.owner("Update")
    left = _given_up(known, difference)
    taken = _owned(difference.changed, manager)
    if taken:
        mine = left[owner].fields if owner in left else {}
        left[owner] = OwnedFields(sets.union(mine, taken), now, manager.api_version)
    return _with(new, records.encoded(records.bounded(left)))


def applied(
    schema: Schema,
    old: Document | None,
    config: Document,
    manager: FieldManager,
    *,
    force: bool,
    now: str,
) -> Document:
    """Return an object with a manager's configuration applied. `old` is None when there is none yet.

    Raises Conflict naming the fields that others own with another value, unless `force`; BadRequest for a
    configuration that says who manages what, or whose lists cannot be merged. `now` is RFC 3339.
    """
    if _entries(config):
        raise BadRequest("metadata.managedFields must be nil")
    configurations.check(schema, config)
    live, configuration = _plain(old or {}), _plain(config)
    known = records.decoded(_entries(old)) or {}
    owner = manager.owner("Apply")
    stored = known.get(owner)
    if known:
        known = _reconciled(schema, live, known)
    elif old is not None:
        known = _before_first_apply(schema, live, manager, now)
    mine = known.pop(owner, None)
    named = walking.fields(schema, configuration)
    wanted = _owned(named, manager)
    result = merging.merged(schema, live, configuration)
    if mine is not None:
        held = (named, *(record.fields for record in known.values()))
        result = pruning.pruned(schema, result, mine.fields, held)
    difference = _difference(schema, live, result, manager)
    found = conflicts.found(known, difference.changed)
    if found and not force:
        if manager.name == client_side.KUBECTL:
            allowed = client_side.fields(schema, live, manager.api_version)
            found = conflicts.without(found, allowed)
        if found:
            raise conflicts.refusal(found)
    wanted_record = OwnedFields(wanted, now, manager.api_version)
    if stored is not None and not difference and replace(stored, time=now) == wanted_record:
        return client_side.kept(_with(result, _entries(old)), config, manager.name)
    left = _given_up(known, difference)
    if wanted:
        left[owner] = wanted_record
    return client_side.kept(_with(result, records.encoded(left)), config, manager.name)


def _told(given: Any, new: Document) -> Records | None:
    """Return the records that a document is sent with; None when they do not count. Raises Invalid."""
    if records.is_reset(given):
        return {}
    found = records.decoded(given)
    if found:
        wrong = records.errors(given)
        if wrong:
            name = (new.get("metadata") or {}).get("name", "")
            raise Invalid.of(str(new.get("kind", "")), str(name), wrong)
    return found


def _difference(schema: Schema, old: Document, new: Document, manager: FieldManager) -> Comparison:
    """Return how a write changes what it may change: through `status` only that, and never what the system sets."""
    if manager.subresource == _STATUS:
        old, new = ({key: each[key] for key in (_STATUS,) if key in each} for each in (old, new))
        return walking.compared(schema, old, new)
    found = walking.compared(schema, old, new)
    return replace(
        found,
        added=sets.minus(found.added, _NEVER),
        removed=sets.minus(found.removed, _NEVER),
        modified=sets.minus(found.modified, _NEVER),
    )


def _reconciled(schema: Schema, live: Document, known: Records) -> Records:
    """Return records as the schema has their fields now.

    Below `metadata` nobody comes to own what nobody is recorded for: that is controllers', who are not recorded.
    """
    found = {}
    for owner, record in known.items():
        fields = reconciling.reconciled(schema, live, record.fields)
        if fields is not record.fields:
            gained = sets.minus(_below_metadata(fields), record.fields)
            for other in known.values():
                gained = sets.minus(gained, other.fields)
            found[owner] = replace(record, fields=sets.minus(fields, gained))
    return {**known, **found} if found else known


def _below_metadata(fields: FieldSet) -> FieldSet:
    return {element: node for element, node in fields.items() if element == "f:metadata"}


def _before_first_apply(schema: Schema, live: Document, manager: FieldManager, now: str) -> Records:
    """Return the record of an object of which there is none: what it holds belongs to those before."""
    before = replace(manager, name=records.BEFORE_FIRST_APPLY)
    fields = _owned(walking.everything(schema, live), before)
    if not manager.subresource:
        fields = sets.minus(fields, {f"f:{_STATUS}": fields.get(f"f:{_STATUS}", {})})
    return {before.owner("Update"): OwnedFields(fields, now, manager.api_version)} if fields else {}


def _given_up(known: Records, difference: Comparison) -> Records:
    """Return what owners still own after a write of somebody else: not what it changed, nor what is gone."""
    lost = sets.union(difference.changed, difference.removed)
    left = {}
    for owner, record in known.items():
        fields = sets.minus(record.fields, lost)
        if fields:
            left[owner] = record if fields is record.fields else replace(record, fields=fields)
    return left


def _owned(fields: FieldSet, manager: FieldManager) -> FieldSet:
    """Return the fields of a set that somebody may own: through `status` only what is below it."""
    if manager.subresource == _STATUS:
        return {element: node for element, node in fields.items() if element == f"f:{_STATUS}"}
    return sets.minus(fields, _NEVER)


def _entries(document: Document | None) -> Any:
    """Return what a document says of its field managers; None where it says nothing."""
    metadata = (document or {}).get("metadata")
    return metadata.get(_ENTRIES) if isinstance(metadata, dict) else None


def _plain(document: Document) -> Document:
    """Return a document without the record itself."""
    if _entries(document) is None:
        return document
    left = {key: value for key, value in document["metadata"].items() if key != _ENTRIES}
    return {**document, "metadata": left}


def _with(document: Document, entries: Any) -> Document:
    """Return a document with these entries, or without any."""
    if not entries:
        return _plain(document)
    return {**document, "metadata": {**(document.get("metadata") or {}), _ENTRIES: entries}}


__all__ = ["Manager", "applied", "updated"]
