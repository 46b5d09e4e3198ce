"""Runs a program that may take long, by a supervisor: it ends with who started it, however that one ends.

The supervisor is a process between. It is told to end the program by the end of the pipe to it, which the kernel closes
when the server is killed; and it adopts whatever the program leaves behind, so that nothing of it stays. It writes what the
program prints into a file, masked and bounded, so that the server has no work with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MODULE: Final = "towpath.clients.supervision.supervisor"
_MOST_TOLD: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisedProgram:
    """What is run."""

    argv: Sequence[str]
    directory: Path
    log: Path
    """Where what it prints is appended."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    log_bytes: int = 8 << 20
    """Of its output that are kept: the first, and a little of the last."""
    seconds: float = 600.0
    secret_values: Sequence[str] = field(default=(), repr=False)
    afterwards: Sequence[str] = ()
    """A command that is run at the end, however it ends: it removes what is not a process of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisedEnd:
    """How it ended."""

    code: int
    """The exit code; negative: the signal."""
    is_late: bool = False
    """Whether it was ended because its time was up."""
    is_ended: bool = False
    """Whether it was ended because somebody wanted it."""
    problem: str = ""
    """Why it could not be started."""


def _where_we_are() -> dict[str, str]:
    """Return the variable by which Python finds this package, where it is found by one."""
    found = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": found} if found else {}


class Supervised:
    """A program that runs. The event loop watches it; nothing waits for it in a thread."""

    def __init__(self, program: SupervisedProgram) -> None:
        """Start it. Raises Unavailable."""
        self._loop = asyncio.get_running_loop()
        self._told = bytearray()
        self._over: asyncio.Future[SupervisedEnd] = self._loop.create_future()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of ours
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **_where_we_are()},
            )
        except OSError as error:
            raise Unavailable(f"no supervisor can be started: {error.strerror or error}") from error
        terms = {
            "argv": list(program.argv),
            "environment": dict(program.environment),
            "directory": str(program.directory),
            "log": str(program.log),
            "logBytes": program.log_bytes,
            "seconds": program.seconds,
            "secrets": list(program.secret_values),
            "afterwards": list(program.afterwards),
        }
        assert self._process.stdin is not None  # noqa: S101 - they are pipes, for the type checker
        assert self._process.stdout is not None  # noqa: S101
        self._to, self._from = self._process.stdin, self._process.stdout
        self._unsent = memoryview(json.dumps(terms).encode() + b"\n")
        os.set_blocking(self._to.fileno(), False)
        os.set_blocking(self._from.fileno(), False)
        self._loop.add_writer(self._to.fileno(), self._write)
        self._loop.add_reader(self._from.fileno(), self._read)

    async def over(self) -> SupervisedEnd:
        """Return how it ended, once it has: it goes on if whoever waits is cancelled."""
        return await asyncio.shield(self._over)

    def end(self) -> None:
        """Have it ended, with all that it started; `over` tells when that is done."""
        if not self._to.closed:
            self._loop.remove_writer(self._to.fileno())
            self._to.close()

    def _write(self) -> None:
        try:
            sent = os.write(self._to.fileno(), self._unsent)
        except BlockingIOError:
            return
        except OSError:  # it has ended already, which is read
            sent = len(self._unsent)
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._loop.remove_writer(self._to.fileno())  # it stays open: its end is the word to end

    def _read(self) -> None:
        try:
            piece = os.read(self._from.fileno(), 4096)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if piece and len(self._told) < _MOST_TOLD:
            self._told += piece
            return
        self._loop.remove_reader(self._from.fileno())
        self._from.close()
        self.end()
        # It has closed its last pipe and ends now: this takes no time.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        if not self._over.done():
            self._over.set_result(self._ended())

    def _ended(self) -> SupervisedEnd:
        try:
            found = json.loads(self._told)
            return SupervisedEnd(
                code=int(found["code"]),
                is_late=bool(found["late"]),
                is_ended=bool(found["ended"]),
                problem=str(found["problem"]),
            )
        except (ValueError, KeyError, TypeError):
            # Whatever killed it: the kernel, for memory, or a person.
            code = self._process.returncode
            return SupervisedEnd(
                code=-9, problem=f"its supervisor ended with {code} and took it with it"
            )
