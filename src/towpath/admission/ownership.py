"""Who owns which fields after a write: `managedFields`, as functions that can run in another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import managed_fields
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind
    from towpath.resources.managed_fields import FieldManager
    from towpath.store.contract import Document


def applied(
    kind: Kind,
    old: Document | None,
    configuration: Document,
    by: FieldManager,
    *,
    force: bool,
    now: str,
) -> Document:
    """Return an object with a configuration merged into it. Raises Conflict, BadRequest."""
    return managed_fields.applied(
        schema_of(kind.type), old, configuration, by, force=force, now=now
    )


def tracked(
    kind: Kind, old: Document | None, new: Document, by: FieldManager, *, now: str
) -> Document:
    """Return `new` with what its managedFields are after a write by a field manager.

    The status is nobody's here where it is a subresource, and the `spec` of a Namespace, which the server fills in.
    """
    schema = schema_of(kind.type)
    if not kind.status or by.subresource:
        return managed_fields.updated(schema, old, new, by, now=now)
    apart = ("spec", "status") if kind.life_cycle else ("status",)
    left, before = _without(new, apart), None if old is None else _without(old, apart)
    found = managed_fields.updated(schema, before, left, by, now=now)
    return {**found, **{field: new[field] for field in apart if field in new}}


def _without(document: Document, fields: tuple[str, ...]) -> Document:
    return {key: value for key, value in document.items() if key not in fields}
