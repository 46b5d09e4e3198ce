"""Reads many objects of a mirror, on a thread, over one `git cat-file` as far as they are not loose; nothing is fetched.

Git is pointed at the mirror's objects from an empty repository beside it: in the mirror itself it would fetch what
a partial clone lacks, one object at a time.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.mirrors import loose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from towpath.clients.git.mirrors.mirror import Mirror

_PLAIN: Final = "plain.git"
_FEW: Final = 500
"""Objects that are looked for without the program."""
_AT_ONCE: Final = 1000
"""Requests that are sent before answers are read: they fit into a pipe."""


class ObjectReader:
    """One running `git cat-file`. Its methods block; `end` may be called from any thread, and ends them."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._is_ended = False

    def end(self) -> None:
        """End the program at once, and let nobody start it again."""
        with self._lock:
            self._is_ended = True
            if self._program is not None:
                self._program.kill()

    def close(self) -> None:
        """Take leave of the program, on the thread that used it."""
        self.end()
        if self._program is not None:
            for pipe in (self._program.stdin, self._program.stdout):
                if pipe is not None:
                    with contextlib.suppress(
                        OSError
                    ):  # what was not sent to it is of no use any more
                        pipe.close()
            self._program.wait()

    def kinds(self, names: Sequence[str]) -> Iterator[tuple[str, str, int] | None]:
        """Yield id, kind and size of each object named, None for one that is not there."""
        # Of many, most are packed, and those are not worth looking for one by one.
        is_few = len(names) <= _FEW
        known = [loose.head(self._mirror.directory, name) if is_few else None for name in names]
        missing = [name for name, head in zip(names, known, strict=True) if head is None]
        asked = self._kinds_asked(missing)
        for name, head in zip(names, known, strict=True):
            yield (name, *head) if head is not None else next(asked)

    def _kinds_asked(self, names: Sequence[str]) -> Iterator[tuple[str, str, int] | None]:
        for part, answers in self._asked("info", names):
            for _ in part:
                yield _head(_line(answers, self._failure))

    def contents(
        self, names: Sequence[str], check: Callable[[int], None]
    ) -> Iterator[tuple[str, bytes] | None]:
        """Yield kind and bytes of each; `check` is told the size of an object before it is read, and may raise."""
        known = [
            self._mirror.recall.find(self._mirror.key, name)
            or loose.read(self._mirror.directory, name)
            for name in names
        ]
        missing = [name for name, found in zip(names, known, strict=True) if found is None]
        asked = self._contents_asked(missing, check)
        for found in known:
            if found is not None:
                check(len(found[1]))
            yield found if found is not None else next(asked)

    def _contents_asked(
        self, names: Sequence[str], check: Callable[[int], None]
    ) -> Iterator[tuple[str, bytes] | None]:
        for part, answers in self._asked("contents", names):
            for name in part:
                head = _head(_line(answers, self._failure))
                if head is None:
                    yield None
                    continue
                _, kind, size = head
                check(size)
                data = answers.read(size + 1)
                if len(data) != size + 1:
                    raise self._failure()
                self._mirror.recall.keep(self._mirror.key, name, kind, data[:-1])
                yield kind, data[:-1]

    def _asked(
        self, command: str, names: Sequence[str]
    ) -> Iterator[tuple[Sequence[str], IO[bytes]]]:
        requests, answers = self._pipes()
        for begin in range(0, len(names), _AT_ONCE):
            part = names[begin : begin + _AT_ONCE]
            text = "".join(f"{command} {name}\n" for name in part) + "flush\n"
            try:
                requests.write(text.encode("ascii"))
                requests.flush()
            except OSError as error:
                raise self._failure() from error
            yield part, answers

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        with self._lock:
            if self._is_ended:
                raise self._failure()
            if self._program is None:
                self._program = self._started()
        assert self._program.stdin is not None  # noqa: S101 - both are pipes
        assert self._program.stdout is not None  # noqa: S101 - both are pipes
        return self._program.stdin, self._program.stdout

    def _started(self) -> subprocess.Popen[bytes]:
        git = self._mirror.git
        plain = git.home / _PLAIN
        _make(plain)
        try:
            return subprocess.Popen(
                ["git", "cat-file", "--batch-command", "--buffer"],  # noqa: S607 - found in the PATH that git has
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=plain,
                env={
                    "PATH": git.path,
                    "HOME": str(git.home),
                    "LC_ALL": "C",
                    "GIT_CONFIG_GLOBAL": os.devnull,
                    "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_DIR": str(plain),
                    "GIT_NO_REPLACE_OBJECTS": "1",
                    "GIT_OBJECT_DIRECTORY": str(self._mirror.directory / "objects"),
                },
                start_new_session=True,
            )
        except OSError as error:
            raise errors.Unavailable(f"cannot start git: {error.strerror or error}") from error

    def _failure(self) -> errors.TowpathError:
        if self._is_ended:
            return errors.Timeout(f"reading objects of {self._mirror} was ended")
        number = -self._program.wait() if self._program is not None else 0
        if number > 0:
            return git_errors.killed("git cat-file", git_errors.signal_named(number))
        return self._mirror.damaged("its objects cannot be read")


def _line(answers: IO[bytes], failure: Callable[[], errors.TowpathError]) -> bytes:
    line = answers.readline()
    if not line.endswith(b"\n"):
        raise failure()
    return line


def _head(line: bytes) -> tuple[str, str, int] | None:
    """Read `ID KIND SIZE`; anything else (`NAME missing`) is no object."""
    words = line.decode("utf-8", "replace").split()
    if len(words) != 3 or not words[2].isdecimal():
        return None
    return words[0], words[1], int(words[2])


def _make(plain: Path) -> None:
    """Make an empty repository without settings, if it is not there."""
    for folder in ("objects", "refs"):
        (plain / folder).mkdir(parents=True, exist_ok=True)
    head = plain / "HEAD"
    if not head.is_file():
        head.write_text("ref: refs/heads/none\n", "ascii")
