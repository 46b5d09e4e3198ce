"""Reads objects of a bare repository over one `git cat-file` that goes on running. Its methods block: they are for a thread."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from typing import TYPE_CHECKING

from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import IO


class GitObjects:
    """Objects by name: ids, refs, `COMMIT:PATH`."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = environment
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None

    def read(self, name: str) -> tuple[str, str, bytes] | None:
        """Return id, kind and bytes of an object, None if there is none of this name. Raises Unavailable."""
        if "\n" in name:
            return None
        with self._lock:
            requests, answers = self._pipes()
            try:
                requests.write(f"{name}\n".encode())
                requests.flush()
                words = answers.readline().decode("utf-8", "replace").split()
                if len(words) != 3 or not words[2].isdecimal():
                    return None
                content = answers.read(int(words[2]) + 1)[:-1]
            except OSError as error:
                raise Unavailable(f"git cat-file ended: {error}") from error
        return words[0], words[1], content

    def close(self) -> None:
        """End the program."""
        with self._lock:
            program, self._program = self._program, None
        if program is not None:
            program.kill()
            for pipe in (program.stdin, program.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            program.wait()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._program is None or self._program.poll() is not None:
            self._program = subprocess.Popen(
                ["git", "cat-file", "--batch"],  # noqa: S607 - the git of the PATH given
                cwd=self._directory,
                env=dict(self._environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        program = self._program
        if program.stdin is None or program.stdout is None:
            raise Unavailable("git cat-file has no pipes")
        return program.stdin, program.stdout


def entries(tree: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield mode, name and id of each entry of a tree object."""
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        yield mode.decode(), name.decode("utf-8", "replace"), tree[end + 1 : end + 21].hex()
        at = end + 21
