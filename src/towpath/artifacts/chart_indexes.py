"""The indexes of chart repositories: each is asked for, read and remembered once for all Warehouses that look at it.

An index goes to a file as it comes, and is read aside: it may be tens of megabytes long, and what is kept of it is only which
versions of which charts there are. A repository that says that its index is still the same sends nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import sys
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from towpath import errors
from towpath.artifacts import index_files
from towpath.clients.helm.repository import ChartRepository
from towpath.clients.http.places import shown_url
from towpath.documents.chart_catalogue import Catalogue
from towpath.runtime import threads
from towpath.runtime.aside.caller_turns import CallerTurns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from hashlib import _Hash as Hash
    from pathlib import Path

    from towpath.clients.helm.repository import ChartCredential, IndexMark
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.runtime.aside import Aside

_MOST: Final = 256
"""Indexes that are remembered."""
_MOST_BYTES: Final = 64 << 20
"""Of what is remembered of them, about."""
_WEIGHT: Final = 4
"""So many times as much memory as its JSON does a catalogue take."""
_AT_ONCE: Final = 32
"""Indexes that come at the same time; each takes room on the disk until it is read."""
_OF_ONE: Final = 4
"""Of one Project's: what comes slowly, however many there are, holds up nobody else's."""
_CPU_SECONDS: Final = 20.0
"""Other indexes wait for their turn meanwhile; 18 MB take one."""
_PIECE_BYTES: Final = 1 << 20


@dataclass(slots=True)
class _Known:
    """What is known of the index of one repository, as one credential sees it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: float = float("-inf")
    failure: errors.TowpathError | None = None
    """What kept the last question from being answered."""
    read: Catalogue | errors.TowpathError | None = None
    """What the last index that came lists, or why it cannot be read."""
    mark: IndexMark | None = None
    """Of that index."""
    digest: bytes = b""
    """Of its bytes: a repository may send the same index again and again."""
    weight: int = 0

    def told(self) -> Catalogue:
        """Return what the last question came to. Raises it, if it is an error."""
        answer = self.failure or self.read
        if isinstance(answer, Catalogue):
            return answer
        raise (answer or errors.Unavailable("nobody has asked")).with_traceback(None)


class _NoRoomError(Exception):
    """An index comes, and the Project that has asked for it has as many coming as it may."""


class ChartIndexes:
    """The indexes of all chart repositories."""

    def __init__(self, egress: Egress, aside: Aside, clock: Clock, folder: Path) -> None:
        """`folder`: where indexes lie until they are read; it is made when the first one comes."""
        self._egress = egress
        self._aside = aside
        self._clock = clock
        self._folder = folder
        self._known: OrderedDict[tuple[str, ChartCredential | None, bool], _Known] = OrderedDict()
        self._turns = CallerTurns(_AT_ONCE, _OF_ONE, most_of_one=sys.maxsize, most=sys.maxsize)
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
        key = (url.rstrip("/"), credential, insecure)
        known = self._known.setdefault(key, _Known())
        self._known.move_to_end(key)
        wished_at = self._clock.monotonic()
        async with contextlib.AsyncExitStack() as place:
            has_place = False
            while True:
                async with known.turn:
                    # A failure is over as soon as the server is well again: only those share it who have waited for it.
                    age = most_seconds if known.failure is None else 0.0
                    if known.asked_at >= wished_at - age:
                        return known.told()
                    if has_place or self._turns.has_room(caller):
                        asked_at = self._clock.monotonic()
                        repository = ChartRepository(self._egress, url, credential, insecure)
                        with contextlib.suppress(_NoRoomError):
                            known.failure = await self._failure(
                                repository, known, caller, anew=anew, has_place=has_place
                            )
                            known.asked_at = asked_at
                            self._keep(key, known)
                            return known.told()
                # Others who ask for this index have room, it may be: they do not wait until this Project has some.
                await place.enter_async_context(self._turns.turn(caller))
                has_place = True

    async def _failure(
        self,
        repository: ChartRepository,
        known: _Known,
        caller: str,
        *,
        anew: bool,
        has_place: bool,
    ) -> errors.TowpathError | None:
        """Ask for an index, and return what kept it from coming; None if it is known now. Raises _NoRoomError.

        `has_place`: whether there is room for it already.
        """
        try:
            async with self._file(caller, has_place=has_place) as file:
                mark = await repository.index_into(file.take, None if anew else known.mark)
                if mark is not None:
                    known.mark = None  # of nothing, until it is known what it comes to
                    digest = file.digest.digest()
                    if digest != known.digest:
                        known.digest = b""
                        known.read = await self._read(file, repository.url, known, caller)
                    known.mark, known.digest = mark, digest
        except errors.TowpathError as error:
            return error
        return None

    async def _read(
        self, file: _File, url: str, known: _Known, caller: str
    ) -> Catalogue | errors.TowpathError:
        """Return what an index lists, or what is wrong with it: that stays so until another one comes."""
        source = f"the index of chart repository {shown_url(url)}"
        known.weight = 0
        try:
            text = await self._aside.run(
                index_files.read,
                str(file.path),
                source,
                weight=file.size,
                what=source,
                caller=caller,
                seconds=_CPU_SECONDS,
            )
        except errors.BadRequest as error:
            return errors.Unavailable(error.message)
        except (errors.TooLarge, errors.Timeout) as error:
            return error
        known.weight = len(text) * _WEIGHT
        return msgspec.json.decode(text, type=Catalogue)

    @contextlib.asynccontextmanager
    async def _file(self, caller: str, *, has_place: bool) -> AsyncIterator[_File]:
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
                yield _File(path, begin)
            finally:
                # Not left to a thread: whoever is cancelled here would not wait for it.
                path.unlink(missing_ok=True)

    def _keep(self, key: tuple[str, ChartCredential | None, bool], known: _Known) -> None:
        """Remember an index, and forget those that were not asked for longest, should it be too much."""
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > _MOST or (
            len(self._known) > 1 and sum(each.weight for each in self._known.values()) > _MOST_BYTES
        ):
            self._known.popitem(last=False)


@dataclass(slots=True)
class _File:
    """A file that is filled."""

    path: Path
    begin: Callable[[], Awaitable[None]]
    """Takes the room that it needs."""
    size: int = 0
    digest: Hash = field(default_factory=hashlib.sha256)

    async def take(self, pieces: AsyncIterator[bytes]) -> None:
        """Write pieces, some at a time."""
        waiting = bytearray()
        await self.begin()
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= _PIECE_BYTES:
                await self._write(bytes(waiting))
                waiting.clear()
        await self._write(bytes(waiting))

    async def _write(self, data: bytes) -> None:
        try:
            # Who is cancelled waits for the piece: else it would be written once the file has gone.
            await threads.in_thread(index_files.append, self.path, data, self.digest)
        except OSError as error:
            raise errors.Unavailable(
                f"an index of charts cannot be kept while it is read: {error.strerror or error}"
            ) from error
        self.size += len(data)
