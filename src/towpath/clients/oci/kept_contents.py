"""Manifests and configurations on disk, by digest, so that a server that starts again need not fetch them again.

Nothing here is needed: each file can be fetched anew. So it is written without a flush, judged by its digest whenever it is
read, and whatever is wrong with the folder makes looks dearer, not worse.

What a digest stands for is kept for each repository apart. A registry that names a digest of somebody else's repository is
not given what that one holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import stat
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.oci import digests
from towpath.disk import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.clients.http.host_tally import HostTally
    from towpath.clients.oci.address import ImageAddress
    from towpath.clock import Clock

HIT: Final = "disk"
MISS: Final = "miss"
DAMAGED: Final = "damaged"

_LARGEST: Final = 1 << 20
"""Of what is kept; manifests have a few kilobytes."""
_BLOCK: Final = 4096
"""That a file takes at least."""
_SWEPT: Final = 0.8
"""To which part of what is allowed a sweep brings the folder, so that it is not swept at each file."""
_TOUCHED_SECONDS: Final = 3600.0
"""After which it is noted anew that a file was used."""
_SWEEP_SECONDS: Final = 6 * 3600.0
"""Between two sweeps that look for what is old."""
_MOST_REPOSITORIES: Final = 10_000
"""Of which it is remembered whether something was kept before."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptLimits:
    """How much is kept, and for how long what nobody asks for."""

    bytes: int = 256 << 20
    seconds: float = 30 * 86_400.0


class KeptContents:
    """What registries sent, below one folder of our own: a folder for each repository, a file for each digest."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        limits: KeptLimits | None = None,
        tally: HostTally | None = None,
    ) -> None:
        """`clock`: its wall time is what the times of files are compared with. `tally` is told of each look."""
        self._folder = folder
        self._clock = clock
        self._limits = limits or KeptLimits()
        self._bytes: int | None = None
        """What all files take; None: not counted yet."""
        self._swept_at = float("-inf")
        self._sweeping = asyncio.Lock()
        self._before: dict[str, bool] = {}
        """Repositories, and whether something of them was kept when they were asked about first."""
        self._is_broken = False
        self._tally = tally
        self.looked: Counter[str] = Counter()
        """How often something was looked for, by what became of it: `disk`, `miss`, `damaged`."""

    async def had_any(self, address: ImageAddress) -> bool:
        """Whether something of a repository was kept before this process asked for it."""
        place = self.place(address)
        found = self._before.get(place.name)
        if found is None:
            found = await asyncio.to_thread(place.is_dir)
            if len(self._before) >= _MOST_REPOSITORIES:
                del self._before[next(iter(self._before))]
            self._before[place.name] = found
        return found

    async def read(self, address: ImageAddress, digest: str) -> bytes | None:
        """Return what a digest of a repository stands for; None if that is not here, or not what it should be."""
        path = self.place(address) / _name(digest)
        outcome, found = await asyncio.to_thread(self._read, path, digest)
        self.looked[outcome] += 1
        if self._tally is not None:
            self._tally.looked(address.host, outcome)
        return found

    async def keep(self, address: ImageAddress, digest: str, contents: bytes) -> None:
        """Keep contents that were verified. What cannot be written is not kept."""
        if len(contents) > _LARGEST:
            return
        path = self.place(address) / _name(digest)
        try:
            await asyncio.to_thread(_write, path, contents, self._clock.now().timestamp())
        except OSError as error:
            self._tell(error)
            return
        self._is_broken = False
        if self._bytes is not None:
            self._bytes += _taken(len(contents))
        await self._sweep()

    async def _sweep(self) -> None:
        """Remove what is old, and the longest unused of what is too much. One at a time; others need not wait."""
        is_due = self._clock.monotonic() >= self._swept_at + _SWEEP_SECONDS
        is_full = self._bytes is not None and self._bytes > self._limits.bytes
        if not (is_due or is_full) or self._sweeping.locked():
            return
        async with self._sweeping:
            self._swept_at = self._clock.monotonic()
            try:
                self._bytes = await asyncio.to_thread(self._swept, self._clock.now().timestamp())
            except OSError as error:
                self._tell(error)

    def _read(self, path: Path, digest: str) -> tuple[str, bytes | None]:
        try:
            contents = reading.read(path, _LARGEST, patience=0.0)
        except FileNotFoundError:
            return MISS, None
        except OSError:
            contents = b""
        if not digests.names(digest, contents):
            with contextlib.suppress(OSError):
                path.unlink()
            return DAMAGED, None
        with contextlib.suppress(OSError):
            used = self._clock.now().timestamp()
            if used - path.stat().st_mtime > _TOUCHED_SECONDS:
                os.utime(path, (used, used))
        return HIT, contents

    def _swept(self, now: float) -> int:
        """Sweep; return what the files take that are left."""
        files = sorted(_files(self._folder))
        total = sum(size for _, size, _ in files)
        wanted = total
        if total > self._limits.bytes:
            wanted = int(self._limits.bytes * _SWEPT)
        for used, size, path in files:
            if total <= wanted and now - used <= self._limits.seconds:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
                path.parent.rmdir()  # the last one takes its folder along
        return total

    def place(self, address: ImageAddress) -> Path:
        """Return the folder of a repository: whatever lies there is counted and swept with the contents."""
        repository = f"{address.host}/{address.name}"
        return self._folder / hashlib.sha256(repository.encode()).hexdigest()[:32]

    def _tell(self, error: OSError) -> None:
        if not self._is_broken:
            self._is_broken = True
            _log.warning(
                "what registries sent is not kept: %s",
                error.strerror or error,
                extra={"folder": str(self._folder)},
            )


def _name(digest: str) -> str:
    return digest.replace(":", "-")


def _taken(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _write(path: Path, contents: bytes, now: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        writing.place(path, contents, mode=0o600)
    except FileNotFoundError:  # the sweep has just taken the folder, which was empty
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        writing.place(path, contents, mode=0o600)
    with contextlib.suppress(FileNotFoundError):
        os.utime(path, (now, now))


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield when each file was used last, what it takes, and its path; those of killed processes too."""
    for repository in _entries(folder):
        if not repository.is_dir(follow_symlinks=False):
            continue
        place = folder / repository.name
        for entry in _entries(place):
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    yield found.st_mtime, _taken(found.st_size), place / entry.name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        return list(entries)
    return []
