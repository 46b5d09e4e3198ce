"""`towpath demo` in a process of its own, with what it tells."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import kubectl, towpath_process

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_SECONDS = 120.0


@dataclass
class Demo:
    """A demo that runs with its data in `folder/.towpath/demo`."""

    folder: Path
    process: subprocess.Popen[str]
    state: Path
    told: list[str] = field(default_factory=list)
    _more: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Take in what it tells, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.told.append(line.rstrip("\n"))
                self._more.notify_all()

    def until(self, words: str, *, after: int = 0) -> int:
        """Return the number of lines up to the one with some words, looking from a line on."""

        def line() -> int:
            told = enumerate(self.told[after:], after + 1)
            return next((number for number, line in told if words in line), 0)

        with self._more:
            found = self._more.wait_for(line, DEADLINE_SECONDS)
            assert found, f"{words!r} was not told:\n" + "\n".join(self.told)
            return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command as in the second terminal: with the exports."""
        return self.shell(shlex.join(["towpath", *arguments]))

    def shell(self, line: str, *, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a line of a shell in the second terminal, which stands elsewhere: after what it is told to paste first."""
        exports = [each.strip() for each in self.told if each.startswith("  export ")]
        assert len(exports) >= 3, self.told
        elsewhere = folder or self.folder / "second terminal"
        elsewhere.mkdir(exist_ok=True)
        path = f"{Path(sys.executable).parent}:{Path(kubectl.find()).parent}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", "\n".join([*exports, line])],
            cwd=elsewhere,
            env=towpath_process.environment(
                self.folder, PATH=path, HOME=str(elsewhere), XDG_STATE_HOME=str(self.state)
            ),
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    @property
    def hints(self) -> list[str]:
        """The commands that it has told to try."""
        begin = self.told.index("Then:")
        end = self.told.index("What happens is told here. Ctrl-C stops the demo.")
        return [
            line.strip()
            for line in self.told[begin:end]
            if line.startswith(("  towpath ", "  git ", "  kubectl "))
        ]


@contextmanager
def demo(folder: Path, *, listen: str = "127.0.0.1:0", state: Path | None = None) -> Iterator[Demo]:
    """Run the demo until the context ends, then end it as Ctrl-C would, if it was not killed before."""
    state = state or folder / "state"
    process = subprocess.Popen(
        [*towpath_process.COMMAND, "demo", "--listen", listen],
        cwd=folder,
        env=towpath_process.environment(folder, PYTHONUNBUFFERED="1", XDG_STATE_HOME=str(state)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    found = Demo(folder, process, state)
    listener = threading.Thread(target=found.listen, daemon=True)
    listener.start()
    try:
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        code = process.wait(30)
        listener.join(10)
        assert process.stdout is not None
        process.stdout.close()
    assert code in (0, -signal.SIGKILL), "\n".join(found.told)
