"""Taking a Project out of a store: all that goes along, as of one revision, into an archive."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import faults
from towpath.errors import Conflict, NotFound
from towpath.messages import first
from towpath.resources import scheme, shared_namespaces
from towpath.resources.kinds import Ref
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.store.contract import Query, Requirement
from towpath.store.history import HistorySelection
from towpath.transfer import contents
from towpath.transfer.archive import FORMAT, VERSION, ArchiveHeader, ArchiveWriter, Sealed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from towpath.credentials.finder import Credentials
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store, Stored
    from towpath.store.history import Past
    from towpath.transfer.archive import End
    from towpath.transfer.sealing import Recipient

WRITING = faults.point("transfer.writing", "a part of an archive is written")
WRITTEN = faults.point("transfer.written", "an archive is written, and the Project does not say so")

_PAGE: Final = 500
_TOLD: Final = 10
_WATCHED: Final = (scheme.STAGE, scheme.PROMOTION, scheme.ANALYSIS_RUN, scheme.HOOK_RUN)
"""Kinds of which something may run."""


async def under_way(store: Store, project: str) -> list[str]:
    """Return what runs in a Project now, in words."""
    found: list[str] = []
    for kind in _WATCHED:
        async for batch in store.scan(Query(kind=kind, namespace=project)):
            found += contents.under_way(item.document for item in batch)
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Departure:
    """Writes the archive of one Project."""

    store: Store
    project: str
    recipient: Recipient
    credentials: Credentials
    actor: str
    """Who asks: the access record says that they had the values of Secrets."""

    async def write(self, path: Path, *, id_: str, made: str) -> End:
        """Write the archive to a file. Raises NotFound; Conflict while something runs, which is looked at before and after."""
        await self._refuse_running()
        revision = self.store.revision()
        header = ArchiveHeader(
            format=FORMAT,
            version=VERSION,
            project=self.project,
            id=id_,
            made=made,
            key=_text(self.recipient.key),
            salt=_text(self.recipient.salt),
            warnings=await self._warnings(),
        )
        with path.open("xb") as file:
            writer = await asyncio.to_thread(ArchiveWriter, file, header)
            for kind in contents.FIRST:
                stored = await self.store.get(Ref(kind, "", self.project))
                await asyncio.to_thread(_add, writer, [stored])
            for kind in contents.CARRIED:
                async for page in self._pages(kind, revision):
                    if kind.sealed:
                        await self._seal(writer, page)
                    else:
                        await asyncio.to_thread(_add, writer, page)
                    WRITING()
            async for past in self._past():
                await asyncio.to_thread(_add_past, writer, past)
            end = await asyncio.to_thread(writer.close)
        await self._refuse_running()
        WRITTEN()
        return end

    async def _refuse_running(self) -> None:
        found = await under_way(self.store, self.project)
        if found:
            raise Conflict(
                f"Project {self.project} cannot be exported yet: {first(found, _TOLD)}; wait until it has ended, or release "
                "the Project and abort it"
            )

    async def _pages(self, kind: Kind, revision: int) -> AsyncIterator[Sequence[Stored]]:
        query = Query(kind=kind, namespace=self.project)
        page = await self.store.list(query, limit=_PAGE, as_of=revision)
        while True:
            yield page.items
            if page.cursor is None:
                return
            page = await self.store.list(query, limit=_PAGE, cursor=page.cursor)

    async def _seal(self, writer: ArchiveWriter, page: Sequence[Stored]) -> None:
        reason = f"export of Project {self.project} for key {self.recipient.id}"
        for item in page:
            if contents.is_token(item.document):
                continue
            document = await self.credentials.opened(item.ref, actor=self.actor, reason=reason)
            if document is None:
                continue  # controllers may take one away that they made themselves
            piece = await asyncio.to_thread(Sealed.of_document, document, self.recipient)
            await asyncio.to_thread(writer.add, piece)

    async def _past(self) -> AsyncIterator[Sequence[Past]]:
        """Yield the Project's history in parts, of each table the newest first."""
        history, selection = self.store.history, HistorySelection(project=self.project)
        for ask in (
            history.promotions,
            history.verifications,
            history.occupancies,
            history.approvals,
        ):
            cursor: str | None = None
            while True:
                page = await ask(selection, limit=_PAGE, cursor=cursor)
                yield page.items
                cursor = page.cursor
                if cursor is None:
                    break

    async def _warnings(self) -> list[str]:
        """Return what does not go along, in words."""
        said, tokens, unsent = [], list[str](), 0
        async for batch in self.store.scan(Query(kind=scheme.SECRET, namespace=self.project)):
            tokens += [item.ref.name for item in batch if contents.is_token(item.document)]
        if tokens:
            said.append(
                f"tokens stay, they are good on their instance alone; make new ones: {first(tokens, _TOLD)}"
            )
        async for batch in self.store.scan(Query(kind=scheme.MESSAGE, namespace=self.project)):
            unsent += sum(
                not (item.document.get("status") or {}).get("delivered") for item in batch
            )
        if unsent:
            said.append(
                f"messages stay where they were written, {unsent} of which may not be sent yet"
            )
        shared = list[str]()
        for namespace in (shared_namespaces.SHARED, shared_namespaces.SYSTEM_RESOURCES):
            query = Query(
                kind=scheme.SECRET,
                namespace=namespace,
                labels=(Requirement(CREDENTIAL_TYPE, "Exists"),),
            )
            async for batch in self.store.scan(query):
                shared += [f"{namespace}/{item.ref.name}" for item in batch]
        if shared:
            said.append(
                f"shared credentials stay; what the Project needs of them is to be made anew: {first(shared, _TOLD)}"
            )
        return said


async def missing(store: Store, project: str) -> list[str]:
    """Return what a Project's objects name that belongs to no Project and is not there, in words."""
    wanted: dict[tuple[Kind, str], str] = {}
    for kind in (scheme.STAGE, scheme.PROMOTION_TASK, scheme.STAGE_HOOK, scheme.EVENT_ROUTER):
        async for batch in store.scan(Query(kind=kind, namespace=project)):
            for item in batch:
                for found in contents.references(item.document):
                    wanted.setdefault(found, f"{kind.name} {item.ref.name}")
    said = []
    for (kind, name), by in sorted(wanted.items(), key=lambda each: (each[0][0].name, each[0][1])):
        try:
            await store.get(Ref(kind, "", name))
        except NotFound:
            said.append(f"{kind.name} {name} is not here, and {by} names it: create it")
    return said


def _add(writer: ArchiveWriter, page: Sequence[Stored]) -> None:
    for item in page:
        writer.add(item.document)


def _add_past(writer: ArchiveWriter, page: Sequence[Past]) -> None:
    for each in page:
        writer.add(each)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
