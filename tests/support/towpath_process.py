"""A real `towpath up` on loopback, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMAND = [sys.executable, "-c", "from towpath.cli.main import main; main()"]


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is ready."""

    address: str
    token_file: Path
    process: subprocess.Popen[str]
    tls_address: str
    metrics_address: str = ""

    @property
    def token(self) -> str:
        """The administrator's token."""
        return self.token_file.read_text().strip()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of the caller's configuration counts."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("TOWPATH_", "KARGO_"))
    }
    own = {
        "TOWPATH_KEY_FILE": str(folder / "keys" / "key"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    return kept | own | more


def run(folder: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextmanager
def up(
    folder: Path,
    *options: str,
    config: Path | None = None,
    data: Path | None = None,
    command: Sequence[str] = COMMAND,
    **more: str,
) -> Iterator[Running]:
    """Run a server with its data in `data`, else in `folder`, and stop it as an operator would."""
    log = (folder / "log").open("a")
    settings = ["--config", str(config)] if config else []
    process = subprocess.Popen(
        [
            *command,
            "up",
            f"--data={data or folder / 'data'}",
            "--listen=127.0.0.1:0",
            "--listen-tls=127.0.0.1:0",
            *settings,
            *options,
        ],
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    with log, process:
        assert process.stdout is not None
        try:
            ready = process.stdout.readline().split()
            assert ready[:2] == ["towpath:", "serving"], (folder / "log").read_text()
            told = dict(word.split("=", 1) for word in ready[3:])
            token_file = Path(told["token-file"])
            yield Running(
                ready[2], token_file, process, told.get("tls", ""), told.get("metrics", "")
            )
        finally:
            process.terminate()
            process.wait(30)
