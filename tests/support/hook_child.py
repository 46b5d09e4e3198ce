"""A process that hands on what happened until all is taken: for tests that kill it at a named point."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.support.stores import opened
from towpath.clock import SystemClock
from towpath.hooks.dispatcher import Dispatcher
from towpath.hooks.hook_runs import HookRuns


async def main(folder: Path) -> None:
    """Hand on what happened in the store of a folder."""
    async with opened(folder) as store:
        dispatcher = Dispatcher(store, SystemClock(), [HookRuns(store)])
        await dispatcher.load()
        [dispatch] = dispatcher.dispatches
        task = asyncio.create_task(dispatcher.run())
        async with asyncio.timeout(60):
            while dispatch.reached < dispatch.newest:
                await asyncio.sleep(0)
        await dispatcher.keep()
        task.cancel()
        await asyncio.wait([task])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
