"""Documents to rows and back: JSON, sealed where the kind says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from towpath import errors
from towpath.store import damage, sealed
from towpath.store.contract import Stored

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document


class ValueSealer(Protocol):
    """Encrypts and authenticates; `context` must be the same both times."""

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Return the sealed form."""
        ...

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Return the plain form. Raises Unavailable when it was tampered with or sealed under another key."""
        ...


def context(resource: str, namespace: str, name: str, uid: str) -> bytes:
    """Return what binds a sealed body to its object, so that bodies cannot be exchanged between rows."""
    return f"{resource}\x00{namespace}\x00{name}\x00{uid}".encode()


class Codec:
    """Encodes and decodes the `body` and `before` columns."""

    def __init__(self, sealer: ValueSealer) -> None:
        self._sealer = sealer

    def encode(self, document: Document) -> bytes:
        """Return the JSON of a document. Raises BadRequest for what JSON cannot carry."""
        try:
            return msgspec.json.encode(document)
        except (UnicodeEncodeError, OverflowError, TypeError, ValueError, RecursionError) as error:
            raise errors.BadRequest(f"the object cannot be written as JSON: {error}") from error

    def pack(self, ref: Ref, uid: str, plain: bytes) -> tuple[int, bytes]:
        """Return (sealed flag, column) for the JSON of an object."""
        if not ref.kind.sealed:
            return 0, plain
        bound = context(ref.kind.resource, ref.namespace, ref.name, uid)
        return 1, self._sealer.seal(plain, bound)

    def unpack(self, ref: Ref, uid: str, flag: int, column: bytes) -> bytes:
        """Return the JSON of an object, sealed values and all."""
        if not flag:
            return column
        return self._sealer.unseal(column, context(ref.kind.resource, ref.namespace, ref.name, uid))

    def shown(self, ref: Ref, uid: str, revision: int, plain: bytes) -> Stored:
        """Return an object as readers see it: a sealed one that is damaged without anything of it."""
        if ref.kind.sealed:
            try:
                plain = msgspec.json.encode(sealed.mask(damage.document(ref, plain)))
            except damage.Damaged:
                plain = b""
        return Stored(ref, uid, revision, plain)

    def read(self, ref: Ref, uid: str, revision: int, flag: int, column: bytes) -> Stored:
        """Return a row as readers see it; one that cannot be opened is a damaged object."""
        return self.shown(ref, uid, revision, self.opened(ref, uid, flag, column))

    def opened(self, ref: Ref, uid: str, flag: int, column: bytes) -> bytes:
        """Return the JSON of an object as `unpack` does; nothing, and a line in the log, if it cannot be opened."""
        try:
            return self.unpack(ref, uid, flag, column)
        except errors.Unavailable as error:
            damage.tell(uid, column, error)
            return b""
