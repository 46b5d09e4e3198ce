"""The process that others are forked from, one for each piece of work: `python -m towpath.runtime.aside.fork_server FD`.

It has the modules loaded that work needs, has one thread, and waits for connections to hand to processes.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import resource
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from towpath.runtime import allocation
from towpath.runtime.aside import endings, frames

_PRELOADED: Final = (
    "towpath.resources.manifests",
    "towpath.resources.manifests.rendering",
    "towpath.resources.protobuf",
    "towpath.resources.validation",
    "towpath.resources.managed_fields",
    "towpath.resources.patches.json_patch",
    "towpath.resources.patches.strategic_merge",
    "towpath.resources.scheme",
    "towpath.documents.scalar_edit",
    "towpath.documents.parsing",
    "towpath.documents.kustomize_images",
    "towpath.documents.yaml.merging",
    "towpath.expressions",
    "towpath.versions.tags",
)
"""Loaded once, so that a process need not: what work is done with."""
_WALL_FACTOR: Final = 12
"""How much longer than its processor time a process may be there: it may have to wait for a processor."""
_NICE: Final = 5
"""The server itself goes first."""


def main(control: socket.socket) -> None:
    """Fork a process for each connection that comes, until there are no more to come."""
    working = _Working()
    signal.signal(signal.SIGCHLD, lambda *_: working.tell())
    allocation.give_back_at_once()
    with suppress(OSError):
        os.nice(_NICE)
    for name in _PRELOADED:
        importlib.import_module(name)
    gc.disable()  # a piece of work is over before there is much to collect, and its process goes with it
    gc.freeze()
    while True:
        told, descriptors, _, _ = socket.recv_fds(control, struct.calcsize("!d"), 2)
        if not told:
            return
        (seconds,) = struct.unpack("!d", told)
        with socket.socket(fileno=descriptors[0]) as connection:
            process = os.fork()
            if process == 0:
                control.close()
                os.close(descriptors[1])
                working.leave()
                _work(connection, seconds)
        working.add(process, descriptors[1])


class _Working:
    """The processes that work. Whoever waits for one is told how it ended."""

    def __init__(self) -> None:
        self._telling: dict[int, int] = {}

    def add(self, process: int, descriptor: int) -> None:
        """`descriptor`: where it is told."""
        self._telling[process] = descriptor
        self.tell()  # it may have ended before it was known here

    def tell(self) -> None:
        """Tell of all that have ended. It may be interrupted by itself: each is waited for once."""
        for process in list(self._telling):
            with suppress(ChildProcessError):
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    descriptor = self._telling.pop(process)
                    with suppress(OSError):  # whoever wanted to know has gone
                        os.write(descriptor, endings.STATUS.pack(os.waitstatus_to_exitcode(status)))
                    os.close(descriptor)

    def leave(self) -> None:
        """In a new process: have nothing to do with the others."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in self._telling.values():
            os.close(descriptor)


def _work(connection: socket.socket, seconds: float) -> None:
    """Do one piece of work and end this process, which the kernel kills when its time is up."""
    status = 1
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds * _WALL_FACTOR)
        _bound_memory()
        connection.sendall(os.getpid().to_bytes(frames.PROCESS_BYTES, "big"))
        frames.send_now(connection, _answer(frames.receive_now(connection)))
        status = 0
    except MemoryError:
        status = endings.OUT_OF_MEMORY
    except (EOFError, OSError):
        pass  # whoever wanted the result has gone
    finally:
        os._exit(status)


def _answer(job: bytearray) -> bytes:
    try:
        work, given = pickle.loads(job)  # noqa: S301 - the server wrote it
        job.clear()  # the work needs the memory
        return pickle.dumps((True, work(*given)), protocol=5)
    except MemoryError:
        return pickle.dumps((False, MemoryError()))
    except RecursionError:
        return pickle.dumps((False, RecursionError("nested too deep")))
    except Exception as error:  # noqa: BLE001 - whatever it is, the server is told
        return pickle.dumps((False, _portable(error)))


def _portable(error: Exception) -> Exception:
    """Return an error that another process can read."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an error of some library that is made in its own way
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _bound_memory() -> None:
    """Have more memory than that refused, where the system tells how much there is already."""
    with suppress(OSError):
        size = int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
        resource.setrlimit(
            resource.RLIMIT_AS, (size + endings.MEMORY_BYTES, size + endings.MEMORY_BYTES)
        )


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as own:
        main(own)
