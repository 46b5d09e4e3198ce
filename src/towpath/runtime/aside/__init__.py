"""The only way off the event loop for work on what others send: parsing, edits, copies above a size.

A thread would not do: it holds the interpreter's lock, so a large body that is parsed in one makes everybody wait, and
nothing can end it. The work is done in a process of its own, which is killed when its time is up, when whoever wanted
the result has gone, and when the server stops. Processes are forked from a template that has its modules loaded
already; it is started when first needed and ends when it has not been needed for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from towpath.caller_turns import CallerTurns
from towpath.errors import TooLarge, TowpathError, Unavailable
from towpath.runtime.aside import endings, frames
from towpath.runtime.loop_share import LoopShare

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ResultT = TypeVar("ResultT")

LIGHT: Final = 8 << 10
"""What weighs no more is done at once, where it is asked for: in bytes of YAML, whose worst costs 6 µs a byte."""
JSON_BYTES: Final = 8
"""So many bytes of JSON weigh as much as one of YAML."""
CPU_SECONDS: Final = 5.0
"""Of processor time for one piece of work, unless it is told otherwise."""
_OF_ONE: Final = max(1, (os.cpu_count() or 2) - 1)
"""Of one caller's: a processor is left to the server itself."""
_AT_ONCE: Final = _OF_ONE + 1
"""One more, for whoever comes behind a caller whose work takes long; they share the processors, and the server goes first."""
_REST_SECONDS: Final = 60.0
"""After so long without work the template ends, and its memory is free."""
_LARGEST_RESULT: Final = 64 << 20
_TEMPLATE: Final = "towpath.runtime.aside.fork_server"


class Aside:
    """Runs work in processes of its own. It costs nothing until it is needed."""

    def __init__(
        self, *, at_once: int = _AT_ONCE, of_one: int = _OF_ONE, refuses: bool = True
    ) -> None:
        """`at_once`: how many pieces of work may run at the same time, `of_one`: of one caller's.

        `refuses`: whether a caller who has many waiting is told to ask again, which suits requests. What nobody asks for
        again, as steps of Promotions, waits.
        """
        self._turns = (
            CallerTurns(at_once, of_one)
            if refuses
            else CallerTurns(at_once, of_one, most_of_one=sys.maxsize, most=sys.maxsize)
        )
        self._starting = asyncio.Lock()
        self._template: _Template | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._ending: asyncio.Future[None] | None = None
        self._running = 0
        self._closed = False
        self._share = LoopShare()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def running(self) -> int:
        """How many pieces of work run."""
        return self._running

    async def run(
        self,
        work: Callable[..., ResultT],
        *given: Any,
        weight: int,
        what: str,
        caller: str = "",
        seconds: float = CPU_SECONDS,
    ) -> ResultT:
        """Return what a function returns: a function of a module, whose arguments and result can be pickled.

        `weight`: how much work it is, see `LIGHT`. `what` names it in errors, `caller` is who asked for it: each gets
        a turn after the other. `seconds` are of processor time. Raises what the function raises, Timeout when the time
        was not enough, TooLarge for more memory than it may have, TooManyRequests when the caller has too much waiting,
        and Unavailable when no process can be started, or when it crashes or is killed.
        """
        if weight <= LIGHT:
            with self._share.working():
                done = work(*given)
            await self._share.give()
            return done
        async with self._turns.turn(caller):
            self._running += 1
            try:
                found: ResultT = await self._run((work, given), what, seconds)
                # To unpickle much took a while, and whoever wanted it has much to do with it: others have a turn between.
                await asyncio.sleep(0)
                return found
            finally:
                self._running -= 1
                self._rest_soon()

    async def close(self) -> None:
        """End the template, and with it whatever runs."""
        self._closed = True
        if self._resting is not None:
            self._resting.cancel()
        template, self._template = self._template, None
        if self._ending is not None:
            await self._ending
        if template is not None:
            await asyncio.to_thread(template.end)

    async def _run(self, job: tuple[Any, Any], what: str, seconds: float) -> Any:
        template = await self._started()
        (ours, theirs), (told, telling) = socket.socketpair(), socket.socketpair()
        with ours, told:
            ours.setblocking(False)
            told.setblocking(False)
            with theirs, telling:
                template.begin(theirs, telling, seconds)
            process, is_over = 0, False
            try:
                process = int.from_bytes(await frames.exactly(ours, frames.PROCESS_BYTES), "big")
                await frames.send(ours, pickle.dumps(job, protocol=5))
                answer = await frames.receive(ours, _LARGEST_RESULT)
                is_over = True
            except (EOFError, OSError) as error:
                is_over = True
                raise await self._unanswered(told, what, seconds) from error
            except frames.TooMuch as error:
                raise TooLarge(
                    f"{what}: more than {_LARGEST_RESULT:,} bytes come out of it"
                ) from error
            finally:
                if process and not is_over:
                    _kill(process)
        return _result(answer, what)

    async def _unanswered(self, told: socket.socket, what: str, seconds: float) -> TowpathError:
        """Return why a process has not answered, once the template has told how it ended."""
        status: int | None = None
        with contextlib.suppress(EOFError, OSError):
            (status,) = endings.STATUS.unpack(await frames.exactly(told, endings.STATUS.size))
        if self._closed:
            return Unavailable(f"{what}: the server is stopping; send it again")
        return endings.unanswered(what, seconds, status)

    async def _started(self) -> _Template:
        async with self._starting:
            if self._closed:
                raise Unavailable("the server is stopping")
            if self._template is not None and not self._template.lives:
                self._template.end()
                self._template = None
            if self._template is None:
                try:
                    self._template = await asyncio.to_thread(_Template)
                except OSError as error:
                    raise Unavailable(
                        f"no process can be started for a large request: {error.strerror or error}"
                    ) from error
            return self._template

    def _rest_soon(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if not self._running and not self._closed:
            self._resting = asyncio.get_running_loop().call_later(_REST_SECONDS, self.rest)

    def rest(self) -> None:
        """End the template unless something runs; it is started again when it is needed."""
        if self._running or self._template is None:
            return
        template, self._template = self._template, None
        self._ending = asyncio.ensure_future(asyncio.to_thread(template.end))


class _Template:
    """The process that others are forked from. It ends when our end of its socket is closed."""

    def __init__(self) -> None:
        """Start it. Raises OSError."""
        self._control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of ours
                [sys.executable, "-P", "-m", _TEMPLATE, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # a terminal's interrupt is for the server, which ends all of them together
            )
        self._control.setblocking(False)

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def begin(self, connection: socket.socket, telling: socket.socket, seconds: float) -> None:
        """Have a process forked that takes a job from a connection; how it ends is told on another."""
        with contextlib.suppress(
            OSError
        ):  # it has ended: then the connection is closed, which is told
            socket.send_fds(
                self._control,
                [struct.pack("!d", seconds)],
                [connection.fileno(), telling.fileno()],
            )

    def end(self) -> None:
        """End it, and all that were forked from it."""
        self._control.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _result(answer: bytearray, what: str) -> Any:
    succeeded, found = pickle.loads(answer)  # noqa: S301 - our own code wrote it
    if succeeded:
        return found
    if isinstance(found, MemoryError):
        raise endings.out_of_memory(what)
    if isinstance(found, TowpathError):
        raise found
    raise Unavailable(f"{what}: the work on it failed") from found


__all__ = ["CPU_SECONDS", "JSON_BYTES", "LIGHT", "Aside"]
