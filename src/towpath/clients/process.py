"""Runs other programs: an argv array, a given environment, a deadline, bounded output, nothing left behind.

A program gets exactly the environment it is handed and its own process group. When the deadline passes or
the caller is cancelled the whole group ends: first asked (SIGTERM, so that lock files are removed), then
killed. A secret that a program prints is masked before anybody sees it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MASK: Final = "***"
GRACE_SECONDS: Final = 2.0
"""How long a program that was asked to end may take before it is killed."""

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


async def run(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    seconds: float,
    stdin: bytes = b"",
    stdout_limit: int = 64 << 20,
    secrets: Sequence[str] = (),
) -> Finished:
    """Run `argv` to its end in `directory`; a non-zero exit is an answer, not an error.

    `seconds` is the deadline, `stdout_limit` is in bytes. Raises Timeout after the deadline, TooLarge when
    it prints more than the limit (the program is ended in both cases), BadRequest for an argument
    with a NUL and Unavailable when it cannot be started.
    """
    name = os.path.basename(argv[0])  # noqa: PTH119 - the last part of a name, which need not be a path
    if any("\0" in argument for argument in argv):
        raise errors.BadRequest(f"{name}: an argument holds a NUL character")
    try:
        transport, talk = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Talk(stdout_limit),
            *argv,
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
        )
    except OSError as error:
        raise errors.Unavailable(
            f"cannot start {name} in {directory.name}: {error.strerror or error}"
        ) from error
    try:
        async with asyncio.timeout(seconds):
            if stdin:
                _feed(transport, stdin)
            await talk.over.wait()
    except TimeoutError as error:
        raise errors.Timeout(f"{name} did not finish within {seconds:g} s and was ended") from error
    finally:
        await _see_off(transport, talk)
    if talk.too_much:
        raise errors.TooLarge(
            f"{name} printed more than the {stdout_limit} bytes allowed and was ended"
        )
    code = transport.get_returncode()
    return Finished(
        code=-signal.SIGKILL if code is None else code,
        stdout=bytes(talk.stdout),
        stderr=mask(talk.stderr.decode("utf-8", "replace"), secrets),
    )


class _Talk(asyncio.SubprocessProtocol):
    """Collects what the program prints; `over` once it ended and closed its pipes, or said too much."""

    def __init__(self, limit: int) -> None:
        self.over = asyncio.Event()
        self.closed = asyncio.Event()
        self.too_much = False
        self.stdout = bytearray()
        self._limit = limit
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = False

    @property
    def stderr(self) -> bytes:
        """What may be kept of it: the cause stands at either end."""
        return bytes(self._head + (b"\n[...]\n" if self._dropped else b"") + self._tail)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        chunk = data.encode() if isinstance(data, str) else data
        if fd != 1:
            self._keep_ends(chunk)
        elif len(self.stdout) + len(chunk) > self._limit:
            self.too_much = True
            self.over.set()
        else:
            self.stdout += chunk

    def _keep_ends(self, chunk: bytes) -> None:
        half = _STDERR_BYTES // 2
        room = half - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > half:
            self._dropped = True
            del self._tail[:-half]

    def process_exited(self) -> None:
        # A descendant that keeps the pipes open must not keep the caller waiting.
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self.over.set)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self.closed.set()
        self.over.set()


def _feed(transport: asyncio.SubprocessTransport, data: bytes) -> None:
    # A program may end without having read everything; its exit code tells.
    pipe = transport.get_pipe_transport(0)
    if isinstance(pipe, asyncio.WriteTransport):
        pipe.write(data)
        pipe.write_eof()


async def _see_off(transport: asyncio.SubprocessTransport, talk: _Talk) -> None:
    """End what still runs, and wait for it even if the caller is cancelled again."""
    if not talk.closed.is_set():
        farewell = asyncio.ensure_future(_end(transport, talk))
        try:
            await asyncio.shield(farewell)
        except asyncio.CancelledError:
            _signal(transport, signal.SIGKILL)
            await farewell
            raise
    transport.close()


async def _end(transport: asyncio.SubprocessTransport, talk: _Talk) -> None:
    if not talk.too_much:  # its pipe is still read, so it could answer SIGTERM with more
        _signal(transport, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await talk.closed.wait()
    # Also after a polite end: a member of the group may have ignored the request.
    _signal(transport, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            await talk.closed.wait()


def _signal(transport: asyncio.SubprocessTransport, number: signal.Signals) -> None:
    # start_new_session made the program's id its group's id.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(transport.get_pid(), number)


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every secret, also percent- or base64-encoded, replaced by `***`."""
    forms = {form for secret in secrets if secret.strip("*") for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def _forms(secret: str) -> set[str]:
    plain = secret.encode("utf-8", "surrogatepass")
    return {
        secret,
        quote(plain, safe=""),
        quote(plain),
        quote_plus(plain),
        base64.b64encode(plain).decode("ascii"),
        # A key is printed line by line; a line alone gives away as much.
        *(line for line in secret.splitlines() if len(line) >= 16),
    }
