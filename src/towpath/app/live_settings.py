"""The operator's settings while a server runs: read anew on SIGHUP, and told to whom they can be told.

Whoever can take a setting on without a restart follows its key. What else changed in the file is named in the log, and
holds from the next start on.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec

from towpath.app.settings.operator import OperatorSettings, read
from towpath.errors import TowpathError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)


class LiveSettings:
    """Settings, and who follows which."""

    def __init__(self, operator: OperatorSettings, path: Path | None = None) -> None:
        """`path`: the file they come from; None: there is none, so they stay."""
        self.operator = operator
        """What the file said when it was read last; of keys that nobody follows, what it said at the start holds."""
        self._path = path
        self._followers: list[tuple[str, Callable[[OperatorSettings], None]]] = []
        self._reading = asyncio.Lock()

    def follow(self, key: str, take: Callable[[OperatorSettings], None]) -> None:
        """Have `take` called with the new settings when a key, such as `egress.allow`, has another value."""
        self._followers.append((key, take))

    async def read_again(self) -> None:
        """Read the file again, and hand on what changed. A file that cannot be used changes nothing; the log says why."""
        async with self._reading:
            if self._path is None:
                _log.info("no settings are read again: the server was started without --config")
                return
            try:
                found = await asyncio.to_thread(read, self._path)
            except TowpathError as error:
                _log.error("the settings stay as they were: %s", error)
                return
            before, self.operator = self.operator, found
            self._hand_on(changed(before, found))

    def _hand_on(self, keys: list[str]) -> None:
        taken: set[str] = set()
        for followed, take in self._followers:
            mine = {key for key in keys if key == followed or key.startswith(f"{followed}.")}
            if mine:
                take(self.operator)
                taken |= mine
        later = [key for key in keys if key not in taken]
        _log.info(
            "the settings were read again",
            extra={"changed": ", ".join(sorted(taken)) or "nothing"},
        )
        if later:
            _log.warning("these settings hold from the next start on: %s", ", ".join(later))


def changed(before: OperatorSettings, after: OperatorSettings) -> list[str]:
    """Return the keys whose values differ, such as `git.pool.trees`; lists are one value each."""
    old, new = (dict(_flat(msgspec.to_builtins(each), "")) for each in (before, after))
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


def _flat(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _flat(each, f"{key}.{name}".lstrip("."))
    else:
        yield key, value
