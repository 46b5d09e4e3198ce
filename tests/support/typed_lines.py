"""Lines of a page, typed in a folder by somebody who has `towpath` at hand."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

from tests.support import towpath_process

if TYPE_CHECKING:
    from pathlib import Path


def blocks(page: Path) -> list[str]:
    """Return what a page has typed, block by block."""
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def done(folder: Path, lines: str) -> subprocess.CompletedProcess[str]:
    """Run lines; stop at the first that fails, be it in the midst of a pipe."""
    at_hand = folder / "bin" / "towpath"
    if not at_hand.exists():
        at_hand.parent.mkdir()
        at_hand.write_text(f'#!/bin/sh\nexec {shlex.join(towpath_process.COMMAND)} "$@"\n')
        at_hand.chmod(0o755)
    path = {"PATH": f"{at_hand.parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-c", "set -eo pipefail\n" + lines],
        cwd=folder,
        env=towpath_process.environment(folder, **path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def output(folder: Path, lines: str, *, with_errors: bool = False) -> str:
    """Run lines that succeed, and return what they print."""
    told = done(folder, lines)
    assert told.returncode == 0, f"{lines}: {told.stdout}{told.stderr}"
    return told.stdout + (told.stderr if with_errors else "")
