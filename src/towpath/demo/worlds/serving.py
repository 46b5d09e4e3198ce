"""Serves a large world: it is written once into a folder of its own, and a plain server goes on from there."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from towpath import app
from towpath.app.settings.operator import OperatorSettings
from towpath.demo.worlds import writing
from towpath.disk import naming
from towpath.resources import scheme
from towpath.store.contract import Query
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.demo.world import DemoSettings


def run(settings: DemoSettings, world: str, say: Callable[[str], None]) -> None:
    """Serve a world until SIGINT or SIGTERM. Raises BadRequest for one that does not exist, Unavailable."""
    writing.known(world)
    asyncio.run(_run(settings, world, say))


async def _run(settings: DemoSettings, world: str, say: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    data = settings.data.absolute() / world
    count = await _written(data, settings.key_file, world)
    if count:
        say(f"towpath demo: made {world}, {count} objects, in {data}")
    host, port = app.parse_address(settings.listen)
    served_by = app.Settings(
        data=data,
        key_file=settings.key_file,
        host=host,
        port=port,
        operator=OperatorSettings(),
        programs=settings.programs,
    )
    async with app.running(served_by) as served:
        say(f"towpath demo: serving {served.address} token-file={served.token_file}")
        await stop.wait()


async def _written(data: Path, key_file: Path, world: str) -> int:
    """Write the world where nothing is yet; return how many objects that made."""
    with naming.named(data):
        store = await open_store(
            data, key_file=key_file, scheme=scheme.SCHEME, command="towpath demo"
        )
        try:
            if await store.count(Query(kind=scheme.PROJECT)):
                return 0
            return await writing.write(store, world, datetime.now(UTC))
        finally:
            await store.close()
