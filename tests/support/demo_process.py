"""`towpath demo` in a process of its own, with what it tells."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support import towpath_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE_SECONDS = 60.0


@dataclass
class Demo:
    """A demo that runs with its data in `folder/.towpath/demo`."""

    folder: Path
    process: subprocess.Popen[str]
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
        end = time.monotonic() + DEADLINE_SECONDS
        with self._more:
            while True:
                for number, line in enumerate(self.told[after:], after + 1):
                    if words in line:
                        return number
                left = end - time.monotonic()
                assert left > 0, f"{words!r} was not told:\n" + "\n".join(self.told)
                self._more.wait(left)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command as in the second terminal: in the same folder, with the exports."""
        state = json.loads((self.folder / ".towpath" / "demo" / "demo.json").read_text())
        token = (self.folder / state["tokenFile"]).read_text().strip()
        return subprocess.run(
            [*towpath_process.COMMAND, *arguments],
            cwd=self.folder,
            env=towpath_process.environment(
                self.folder,
                TOWPATH_SERVER=state["server"],
                TOWPATH_TOKEN=token,
                TOWPATH_PROJECT="sandbox-example",
            ),
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """Run the demo until the context ends, then end it as Ctrl-C would."""
    process = subprocess.Popen(
        [*towpath_process.COMMAND, "demo", "--listen", "127.0.0.1:0"],
        cwd=folder,
        env=towpath_process.environment(folder, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    found = Demo(folder, process)
    listener = threading.Thread(target=found.listen, daemon=True)
    listener.start()
    try:
        yield found
    finally:
        import signal

        process.send_signal(signal.SIGINT)
        code = process.wait(30)
        listener.join(10)
        assert process.stdout is not None
        process.stdout.close()
    assert code == 0, "\n".join(found.told)
