"""Copies of what all Projects share, in the namespace of each: made, kept like what they were copied from, and removed.

A shared ConfigMap or credential with the annotation `kargo.akuity.io/replicate-to: "*"` has one in each Project. What a Project
has of that name itself is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors, messages
from towpath.admission.requester import Requester
from towpath.resources import booleans, scheme
from towpath.resources.kinds import Ref
from towpath.resources.labels import PROJECT_LABEL, REPLICATED_FROM
from towpath.resources.shared_namespaces import SHARED
from towpath.rules import replicas
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source
from towpath.runtime.unchanged import Unchanged
from towpath.store.contract import FieldTerm, Query, Requirement, WritePreconditions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store, Stored

REQUESTER: Final = Requester("controller:replication-controller", is_controller=True)
KINDS: Final = (scheme.CONFIG_MAP, scheme.SECRET)
_COPIES: Final = (Requirement(REPLICATED_FROM, "Exists"),)
_REASON: Final = "to copy it into all Projects, as its annotation says"
_MADE_TOGETHER: Final = 50
_MOST_TOLD: Final = 10
_CHANGED_SINCE: Final = (errors.AlreadyExists, errors.NotFound, errors.Conflict)
"""What failed because somebody was faster, of which the controller is told."""


def sources() -> tuple[Source, ...]:
    """Return the sources of the controller: what is shared, the copies, and the namespaces of Projects."""
    return (
        *(Source(query=Query(kind=kind, namespace=SHARED)) for kind in KINDS),
        *(Source(query=Query(kind=kind, labels=_COPIES), keys=_of_copy) for kind in KINDS),
        Source(query=Query(kind=scheme.NAMESPACE), mark=_is_open),
    )


def _of_copy(stored: Stored) -> Iterable[Ref]:
    return (Ref(stored.ref.kind, SHARED, stored.ref.name),)


def _is_open(stored: Stored) -> bool:
    """Whether copies belong into a namespace: into that of a Project which is not being deleted."""
    metadata = stored.document["metadata"]
    of_project = booleans.is_set(metadata.get("labels"), PROJECT_LABEL)
    return of_project and not metadata.get("deletionTimestamp")


class ReplicaReconciler:
    """Reconciles what is shared with its copies, and new Projects with what is shared."""

    def __init__(
        self, store: Store, writer: SystemAuthority, clock: Clock, *, credentials: Credentials
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._credentials = credentials
        self._unchanged = Unchanged()

    async def reconcile(self, request: Ref) -> Done:
        """Bring the copies of a shared object, or all of one namespace, in line."""
        if request.kind is scheme.NAMESPACE:
            return await self._namespace(request)
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            stored = None
        if stored is None or not replicas.is_wanted(stored.document):
            await self._remove(request.kind, name=request.name)
            self._unchanged.forget(request)
            return Done()
        places = [place async for place in self._open_namespaces()]
        own = await self._keep(stored, places)
        await self._remove(request.kind, name=request.name, but=frozenset(places))
        return self._told(request, own)

    async def _namespace(self, request: Ref) -> Done:
        try:
            space = await self._store.get(request, fresh=True)
        except errors.NotFound:
            return Done()
        if space.document["metadata"].get("deletionTimestamp"):
            return Done()  # what is in it goes with it
        if not _is_open(space):
            for kind in KINDS:
                await self._remove(kind, namespace=request.name)
            return Done()
        for kind in KINDS:
            async for batch in self._store.scan(Query(kind=kind, namespace=SHARED)):
                for stored in batch:
                    if replicas.is_wanted(stored.document):
                        await self._keep(stored, [request.name])
        return Done()

    async def _open_namespaces(self) -> AsyncIterator[str]:
        labelled = (Requirement(PROJECT_LABEL, "In", frozenset({"true"})),)
        async for batch in self._store.scan(Query(kind=scheme.NAMESPACE, labels=labelled)):
            for stored in batch:
                if _is_open(stored):
                    yield stored.ref.name

    async def _keep(self, stored: Stored, places: list[str]) -> list[str]:
        """Have copies in these namespaces like what is shared; return those that have one of the name themselves."""
        wanted = replicas.digest(stored.document)
        missing, behind, own = [], [], []
        for place in places:
            found = await self._found(Ref(stored.ref.kind, place, stored.ref.name))
            if found is None:
                missing.append(place)
            elif not replicas.is_copy(found.document):
                own.append(place)
            elif found.document.get("type") != stored.document.get("type"):
                await self._delete(
                    found
                )  # a type never changes; the copy is made anew when this is told
            elif not replicas.is_current(found.document, wanted):
                behind.append(place)
        opened = await self._opened(stored) if missing or behind else None
        if opened is not None:  # else it has gone since, of which the controller is told
            await self._write(opened, missing, behind)
        return own

    async def _write(self, opened: Document, missing: list[str], behind: list[str]) -> None:
        """Make copies and change others. Raises what the first failed with, after all the others are written."""
        now = self._clock.now()
        failed: list[errors.TowpathError] = []
        for begin in range(0, len(missing), _MADE_TOGETHER):
            together = missing[begin : begin + _MADE_TOGETHER]
            made = [replicas.copied(opened, place, now=now) for place in together]
            outcomes = await self._writer.create_all(made, REQUESTER)
            failed += [each for each in outcomes if isinstance(each, errors.TowpathError)]
        for place in behind:
            try:
                await self._writer.update(replicas.copied(opened, place, now=now), REQUESTER)
            except errors.TowpathError as error:
                failed.append(error)
        for each in failed:
            if not isinstance(each, _CHANGED_SINCE):
                raise each

    async def _found(self, ref: Ref) -> Stored | None:
        try:
            return await self._store.get(ref, fresh=True)
        except errors.NotFound:
            return None

    async def _opened(self, stored: Stored) -> Document | None:
        if stored.ref.kind is not scheme.SECRET:
            return stored.document
        return await self._credentials.opened(stored.ref, actor=REQUESTER.actor, reason=_REASON)

    async def _remove(
        self,
        kind: Kind,
        *,
        name: str = "",
        namespace: str | None = None,
        but: frozenset[str] = frozenset(),
    ) -> None:
        """Remove copies, by their name or their namespace."""
        terms = (FieldTerm("metadata.name", name),) if name else ()
        query = Query(kind=kind, namespace=namespace, labels=_COPIES, fields=terms)
        gone = [
            stored
            async for batch in self._store.scan(query)
            for stored in batch
            if stored.ref.namespace not in but
        ]
        for stored in gone:
            await self._delete(stored)

    async def _delete(self, stored: Stored) -> None:
        as_seen = WritePreconditions(revision=stored.revision)
        try:
            await self._writer.delete(stored.ref, REQUESTER, preconditions=as_seen)
        except (errors.NotFound, errors.Conflict):
            return  # somebody has written or deleted it since, of which the controller is told

    def _told(self, request: Ref, own: list[str]) -> Done:
        """Look again after a while where Projects have something of the name themselves: nobody tells when it goes."""
        if not own:
            self._unchanged.forget(request)
            return Done()
        listed = messages.first(own, _MOST_TOLD)
        waiting_for = (
            f"{request.kind.name} {request.name} of their own to be deleted in Projects {listed}"
        )
        again = self._unchanged.seconds(request, waiting_for)
        return Done(again_seconds=again, waiting_for=waiting_for)
