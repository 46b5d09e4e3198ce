"""Tells when everything that runs beside a test has come to rest, without a look at a clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.hooks.dispatcher import Dispatch
    from towpath.runtime.queue import WorkQueue
    from towpath.store.contract import Store
    from towpath.store.sqlite.store import SQLiteStore

LONGEST_SECONDS: Final = 120
"""After which a test has failed that waits for something; much longer than it takes, for machines with much else to do."""
_CALM: Final = 8
"""Looks in a row at which nothing was to be done: what one part tells the next takes some turns of the event loop."""


async def settled(
    store: Store, queues: Sequence[WorkQueue[Any]], dispatches: Sequence[Dispatch] = ()
) -> None:
    """Return when no queue has anything to do before time passes, and all that happened was handed on."""
    async with asyncio.timeout(LONGEST_SECONDS):
        calm, revision = 0, -1
        while calm < _CALM:
            await written(store)
            waits = any(
                queue.active() or queue.due(key) == 0.0
                for queue in queues
                for key in (*queue.waiting(), *queue.active())
            )
            waits = waits or any(
                each.reached < each.newest and not each.trouble for each in dispatches
            )
            now = store.revision()
            calm = 0 if waits or now != revision else calm + 1
            revision = now


async def written(store: Store) -> None:
    """Return when all that was given to the store's writer before is written, and its watches were told."""
    await store.collected()
    await cast("SQLiteStore", store)._writer.run(lambda _: None)
