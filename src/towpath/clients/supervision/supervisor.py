"""The process between the server and a program that may take long: `python -m …supervisor`, terms as a line on its input.

It ends the program when its input ends, when it is told to end, and when the time is up; adopts what the program leaves
behind, and ends that too; and writes what it prints into a file. At its end it writes a line of JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from towpath.clients.supervision.log_file import LogFile

_CHILD_SUBREAPER: Final = 36
_END_WITH_PARENT: Final = 1
_GRACE_SECONDS: Final = 3.0
"""That a program has which was asked to end."""
_LEFT_SECONDS: Final = 5.0
"""For what it leaves behind to end, once it is killed."""
_OPEN_SECONDS: Final = 0.5
"""For what it printed last to arrive, where others hold its pipe."""
_AFTERWARDS_SECONDS: Final = 30.0
_CHUNK: Final = 1 << 16


def main() -> None:
    """Supervise."""
    waking, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return  # who started it is gone already
    terms = json.loads(line)
    found = {"code": 0, "late": False, "ended": False, "problem": ""}
    try:
        with LogFile(Path(terms["log"]), terms["logBytes"], terms["secrets"]) as log:
            found |= _supervised(terms, log, waking)
    except OSError as error:
        found |= {"code": -1, "problem": f"{error.strerror or error}"}
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), json.dumps(found).encode())


def _supervised(terms: dict[str, Any], log: LogFile, waking: int) -> dict[str, Any]:
    program = subprocess.Popen(  # noqa: S603 - an argument array, never a shell
        terms["argv"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        cwd=terms["directory"],
        env=terms["environment"],
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - there are no threads here
    )
    assert program.stdout is not None  # noqa: S101 - it is a pipe, for the type checker
    end, output = os.pidfd_open(program.pid), program.stdout.fileno()
    deadline = time.monotonic() + terms["seconds"]
    is_late = is_ended = False
    killing: float | None = None
    watched = {end, output, waking, sys.stdin.fileno()}
    while end in watched:
        left = (deadline if killing is None else killing) - time.monotonic()
        if left <= 0:
            if killing is not None:
                break
            is_late, killing = True, time.monotonic() + _GRACE_SECONDS
            _signal(program.pid, signal.SIGTERM)
            continue
        for each in select.select(list(watched), [], [], left)[0]:
            if each == output:
                if not (piece := os.read(output, _CHUNK)):
                    watched.discard(output)
                log.write(piece)
            elif each == end:
                watched.discard(end)
            else:
                # The end of the input, or a signal: nothing else ever comes there.
                watched -= {sys.stdin.fileno(), waking}
                if killing is None:
                    is_ended, killing = True, time.monotonic() + _GRACE_SECONDS
                    _signal(program.pid, signal.SIGTERM)
    _end_all(program.pid)
    if output in watched:
        _drain(output, log)
    if terms["afterwards"]:
        _afterwards(terms)
    return {"code": program.wait(), "late": is_late, "ended": is_ended}


def _end_with_parent() -> None:
    """Have the kernel kill the program when this process is killed."""
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _drain(output: int, log: LogFile) -> None:
    until = time.monotonic() + _OPEN_SECONDS
    while (left := until - time.monotonic()) > 0 and select.select([output], [], [], left)[0]:
        if not (piece := os.read(output, _CHUNK)):
            return
        log.write(piece)


def _end_all(program: int) -> None:
    """Kill the program, its group, and whatever was left to this process by its parents' ends."""
    _signal(program, signal.SIGKILL)
    until = time.monotonic() + _LEFT_SECONDS
    while time.monotonic() < until:
        children = [each for each in _children() if each != program]
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)
        if not children:
            return


def _children() -> list[int]:
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")
    except OSError:
        return []
    return [int(each) for each in text.split()]


def _signal(program: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program, number)


def _afterwards(terms: dict[str, Any]) -> None:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - an argument array, never a shell
            terms["afterwards"],
            check=False,
            env=terms["environment"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_AFTERWARDS_SECONDS,
        )


if __name__ == "__main__":
    main()
