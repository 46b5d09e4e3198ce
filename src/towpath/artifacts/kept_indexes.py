"""Indexes of chart repositories on disk, as they came.

A server that starts again asks whether they are still the same, and who wants one chart of one reads it there. Nothing here
is needed: each can be fetched anew. What one credential is shown nobody is given without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.artifacts import index_files
from towpath.artifacts.index_files import IndexFoot
from towpath.clients.helm.repository import IndexMark
from towpath.clients.oci.kept_contents import KeptLimits
from towpath.runtime import threads

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.helm.repository import ChartCredential
    from towpath.clock import Clock

_TOUCHED_SECONDS: Final = 3600.0
"""After which it is noted anew that a file was used."""
_SWEEP_SECONDS: Final = 6 * 3600.0
"""Between two sweeps that look for what is old."""
_WORK: Final = 1 << 14
"""Of scrypt: the name of a file must not be a way to try passwords out."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """An index that is kept."""

    path: Path
    size: int
    digest: str
    mark: IndexMark


class KeptIndexes:
    """The indexes below one folder of our own, a file for each repository as a credential sees it."""

    def __init__(self, folder: Path, clock: Clock, limits: KeptLimits | None = None) -> None:
        """`clock`: its wall time is what the times of files are compared with."""
        self._folder = folder
        self._clock = clock
        self._limits = limits or KeptLimits()
        self._swept_at = float("-inf")
        self._is_broken = False

    async def place(self, url: str, credential: ChartCredential | None, *, insecure: bool) -> Path:
        """Return where the index of a repository is kept."""
        account = credential.account if credential is not None else ""
        name = await asyncio.to_thread(_name, url, account, insecure)
        return self._folder / f"{name}{index_files.KEPT}"

    async def find(self, place: Path) -> KeptIndex | None:
        """Return what is kept at a place; None if nothing is, or what is there is torn."""
        foot = await asyncio.to_thread(index_files.foot_of, place)
        if foot is None:
            return None
        return KeptIndex(place, foot.size, foot.digest, IndexMark(foot.etag, foot.modified))

    async def keep(
        self, file: Path, place: Path, size: int, digest: str, mark: IndexMark
    ) -> KeptIndex | None:
        """Keep an index that lies in a file, which is no more there then; None where that cannot be."""
        foot = IndexFoot(size, digest, mark.etag, mark.modified)
        now = self._clock.now().timestamp()
        try:
            await threads.in_thread(index_files.finish, file, place, foot, now)
        except OSError as error:
            if not self._is_broken:
                self._is_broken = True
                _log.warning("indexes of charts are not kept: %s", error.strerror or error)
            return None
        self._is_broken = False
        await self._sweep(place)
        return KeptIndex(place, size, digest, mark)

    async def used(self, kept: KeptIndex) -> None:
        """Note that an index was used; a few times a day it is looked for what is old."""
        await asyncio.to_thread(_touch, kept.path, self._clock.now().timestamp())
        if self._clock.monotonic() >= self._swept_at + _SWEEP_SECONDS:
            await self._sweep(kept.path)

    async def _sweep(self, newest: Path) -> None:
        """Remove the longest unused of what is too much, and what is old; the newest stays."""
        self._swept_at = self._clock.monotonic()
        now = self._clock.now().timestamp()
        await asyncio.to_thread(_sweep, self._folder, newest, self._limits, now)


def _name(url: str, account: str, insecure: bool) -> str:
    who = (
        hashlib.scrypt(account.encode(), salt=url.encode(), n=_WORK, r=8, p=1).hex()
        if account
        else ""
    )
    return hashlib.sha256(f"{url}\0{insecure}\0{who}".encode()).hexdigest()[:32]


def _touch(path: Path, now: float) -> None:
    with contextlib.suppress(OSError):
        if now - path.stat().st_mtime > _TOUCHED_SECONDS:
            os.utime(path, (now, now))


def _sweep(folder: Path, newest: Path, limits: KeptLimits, now: float) -> None:
    found = []
    for path in folder.glob(f"*{index_files.KEPT}"):
        with contextlib.suppress(OSError):
            told = path.stat()
            found.append((told.st_mtime, told.st_size, path))
    total = sum(size for _, size, _ in found)
    for used, size, path in sorted(found):
        if total <= limits.bytes and now - used <= limits.seconds:
            break
        if path != newest:
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
