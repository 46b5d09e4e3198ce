"""The opaque cursor of a list: where the last page ended, at which revision, of which list."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

import msgspec

from towpath import errors

if TYPE_CHECKING:
    from towpath.store.contract import Order, Query


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where to go on. `value` is the order's field of the last object, "" in a list ordered by name."""

    version: int
    list: str
    """Fingerprint of query and order: a cursor continues the list it came from and no other."""
    revision: int
    value: str
    namespace: str
    name: str

    def encode(self) -> str:
        """Return the text a client passes back."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


_VERSION = 1
_LATEST = (1 << 63) - 1


def after(
    query: Query, order: Order | None, *, revision: int, value: str, namespace: str, name: str
) -> Cursor:
    """Return the cursor behind an object."""
    return Cursor(_VERSION, _fingerprint(query, order), revision, value, namespace, name)


def decode(text: str, query: Query, order: Order | None) -> Cursor:
    """Return the cursor a client passed back. Raises BadRequest if it is not one for this list."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=Cursor)
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise errors.BadRequest(
            "cursor: not one that this store gave out; start the list anew"
        ) from error
    if not 0 <= cursor.revision <= _LATEST:
        raise errors.BadRequest("cursor: not one that this store gave out; start the list anew")
    if cursor.version != _VERSION or cursor.list != _fingerprint(query, order):
        raise errors.BadRequest(
            "cursor: belongs to a list with other selectors or another order; start the list anew"
        )
    return cursor


def _fingerprint(query: Query, order: Order | None) -> str:
    parts = (
        query.kind.resource,
        query.namespace,
        sorted((r.key, r.operator, sorted(r.values)) for r in query.labels),
        sorted((t.path, t.value, t.negated) for t in query.fields),
        (order.path, order.descending, order.between) if order else None,
    )
    return hashlib.blake2s(msgspec.json.encode(parts), digest_size=9).hexdigest()
