"""Changes that are told to streams: made by one request each, and heard by many."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import aiohttp

_LOOK_SECONDS: Final = 0.01


@dataclass
class Hearing:
    """When which change was heard, by each stream that heard it."""

    session: aiohttp.ClientSession
    project: str
    warehouse: str
    arrived: dict[str, list[float]] = field(default_factory=dict)
    ready: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released by each stream that has begun."""

    async def listen(self) -> None:
        """Read a stream of the Project's board until cancelled."""
        path = f"/towpath/v1/stream?topics=board:{self.project},overview"
        async with self.session.get(path) as answer:
            rest = ""
            self.ready.release()
            async for chunk in answer.content.iter_any():
                now = time.perf_counter()
                *blocks, rest = (rest + chunk.decode()).split("\n\n")
                for block in blocks:
                    if '"k":"lanes/' in block:
                        found = json.loads(block.partition("data: ")[2].partition("\n")[0])
                        said = str((found["set"] or {}).get("error"))
                        self.arrived.setdefault(said, []).append(now)

    async def change(self, number: int, *, streams: int, seconds: float = 5.0) -> list[float]:
        """Change what the Warehouse says; return after how many seconds each stream had heard of it."""
        condition = {
            "type": "Ready",
            "status": "False",
            "reason": "Bench",
            "message": str(number),
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        said, began = f"Bench: {number}", time.perf_counter()
        what = f"warehouses/{self.warehouse}/status"
        await patch(self.session, self.project, what, {"status": {"conditions": [condition]}})
        for _ in range(round(seconds / _LOOK_SECONDS)):
            if len(self.arrived.get(said, ())) >= streams:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return [at - began for at in self.arrived.pop(said, ())]


async def patch(
    session: aiohttp.ClientSession, project: str, what: str, body: dict[str, Any]
) -> None:
    """Merge something into an object of a Project."""
    path = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{project}/{what}"
    headers = {"Content-Type": "application/merge-patch+json"}
    async with session.patch(path, json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
