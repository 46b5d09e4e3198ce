"""The process ends with its loop, whatever was left behind on it."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import asyncio, sys, time
from towpath.app import event_loop

async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def main():
    held = [asyncio.ensure_future(stubborn()), asyncio.ensure_future(asyncio.to_thread(time.sleep, 3600))]
    await asyncio.sleep(0)
    print("closed", flush=True)
    if sys.argv[1] == "fails":
        raise ValueError("no room")

event_loop.run(main())
"""


@pytest.mark.parametrize(("how", "code"), [("ends", 0), ("fails", 1)])
@pytest.mark.slow
def test_nothing_that_was_left_behind_keeps_the_process(how: str, code: int) -> None:
    """Neither a task that ignores being cancelled nor a thread that blocks; how it ended is still told."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, how],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (code, "closed\n")
    assert ("ValueError: no room" in ended.stderr) == (how == "fails")
