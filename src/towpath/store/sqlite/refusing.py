"""What a write is refused for before it changes a row: what it finds of the object that it replaces, and of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.resources import sizes
from towpath.store import selection, system_fields
from towpath.store.sqlite import rows, statements
from towpath.store.sqlite.object_table import quoted
from towpath.store.touched import Touched

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document, WritePreconditions
    from towpath.store.sqlite.object_table import ObjectTable, Row
    from towpath.store.touched import Untouched

_SQL = statements.load("objects")


def unexpected(row: Row, preconditions: WritePreconditions | None) -> None:
    """Raise Conflict where an object is not what a writer took it for."""
    if preconditions is None:
        return
    named = f"{row.ref.kind.resource} {quoted(row.ref)}"
    if preconditions.uid is not None and preconditions.uid != row.uid:
        raise errors.Conflict(
            f"Operation cannot be fulfilled on {named}: uid {preconditions.uid} was expected, "
            f"the object there now has {row.uid}: it was deleted and made again"
        )
    if preconditions.revision is not None and preconditions.revision != row.revision:
        raise errors.Conflict(
            f"Operation cannot be fulfilled on {named}: the object has been modified; "
            "please apply your changes to the latest version and try again"
        )


def renamed(objects: ObjectTable, row: Row, wanted: Document) -> None:
    """Raise BadRequest where a patch makes another object of one."""
    found = system_fields.of(wanted)
    same = (
        objects.kind_of(wanted) is row.ref.kind
        and found.get("name") == row.ref.name
        and (found.get("namespace") or "") == row.ref.namespace
    )
    if not same:
        raise errors.BadRequest(
            f"a patch must not change apiVersion, kind, name or namespace of {row.ref}"
        )


def touched(objects: ObjectTable, wanted: Untouched | None) -> None:
    """Raise Touched where something was written that was to stay as somebody saw it, or nobody can tell any more."""
    if wanted is None:
        return
    floor, _ = rows.first(objects.connection, _SQL["log-state"])
    if wanted.since < floor:
        raise Touched(f"the change log does not reach back to revision {wanted.since} any more")
    for each in wanted.objects:
        end = each.end or f"{each.first}\0"
        number = objects.registry.number(each.kind)
        terms = (number, wanted.since, each.namespace, each.first, end)
        found = rows.first(objects.connection, _SQL["written-since"], terms)
        if found is not None:
            (name,) = found
            raise Touched(
                f"{each.kind.resource} {each.namespace}/{name} was written since revision {wanted.since}"
            )


def taken(objects: ObjectTable, ref: Ref, before: Document | None, wanted: Document) -> None:
    """Raise Conflict for a value of a unique index that another object of the namespace has.

    A value that the object has already stays, whoever else has it: such data is mended by itself.
    """
    number = objects.registry.number(ref.kind)
    for index in ref.kind.unique_indexes:
        had = selection.values(before, index.path) if before is not None else []
        for value in selection.values(wanted, index.path):
            if not value or value in had:
                continue
            place = (number, index.path, value, ref.namespace, ref.name)
            other = rows.first(objects.connection, _SQL["other-with-field"], place)
            if other is not None:
                cause = errors.FieldError(
                    index.path,
                    "FieldValueDuplicate",
                    f'Duplicate value: "{value}": {ref.kind.name} {other[0]} has it',
                )
                raise errors.Conflict(f"{ref}: {cause}", [cause])


def large(ref: Ref, plain: bytes, before: Row | None) -> None:
    """Raise TooLarge for an object that is larger than may be and than it was. `plain`: what it is to be, as JSON."""
    known = len(before.plain) + sizes.SYSTEM_BYTES if before is not None else 0
    if len(plain) > max(sizes.LARGEST_BYTES, known):
        raise errors.TooLarge(
            f"Request entity too large: {ref} would be {len(plain):,} bytes of JSON, and limit is "
            f"{sizes.LARGEST_BYTES}: keep large data elsewhere and refer to it"
        )
