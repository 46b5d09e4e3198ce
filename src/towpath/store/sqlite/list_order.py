"""The order of a list by a field: what it holds now, and what was replaced since, brought together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Ref
    from towpath.store.contract import Order, Stored
    from towpath.store.sqlite.cursor import Cursor
    from towpath.store.sqlite.listing import ListPosition

_MERGE_SLACK = 1_000


class ListSlice(NamedTuple):
    """A part of a list."""

    items: list[Stored]
    revision: int
    last: Cursor | None
    """Behind the last item, if more may follow."""


class OrderedObject(NamedTuple):
    """An object of a list with what it is ordered by."""

    value: str
    stored: Stored


def merged(
    found: list[OrderedObject],
    replaced: Iterator[OrderedObject],
    order: Order,
    *,
    limit: int | None,
) -> list[OrderedObject]:
    """Return both in order, the first `limit` of them, holding not many more than those at any time."""
    descending = order.descending
    for each in replaced:
        found.append(each)
        if limit is not None and len(found) > 2 * limit + _MERGE_SLACK:
            found = _sorted(found, descending=descending)[:limit]
    return _sorted(found, descending=descending)[:limit]


def _sorted(objects: list[OrderedObject], *, descending: bool) -> list[OrderedObject]:
    """Sort by value (in the wanted direction), then namespace, then name: two stable passes."""
    by_name = sorted(objects, key=lambda found: place(found.stored.ref))
    return sorted(by_name, key=lambda found: found.value.encode(), reverse=descending)


def is_behind(each: OrderedObject, after: Cursor, *, descending: bool) -> bool:
    """Whether an object comes after where a list has been read to."""
    value, last = each.value.encode(), after.value.encode()
    if value != last:
        return value < last if descending else value > last
    return place(each.stored.ref) > (after.namespace.encode(), after.name.encode())


def place(ref: Ref | ListPosition) -> tuple[bytes, bytes]:
    """Return what objects of one value are ordered by."""
    return ref.namespace.encode(), ref.name.encode()
