"""Runs other programs: an argv array, a given environment, a deadline, bounded output, nothing left behind.

A program gets exactly the environment it is handed and its own process group. When the deadline passes or
the caller is cancelled the whole group ends: first asked (SIGTERM, so that lock files are removed), then
killed. A secret that a program prints is masked before anybody sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Required, TypedDict

from towpath import errors
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import IO

GRACE_SECONDS: Final = 2.0
"""How long a program that was asked to end may take before it is killed."""

_CHUNK_BYTES: Final = 1 << 16
_STDERR_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Finished:
    """What a program did: its exit code (negative: the signal that ended it) and what it printed.

    `stderr` is text with secrets masked and the middle left out beyond 256 KiB; `stdout` is what was
    printed, unmasked, because it is data (file contents) that callers read by its exact bytes.
    """

    code: int
    stdout: bytes
    stderr: str

    @property
    def killed_by(self) -> int:
        """The signal that ended it, 0 if none did."""
        return max(0, -self.code)


class How(TypedDict, total=False):
    """What `run` takes besides the program and its arguments."""

    environment: Required[Mapping[str, str]]
    directory: Required[Path]
    seconds: Required[float]
    stdin: bytes
    stdout_limit: int
    memory_limit: int
    file_limit: int
    secrets: Sequence[str]


async def run(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    seconds: float,
    stdin: bytes = b"",
    stdout_limit: int = 64 << 20,
    memory_limit: int = 0,
    file_limit: int = 0,
    secrets: Sequence[str] = (),
) -> Finished:
    """Run `argv` to its end in `directory`; a non-zero exit is an answer, not an error.

    `seconds` is the deadline, `stdout_limit` is in bytes, and so are `memory_limit` and `file_limit`, the largest file that
    it may write (0: none), which hold for the program and each one that it calls. Raises Timeout after the deadline, TooLarge when
    it prints more than the limit (the program is ended in both cases), BadRequest for an argument
    with a NUL and Unavailable when it cannot be started.
    """
    name = os.path.basename(argv[0])  # noqa: PTH119 - the last part of a name, which need not be a path
    if any("\0" in argument for argument in argv):
        raise errors.BadRequest(f"{name}: an argument holds a NUL character")
    try:
        limited = _limited(argv, memory_limit, file_limit, environment.get("PATH", os.defpath))
        program = _Program(limited, environment, directory, stdin, stdout_limit)
    except FileNotFoundError as error:
        if os.fspath(error.filename or "") == os.fspath(directory):
            raise errors.Unavailable(
                f"cannot start {name} in {directory.name}: that directory is gone"
            ) from error
        where = environment.get("PATH", os.defpath)
        raise errors.Unavailable(
            f"cannot start {name}: there is no such program in {where}; install it"
        ) from error
    except OSError as error:
        raise errors.Unavailable(
            f"cannot start {name} in {directory.name}: {error.strerror or error}"
        ) from error
    try:
        async with asyncio.timeout(seconds):
            await program.over.wait()
    except TimeoutError as error:
        raise errors.Timeout(f"{name} did not finish within {seconds:g} s and was ended") from error
    finally:
        await _see_off(program)
    if program.too_much:
        raise errors.TooLarge(
            f"{name} printed more than the {stdout_limit} bytes allowed and was ended"
        )
    return Finished(
        code=program.code,
        stdout=bytes(program.stdout),
        stderr=mask(program.stderr.decode("utf-8", "replace"), secrets),
    )


class _Program:
    """A running program, its pipes and its end, all watched by the event loop.

    asyncio's own subprocesses are not used: cancelled while one starts, they wait for ever for pipes that
    were not connected yet, and each costs a thread that waits for its end. Nothing here can be cancelled.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        stdin: bytes,
        limit: int,
    ) -> None:
        self.over = asyncio.Event()
        """Set once it ended and closed its pipes, or said too much, or ended and left its pipes to others."""
        self.closed = asyncio.Event()
        """Set once it ended and nobody holds its pipes."""
        self.too_much = False
        self.stdout = bytearray()
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = False
        self._unsent = memoryview(stdin)
        self._patience: asyncio.TimerHandle | None = None
        self._popen = subprocess.Popen(  # noqa: S603 - an argument array, never a shell
            argv,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
        )
        try:
            self._end = os.pidfd_open(self._popen.pid)
        except OSError:
            self.kill()
            raise
        self._open = {self._end}
        self._loop.add_reader(self._end, self._ended)
        if self._popen.stdout:
            self._read_from(self._popen.stdout.fileno(), self._keep)
        if self._popen.stderr:
            self._read_from(self._popen.stderr.fileno(), self._keep_ends)
        if self._popen.stdin:
            os.set_blocking(self._popen.stdin.fileno(), False)
            self._loop.add_writer(self._popen.stdin.fileno(), self._feed, self._popen.stdin)

    @property
    def code(self) -> int:
        """The exit code; that of SIGKILL for a program that did not end after it was killed."""
        code = self._popen.poll()
        return -signal.SIGKILL if code is None else code

    @property
    def stderr(self) -> bytes:
        """What may be kept of it: the cause stands at either end."""
        return bytes(self._head + (b"\n[...]\n" if self._dropped else b"") + self._tail)

    def signal(self, number: signal.Signals) -> None:
        """Send `number` to the whole group; start_new_session made the program's id its group's id."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def kill(self) -> None:
        """Kill the group and take the program's exit code; the kernel ends it at once."""
        self.signal(signal.SIGKILL)
        self._popen.wait()

    def close(self) -> None:
        """Let go of everything that is still open."""
        if self._patience:
            self._patience.cancel()
        for descriptor in self._open:
            self._loop.remove_reader(descriptor)
        if self._popen.stdin and not self._popen.stdin.closed:
            self._stop_feeding(self._popen.stdin)
        for pipe in (self._popen.stdout, self._popen.stderr):
            if pipe:
                pipe.close()
        if self._end in self._open:
            os.close(self._end)
        self._open.clear()

    def _read_from(self, descriptor: int, keep: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._open.add(descriptor)
        self._loop.add_reader(descriptor, self._read, descriptor, keep)

    def _read(self, descriptor: int, keep: Callable[[bytes], None]) -> None:
        try:
            data = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return
        if data:
            keep(data)
        else:
            self._done_with(descriptor)

    def _keep(self, data: bytes) -> None:
        if len(self.stdout) + len(data) > self._limit:
            self.too_much = True
            self.over.set()
        else:
            self.stdout += data

    def _keep_ends(self, data: bytes) -> None:
        half = _STDERR_BYTES // 2
        room = half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > half:
            self._dropped = True
            del self._tail[:-half]

    def _feed(self, pipe: IO[bytes]) -> None:
        try:
            sent = os.write(pipe.fileno(), self._unsent[:_CHUNK_BYTES])
        except BlockingIOError:
            return
        except OSError:  # it ended without having read everything; its exit code tells
            sent = len(self._unsent)
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._stop_feeding(pipe)

    def _stop_feeding(self, pipe: IO[bytes]) -> None:
        self._loop.remove_writer(pipe.fileno())
        pipe.close()

    def _ended(self) -> None:
        self._popen.wait()
        self._done_with(self._end)
        os.close(self._end)
        # A descendant that keeps the pipes open must not keep the caller waiting.
        self._patience = self._loop.call_later(GRACE_SECONDS, self.over.set)

    def _done_with(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        self._open.discard(descriptor)
        if not self._open:
            self.closed.set()
            self.over.set()


def _limited(argv: Sequence[str], memory: int, file: int, path: str) -> Sequence[str]:
    """Return a command that runs another one under limits, which no program that it calls comes before.

    Only the kernel's account of a program's own data is bounded: files that are mapped, as packs are, do not count.
    Raises FileNotFoundError where no such program is in the folders of `path`, which the shell would say by an exit code.
    """
    limits = [f"ulimit -d {memory >> 10} 2>/dev/null"] if memory else []
    if file:  # in blocks of 512 bytes, as POSIX has it
        limits.append(f"ulimit -f {-(-file // 512)}")
    if not limits:
        return argv
    if "/" not in argv[0] and shutil.which(argv[0], path=path) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])
    return ("sh", "-c", f'{"; ".join(limits)}; exec "$@"', "sh", *argv)


async def _see_off(program: _Program) -> None:
    """End what still runs. Cancelled meanwhile, it is killed and reaped without further waiting."""
    try:
        if not program.closed.is_set():
            await _end(program)
    except asyncio.CancelledError:
        program.kill()
        raise
    finally:
        program.close()


async def _end(program: _Program) -> None:
    if not program.too_much:  # else it is not worth asking
        program.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await program.closed.wait()
    # Also after a polite end: a member of the group may have ignored the request.
    program.signal(signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            await program.closed.wait()
