"""A Project that arrives: its archive is checked from beginning to end, then the store takes it over, whole or not at all."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath import faults
from towpath.errors import AlreadyExists, BadRequest, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.annotations import IMPORTED
from towpath.resources.kinds import Ref
from towpath.resources.validation import admit
from towpath.store.adoption import Adoption
from towpath.transfer import contents
from towpath.transfer.archive import ArchiveReader, Sealed
from towpath.transfer.checked import CheckedArchive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from towpath.resources.document import Document
    from towpath.store.adoption import Adopted
    from towpath.store.contract import Store
    from towpath.store.history import Past
    from towpath.transfer.archive import ArchiveHeader
    from towpath.transfer.sealing import PrivateKey

CHECKED = faults.point("transfer.checked", "an archive is found whole, and nothing of it written")
ADOPTED = faults.point("transfer.adopted", "a Project is taken in, and nobody was told")

_TELL_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)
_AHEAD: Final = timedelta(minutes=10)
"""How far the clock of the other side may be ahead: history goes on from there."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of an archive."""

    header: ArchiveHeader
    objects: int
    past: int
    is_new: bool
    """Whether it was taken in now; it was there already otherwise."""


@dataclass(frozen=True, slots=True)
class ArrivingProject:
    """Takes in the archive of one Project."""

    store: Store
    path: Path
    named: str
    """What messages call the file."""
    key: PrivateKey
    now: datetime

    async def take_in(self, *, actor: str, via: str) -> Arrived:
        """Check the archive, and take it in.

        An archive that was taken in before is left alone. Raises BadRequest, Invalid for what is wrong with it;
        AlreadyExists where there is such a Project, Conflict where something else has a uid of it.
        """
        header = await asyncio.to_thread(self._header)
        known = await self._known(header)
        if known:
            return Arrived(header, 0, 0, is_new=False)
        checked = CheckedArchive(self.path)
        try:
            await asyncio.to_thread(self._check, checked)
            CHECKED()
            adoption = Adoption(
                lambda: self._documents(checked, header), checked.history, checked.past
            )
            adopted = await self._adopted(adoption, checked, actor=actor, via=via)
        except AlreadyExists:
            if await self._known(header):  # somebody else took it in meanwhile
                return Arrived(header, 0, 0, is_new=False)
            raise
        finally:
            await asyncio.to_thread(checked.remove)
        ADOPTED()
        return Arrived(header, adopted.objects, adopted.past, is_new=True)

    async def _adopted(
        self, adoption: Adoption, checked: CheckedArchive, *, actor: str, via: str
    ) -> Adopted:
        """Have the store take it over; the log says how far it is, because all who write wait for it meanwhile."""
        telling = asyncio.create_task(self._tell(checked.objects), name="import-progress")
        try:
            return await self.store.adopt(adoption, actor=actor, via=via)
        finally:
            telling.cancel()

    async def _tell(self, objects: int) -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            long = self.store.long_write()
            if long is not None:
                _log.info(
                    "a Project is being taken in; other writes wait until it is",
                    extra={"written": long.objects, "of": objects, "seconds": round(long.seconds)},
                )

    def _header(self) -> ArchiveHeader:
        with self.path.open("rb") as file:
            header = ArchiveReader(file, self.named).header
        theirs = header.recipient if header.key else None
        if theirs is not None and theirs.key != self.key.recipient.key:
            way = (
                "a passphrase: give it with --passphrase-file"
                if theirs.salt
                else f"key {theirs.id}, and this server's is {self.key.recipient.id}: export the Project anew, for the key "
                "that `towpath import --request` prints here"
            )
            raise BadRequest(f"{self.named}: its Secrets are sealed with {way}")
        return header

    async def _known(self, header: ArchiveHeader) -> bool:
        """Whether the archive was taken in before. Raises AlreadyExists where another Project or Namespace has the name."""
        name = header.project
        for kind in contents.FIRST:
            try:
                found = (await self.store.get(Ref(kind, "", name), fresh=True)).document
            except NotFound:
                continue
            annotations = found["metadata"].get("annotations") or {}
            if kind is scheme.PROJECT and annotations.get(IMPORTED) == header.id:
                return True
            raise AlreadyExists(
                f'{kind.resource} "{name}" already exists, and did not come in this archive: a Project is imported where '
                "there is none of its name; delete that one first, if it is not needed"
            )
        return False

    def _check(self, checked: CheckedArchive) -> None:
        """Read all of it once, and put by what is found right. Raises BadRequest, Invalid."""
        with self.path.open("rb") as file, checked.writing() as writer:
            reader = ArchiveReader(file, self.named)
            for piece in reader:
                if isinstance(piece, dict | Sealed):
                    document = self._document(piece, reader.header)
                    if checked.objects < len(contents.FIRST):
                        self._require_first(document, checked.objects)
                    writer.add(piece if isinstance(piece, Sealed) else document)
                else:
                    self._check_past(piece, reader.header.project)
                    writer.add(piece)
            if checked.objects < len(contents.FIRST):
                raise BadRequest(f"{self.named}: it has no Project and no Namespace in it")

    def _require_first(self, document: Document, number: int) -> None:
        wanted = contents.FIRST[number]
        if contents.kind_of(document) is not wanted:
            raise BadRequest(
                f"{self.named}: it begins with {contents.named(document)}, where {wanted.name} is to come"
            )

    def _documents(self, checked: CheckedArchive, header: ArchiveHeader) -> Iterator[Document]:
        """Yield the objects that were found right; Secrets, which lie there sealed, are opened and admitted once more."""
        for piece in checked.documents():
            yield self._document(piece, header) if isinstance(piece, Sealed) else piece

    def _document(self, piece: Document | Sealed, header: ArchiveHeader) -> Document:
        """Return an object as it is stored here. Raises BadRequest, Invalid."""
        document = piece.opened(self.key) if isinstance(piece, Sealed) else piece
        kind = contents.kind_of(document)
        if kind is None or (isinstance(piece, Sealed) and not kind.sealed):
            raise BadRequest(
                f"{self.named}: {contents.named(document)} does not belong into an archive of a Project"
            )
        if kind.sealed and not isinstance(piece, Sealed):
            raise BadRequest(f"{self.named}: {contents.named(document)} is not sealed")
        namespace, name = contents.place(document)
        if (namespace if kind.namespaced else name) != header.project:
            raise BadRequest(
                f"{self.named}: {contents.named(document)} is not of Project {header.project}"
            )
        if isinstance(piece, Sealed) and piece.of != (kind.name, namespace, name):
            raise BadRequest(f"{self.named}: {contents.named(document)} lies under another name")
        try:
            admitted = admit(document, kind).document
        except Invalid as error:
            raise Invalid(f"{self.named}: {error.message}", error.causes) from error
        return contents.moved(admitted, header.id) if kind is scheme.PROJECT else admitted

    def _check_past(self, past: Past, project: str) -> None:
        if past.record.project != project:
            raise BadRequest(
                f"{self.named}: it has history of Project {past.record.project[:100]}, and is of {project}"
            )
        if past.latest > self.now + _AHEAD:
            raise BadRequest(
                f"{self.named}: something in its history happened at {past.latest.isoformat()}, which is yet to come: set the clock of "
                "this machine, or of the other one, and export anew"
            )
