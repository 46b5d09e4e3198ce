"""Where tags pointed, on disk, so that a server that starts again need not ask about each of them.

A file for each repository as one credential sees it: what one is shown, nobody is given without it. It lies among the
contents of the repository, and is bounded and swept with them. As those it can be had anew, so it is written without a flush.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.clients.oci import digests
from towpath.clients.oci.registry_memory import ToldTag
from towpath.disk import reading, writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.oci.address import ImageAddress
    from towpath.clients.oci.authentication import RegistryCredential
    from towpath.clients.oci.kept_contents import KeptContents
    from towpath.clients.oci.registry_memory import RegistryMemory
    from towpath.clock import Clock

    _Whose = tuple[str, RegistryCredential]

_LARGEST: Final = 16 << 20
"""Of a file; one of 20,000 tags has two million bytes."""
_ANSWERS: Final = 32
"""Answers that repeat what is written; at so many they are written anew, for when they were had."""
_SECONDS: Final = 1200.0
"""After which fewer of those are."""
_MOST: Final = 10_000
"""Repositories of which it is remembered that their file was read."""
_SALT: Final = b"towpath: where tags point"
_WORK: Final = 1 << 14
"""Of scrypt: the name of a file must not be a way to try passwords out."""

_log = logging.getLogger(__name__)


class KeptTags:
    """Has a memory of tags outlive the process."""

    def __init__(self, contents: KeptContents, memory: RegistryMemory, clock: Clock) -> None:
        """`contents`: beside which the files lie. `memory` is filled from them, and what it has goes into them."""
        self._contents = contents
        self._memory = memory
        self._clock = clock
        self._recalled: dict[_Whose, tuple[Path, datetime]] = {}
        """Whose file was read, where it is, and when it was read."""
        self._answers: dict[_Whose, set[str]] = {}
        """Tags that were asked about since the file was written."""
        self._changed: set[_Whose] = set()
        self._written_at: dict[_Whose, float] = {}
        self._names: dict[str, str] = {}
        """Of files, by account: to find one takes a while on purpose, and an account has many repositories."""
        self._turn = asyncio.Lock()
        self._is_broken = False

    async def recall(
        self, address: ImageAddress, credential: RegistryCredential, *, since: datetime | None
    ) -> None:
        """Remember where tags of a repository pointed when a process before this one asked.

        `since`: when somebody told that something was pushed there: what was answered to that process before is not relied on.
        """
        whose = (f"{address.host}/{address.name}", credential)
        async with self._turn:
            if whose not in self._recalled:
                path = self._contents.place(address) / await self._name(credential.account)
                self._memory.recall(address, credential, await asyncio.to_thread(_read, path))
                while len(self._recalled) >= _MOST:
                    self._forget(next(iter(self._recalled)))
                self._recalled[whose] = (path, self._clock.now())
        if since is not None and since < self._recalled[whose][1]:
            self._memory.forget_before(address, credential, since)

    def note(
        self, address: ImageAddress, credential: RegistryCredential, tag: str, *, is_news: bool
    ) -> None:
        """Note that a tag was asked about. `is_news`: whether it points elsewhere than was remembered."""
        whose = (f"{address.host}/{address.name}", credential)
        if whose in self._recalled:
            self._answers.setdefault(whose, set()).add(tag)
            if is_news:
                self._changed.add(whose)

    async def keep(self, address: ImageAddress, credential: RegistryCredential) -> None:
        """Write where the tags of a repository point, if there is enough to write. What cannot be written is not kept."""
        whose = (f"{address.host}/{address.name}", credential)
        async with self._turn:
            if whose not in self._recalled or not self._is_worth_it(whose):
                return
            told = self._memory.told(address, credential)
            self._answers.pop(whose, None)
            self._changed.discard(whose)
            self._written_at[whose] = self._clock.monotonic()
            try:
                now = self._clock.now().timestamp()
                await asyncio.to_thread(_write, self._recalled[whose][0], told, now)
            except OSError as error:
                if not self._is_broken:
                    _log.warning(
                        "where tags point is not kept: %s",
                        error.strerror or error,
                        extra={"folder": str(self._recalled[whose][0].parent)},
                    )
                self._is_broken = True
            else:
                self._is_broken = False

    async def _name(self, account: str) -> str:
        name = self._names.get(account)
        if name is None:
            name = await asyncio.to_thread(_named, account)
            while len(self._names) >= _MOST:
                del self._names[next(iter(self._names))]
            self._names[account] = name
        return name

    def _is_worth_it(self, whose: _Whose) -> bool:
        answers = self._answers.get(whose, ())
        if not answers:
            return False
        since = self._clock.monotonic() - self._written_at.get(whose, float("-inf"))
        return whose in self._changed or len(answers) >= _ANSWERS or since >= _SECONDS

    def _forget(self, whose: _Whose) -> None:
        del self._recalled[whose]
        self._answers.pop(whose, None)
        self._changed.discard(whose)
        self._written_at.pop(whose, None)


def _named(account: str) -> str:
    if not account:
        return "tags"
    return f"tags-{hashlib.scrypt(account.encode(), salt=_SALT, n=_WORK, r=8, p=1).hex()[:32]}"


def _read(path: Path) -> list[ToldTag]:
    """Return what a file says; nothing where there is none, or it is not whole."""
    try:
        found = msgspec.json.decode(reading.regular(path, _LARGEST), type=list[ToldTag])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []
    return [each for each in found if digests.is_known(each.digest)]


def _write(path: Path, told: Sequence[ToldTag], now: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    writing.place(path, msgspec.json.encode(told), mode=0o600)
    with contextlib.suppress(FileNotFoundError):
        os.utime(path, (now, now))  # by which it is swept
