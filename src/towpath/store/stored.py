"""One object at one revision, as readers of the store get it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from towpath.resources import legible, structs
from towpath.store import damage

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.resources.kinds import Ref

MASK: Final = "KioqIFJFREFDVEVEICoqKg=="
"""What stands for a sealed value on read: base64 of `*** REDACTED ***`, as Kargo's API shows it."""

ViewT = TypeVar("ViewT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Stored:
    """One object at one revision. `raw` is its JSON (UTF-8), `metadata.resourceVersion` included."""

    ref: Ref
    uid: str
    revision: int
    raw: bytes

    @property
    def document(self) -> Document:
        """A new, mutable document decoded from `raw`. Raises Damaged."""
        return damage.document(self.ref, self.raw)

    @property
    def legible(self) -> bytes:
        """`raw` as readers outside get it: what a strict decoder could not read is put right.

        In the place of an object that is damaged stands one that says so.
        """
        type_ = self.ref.kind.type
        try:
            return legible.legible(type_, self.raw)
        except (ValueError, RecursionError) as error:
            found = damage.of(self.ref, str(error) if self.raw else damage.UNOPENED)
        damage.tell(self.uid, self.raw, found)
        shown = damage.stand_in(self.ref, self.uid, self.revision, found)
        return msgspec.json.encode(legible.mended(type_, shown))

    @property
    def legible_document(self) -> Document:
        """A new document decoded from `legible`."""
        document: Document = msgspec.json.decode(self.legible)
        return document

    def view(self, type_: type[ViewT]) -> ViewT:
        """`raw` as the typed struct of its kind; what a field cannot have counts as not there. Raises Damaged."""
        try:
            return structs.view(type_, self.raw)
        except (ValueError, RecursionError) as error:
            raise damage.of(self.ref, str(error) if self.raw else damage.UNOPENED) from error
