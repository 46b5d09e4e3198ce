"""Asks a server for Promotions, and waits by a watch until they have ended."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from benchmarks.promoting.project import NAMED
from benchmarks.promoting.raw_http import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

_CALLERS: Final = 16
_WAIT_SECONDS: Final = 180.0
_ENDED: Final = frozenset({"Succeeded", "Failed", "Errored", "Aborted"})


class Promoter:
    """One server, and a watch of its Promotions."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._token = token
        self._phases: dict[str, str] = {}
        self._news = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def opened(cls, address: str, token: str) -> AsyncIterator[Promoter]:
        """Watch the Promotions of a server while the context lasts."""
        made = cls(address, token)
        async with Connection(address, token) as ask:
            found = await ask.json("GET", f"{NAMED.kube}/promotions?limit=1")
            since = found["metadata"]["resourceVersion"]
        async with Connection(address, token) as watch:
            task = asyncio.create_task(made._read(watch, since))
            try:
                yield made
            finally:
                task.cancel()

    async def promote(self, stages: Iterable[int]) -> list[str]:
        """Promote the Freight to these Stages at once; return the phases in which the Promotions ended."""
        numbers = iter(stages)
        names: list[str] = []

        async def call() -> None:
            async with Connection(self._address, self._token) as ask:
                for number in numbers:
                    path = f"{NAMED.base}/stages/{NAMED.stage(number)}/promotions"
                    made = await ask.json("POST", path, {"freightAlias": NAMED.alias})
                    names.append(made["metadata"]["name"])

        async with asyncio.TaskGroup() as group:
            for _ in range(_CALLERS):
                group.create_task(call())
        async with asyncio.timeout(_WAIT_SECONDS), self._news:
            await self._news.wait_for(lambda: set(names) <= self._phases.keys())
        return [self._phases[name] for name in names]

    async def _read(self, watch: Connection, since: str) -> None:
        path = f"{NAMED.kube}/promotions?watch=1&resourceVersion={since}"
        async for line in watch.lines("GET", path):
            if b'"phase"' not in line:
                continue
            document = json.loads(line)["object"]
            phase = (document.get("status") or {}).get("phase", "")
            if phase in _ENDED:
                self._phases[document["metadata"]["name"]] = phase
                async with self._news:
                    self._news.notify_all()
