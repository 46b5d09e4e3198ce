"""The indexes of chart repositories: each is asked for, read and remembered once for all that look at it, and all Promotions.

An index goes to a file as it comes, and is read aside: it may be tens of megabytes long, and what is kept of it in memory is
only which versions of which charts there are, and where those are that somebody fetched. The file is kept on disk. A
repository that says that its index is still the same sends nothing.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from towpath import errors
from towpath.artifacts import index_files
from towpath.artifacts.arriving_index import ArrivingIndex
from towpath.artifacts.kept_indexes import KeptIndexes
from towpath.artifacts.known_index import KnownIndex, UnreadableIndex
from towpath.caller_turns import CallerTurns
from towpath.clients.helm.repository import ChartRepository
from towpath.clients.http.places import shown_url
from towpath.documents.chart_catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from towpath.clients.helm.repository import ChartCredential, IndexMark
    from towpath.clients.http import Egress
    from towpath.clients.oci.kept_contents import KeptLimits
    from towpath.clock import Clock
    from towpath.documents.chart_index import IndexedChart
    from towpath.runtime.aside import Aside

    _Reads = Callable[..., bytes]

_MOST: Final = 256
"""Indexes that are remembered."""
_MOST_BYTES: Final = 64 << 20
"""Of what is remembered of them, about."""
_WEIGHT: Final = 4
"""So many times as much memory as its JSON does a catalogue take."""
_AT_ONCE: Final = 16
"""Indexes that come at the same time, and as many again for Projects that have none coming; each takes room on the disk until
it is read."""
_OF_ONE: Final = 4
"""Of one Project's: what comes slowly, however many there are, holds up nobody else's."""
_CPU_SECONDS: Final = 20.0
"""Other indexes wait for their turn meanwhile; 18 MB take one."""
_PAUSES: Final = (0.3, 0.9)
"""Seconds between the tries of who does not come again by itself."""


class _NoRoomError(Exception):
    """An index comes, and the Project that has asked for it has as many coming as it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What somebody wants to know of an index."""

    repository: ChartRepository
    caller: str
    """The Project that asks."""
    aside: Aside
    """Where what comes is read."""
    anew: bool = False
    """Whether the repository's word that its index is the same does not do."""
    wants: str = ""
    """A chart that is to be fetched; empty: which versions there are of all is enough."""

    @property
    def source(self) -> str:
        """Return what is asked for, in words."""
        return f"the index of chart repository {shown_url(self.repository.url)}"

    @property
    def rests(self) -> bool:
        """Whether a host that does not answer is left alone: by looks, which come again."""
        return not self.wants


class ChartIndexes:
    """The indexes of all chart repositories."""

    def __init__(
        self,
        egress: Egress,
        aside: Aside,
        clock: Clock,
        folder: Path,
        limits: KeptLimits | None = None,
    ) -> None:
        """`folder`: where indexes lie; it is made when the first one comes. `limits`: how much is kept there."""
        self._egress = egress
        self._aside = aside
        self._clock = clock
        self._folder = folder
        self._kept = KeptIndexes(folder, clock, limits)
        self._known: OrderedDict[tuple[str, ChartCredential | None, bool], KnownIndex] = (
            OrderedDict()
        )
        self._turns = CallerTurns(
            _AT_ONCE, _OF_ONE, most_of_one=sys.maxsize, most=sys.maxsize, leaves_room=True
        )
        index_files.clear(folder)

    async def ask(
        self,
        url: str,
        credential: ChartCredential | None = None,
        *,
        insecure: bool = False,
        most_seconds: float = 0.0,
        anew: bool = False,
        caller: str = "",
    ) -> Catalogue:
        """Return what the index of a repository lists, as it was at most so many seconds ago; 0: as it is from now on.

        Who asks meanwhile shares one question, and its failure as well. `anew`: the repository's word that its index is the
        same does not do. `caller`: the Project that asks. Raises as `ChartRepository.index_into`, and BadRequest and TooLarge for what is no index.
        """
        repository = ChartRepository(self._egress, url, credential, insecure)
        question = _Question(repository=repository, caller=caller, aside=self._aside, anew=anew)
        return (await self._asked(question, most_seconds))[0]

    async def versions(
        self,
        url: str,
        name: str,
        credential: ChartCredential | None = None,
        *,
        caller: str,
        aside: Aside,
    ) -> Sequence[IndexedChart]:
        """Return what the index of a repository, as it is from now on, says of one chart that is to be fetched.

        For who does not come again by itself: what may pass is tried three times. `aside`: where it is read. Raises as
        `ask`.
        """
        repository = ChartRepository(self._egress, url, credential)
        question = _Question(repository=repository, caller=caller, aside=aside, wants=name)
        for pause in _PAUSES:
            try:
                return (await self._asked(question))[1]
            except UnreadableIndex as error:
                raise errors.BadRequest(error.message) from error
            except errors.Unavailable:
                await self._clock.sleep(pause)
        return (await self._asked(question))[1]

    async def _asked(
        self, question: _Question, most_seconds: float = 0.0
    ) -> tuple[Catalogue, Sequence[IndexedChart]]:
        """Return what an index lists, and what it says of the chart that is wanted. Raises as `ask`."""
        repository = question.repository
        key = (repository.url.rstrip("/"), repository.credential, repository.insecure)
        known = self._known.setdefault(key, KnownIndex())
        self._known.move_to_end(key)
        wished_at = self._clock.monotonic()
        async with contextlib.AsyncExitStack() as place:
            has_place = False
            while True:
                async with known.turn:
                    # A failure is over as soon as the server is well again: only those share it who have waited for it.
                    age = most_seconds if known.failure is None else 0.0
                    if known.asked_at >= wished_at - age:
                        return known.told(), await self._entries(known, question)
                    if has_place or self._turns.has_room(question.caller):
                        asked_at = self._clock.monotonic()
                        with contextlib.suppress(_NoRoomError):
                            known.failure = await self._failure(
                                question, known, has_place=has_place
                            )
                            known.asked_at = asked_at
                            self._keep(key, known)
                            return known.told(), await self._entries(known, question)
                # Others who ask for this index have room, it may be: they do not wait until this Project has some.
                await place.enter_async_context(self._turns.turn(question.caller))
                has_place = True

    async def _entries(self, known: KnownIndex, question: _Question) -> Sequence[IndexedChart]:
        """Return what an index that is known says of the chart that is wanted. Raises Unavailable where its file is gone."""
        name = question.wants
        if not name or name not in known.told().charts:
            return ()
        found = known.entries.get(name)
        if found is None and known.kept is not None:
            found = await self._of_file(
                question, known.kept.path, known.kept.digest, known.kept.size
            )
        if found is None:
            known.forget()
            raise errors.Unavailable(
                f"{question.source} is on the disk no more; it is asked for anew"
            )
        known.note(name, found)
        return found

    async def _of_file(
        self, question: _Question, path: Path, digest: str, size: int
    ) -> Sequence[IndexedChart] | None:
        """Return what the index in a file says of the chart that is wanted; None where it is not there whole."""
        return await question.aside.run(
            index_files.versions,
            str(path),
            digest,
            question.wants,
            question.source,
            weight=size,
            what=question.source,
            caller=question.caller,
            seconds=_CPU_SECONDS,
        )

    async def _failure(
        self, question: _Question, known: KnownIndex, *, has_place: bool
    ) -> errors.TowpathError | None:
        """Ask for an index, and return what kept it from coming; None if it is known now. Raises _NoRoomError.

        `has_place`: whether there is room for it already.
        """
        repository, rests = question.repository, question.rests
        try:
            if known.place is None:
                await self._recall(known, repository)
            async with self._file(question.caller, has_place=has_place) as file:
                said = None if question.anew else known.mark
                mark = await repository.index_into(file.take, said, rests=rests)
                if mark is None and known.read is None:  # it is the one that lies on the disk
                    known.read = await self._read_kept(known, question)
                    if known.read is None:  # which is torn
                        known.forget()
                        mark = await repository.index_into(file.take, rests=rests)
                if mark is not None:
                    await self._take(file, mark, known, question)
                elif known.kept is not None:
                    await self._kept.used(known.kept)
        except errors.TowpathError as error:
            return error
        return None

    async def _recall(self, known: KnownIndex, repository: ChartRepository) -> None:
        """Find out which index is kept from before."""
        place = await self._kept.place(
            repository.url.rstrip("/"), repository.credential, insecure=repository.insecure
        )
        known.kept = await self._kept.find(place)
        if known.kept is not None:
            known.mark, known.digest = known.kept.mark, known.kept.digest
        known.place = place

    async def _take(
        self, file: ArrivingIndex, mark: IndexMark, known: KnownIndex, question: _Question
    ) -> None:
        """Take an index that has come."""
        known.mark = None  # of nothing, until it is known what it comes to
        digest = file.digest.hexdigest()
        if digest != known.digest or known.read is None:
            known.forget()
            known.read = await self._read(file, known, question)
        if isinstance(known.read, Catalogue) and question.wants in known.read.charts:
            # Of an index that cannot be kept nothing could be read any more afterwards.
            with contextlib.suppress(
                errors.TowpathError
            ):  # who wants it is told when it is read again
                found = await self._of_file(question, file.path, digest, file.size)
                if found is not None:
                    known.note(question.wants, found)
        if known.place is not None and (known.kept is None or known.kept.mark != mark):
            known.kept = await self._kept.keep(file.path, known.place, file.size, digest, mark)
        known.mark, known.digest = mark, digest

    async def _read(
        self, file: ArrivingIndex, known: KnownIndex, question: _Question
    ) -> Catalogue | errors.TowpathError:
        """Return what an index lists, or what is wrong with it: that stays so until another one comes."""
        found = await self._listed(known, question, file.size, index_files.read, str(file.path))
        return found or UnreadableIndex(f"{question.source} lists nothing")

    async def _read_kept(
        self, known: KnownIndex, question: _Question
    ) -> Catalogue | errors.TowpathError | None:
        """Return what the index on the disk lists, or what is wrong with it; None where it is not there whole."""
        kept = known.kept
        if kept is None:
            return None
        return await self._listed(
            known, question, kept.size, index_files.read_kept, str(kept.path), kept.digest
        )

    async def _listed(
        self, known: KnownIndex, question: _Question, size: int, read: _Reads, *of: str
    ) -> Catalogue | errors.TowpathError | None:
        """Return what an index lists, or what is wrong with it. Raises what may pass: an index that took too long may not the next time."""
        known.catalogue_weight = 0
        source = question.source
        try:
            text = await question.aside.run(
                read,
                *of,
                source,
                weight=size,
                what=source,
                caller=question.caller,
                seconds=_CPU_SECONDS,
            )
        except errors.BadRequest as error:
            return UnreadableIndex(question.repository.hidden(error.message))
        except errors.TooLarge as error:
            return error
        if not text:
            return None
        known.catalogue_weight = len(text) * _WEIGHT
        return msgspec.json.decode(text, type=Catalogue)

    @contextlib.asynccontextmanager
    async def _file(self, caller: str, *, has_place: bool) -> AsyncIterator[ArrivingIndex]:
        """Give a file for an index, which is gone in the end. It has its turn once there is something to write.

        Raises _NoRoomError out of the file when there is none by then.
        """
        path = self._folder / f"{secrets.token_hex(8)}{index_files.SUFFIX}"
        async with contextlib.AsyncExitStack() as begun:

            async def begin() -> None:
                if has_place:
                    return
                if not self._turns.has_room(caller):
                    raise _NoRoomError
                await begun.enter_async_context(self._turns.turn(caller))

            try:
                yield ArrivingIndex(path, begin)
            finally:
                # Not left to a thread: whoever is cancelled here would not wait for it.
                path.unlink(missing_ok=True)

    def _keep(self, key: tuple[str, ChartCredential | None, bool], known: KnownIndex) -> None:
        """Remember an index, and forget those that were not asked for longest, should it be too much."""
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > _MOST or (
            len(self._known) > 1 and sum(each.weight for each in self._known.values()) > _MOST_BYTES
        ):
            self._known.popitem(last=False)
