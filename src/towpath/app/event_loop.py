"""Runs an event loop, and ends with it: nothing that was left behind keeps the process.

`asyncio.run` waits without a limit for tasks that ignore being cancelled and for threads that block, and so does the
interpreter when it exits. A step of a third party can do both.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from towpath.app import fairness

if TYPE_CHECKING:
    from collections.abc import Coroutine

_THREADS: Final = 64
"""A step that blocks in a thread holds one of them; the usual handful would soon be used up."""
_TASK_SECONDS: Final = 0.5
_EXIT_SECONDS: Final = 0.5
"""How long the interpreter may wait for threads after everything is closed."""

_log = logging.getLogger(__name__)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` to its end on a new loop; raise what it raises. The process then ends within about a second."""
    loop = fairness.event_loop()
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="towpath")
    loop.set_default_executor(pool)
    asyncio.set_event_loop(loop)
    code = 1
    try:
        loop.run_until_complete(main)
        code = 0
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=_TASK_SECONDS))
        pool.shutdown(wait=False, cancel_futures=True)
        asyncio.set_event_loop(None)
        if not any(not task.done() for task in left):
            loop.close()
        _exit_soon(code)


def _exit_soon(code: int) -> None:
    """Have the process end although threads block: they cannot be ended, and the interpreter would wait for them."""

    def end() -> None:
        _log.warning("threads that do not end are left to the end of the process")
        logging.shutdown()
        os._exit(code)

    timer = threading.Timer(_EXIT_SECONDS, end)
    timer.daemon = True
    timer.start()
