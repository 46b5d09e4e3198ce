"""README's "Without the demo": its very lines, on a registry and a Git server that ask who is there.

Only what it says to be the reader's own is put in: the token and the address that the server listens on. The operator's
settings lead the addresses in it to servers of this machine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support import git_server, kubectl, registry, towpath_process

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.search(
    r"^## Without the demo\n(.*?)^## ", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
)
VALUES = "# Ours\nimage:\n  tag: 1.0.0   # by hand until now\n"


def test_without_the_demo(tmp_path: Path) -> None:
    """From an empty data directory to a commit in the reader's repository, with the reader's token."""
    assert SECTION is not None
    start, walk, more = re.findall(r"^```sh\n(.*?)^```", SECTION[1], re.MULTILINE | re.DOTALL)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    with (
        registry.serving(tmp_path / "registry") as images,
        git_server.serving(tmp_path / "git") as git,
    ):
        git.create("deploy.git", {"test/values.yaml": VALUES})
        for tag in ("1.2.3", "1.10.0", "latest"):
            images.push("you/app", tag)
        (tmp_path / "operator.yaml").write_text(
            f"registries: {{ghcr.io: {{mirrors: ['{images.url}']}}}}\n"
            f"git: {{insteadOf: {{'{git.url}/': ['https://github.com/you/']}}}}\n"
        )
        assert start == ".venv/bin/towpath up --data ./towpath-data\n"
        with towpath_process.up(
            tmp_path, config=tmp_path / "operator.yaml", data=tmp_path / "towpath-data"
        ) as server:
            # What is the reader's own, and no more:
            assert walk.count("user=you token=your-token ") == 1
            mine = walk.replace("=your-token ", f"='{git.password}' ")
            mine = mine.replace("user=you ", f"user={git.user} ")
            assert mine.count("http://127.0.0.1:8080") == 1
            mine = mine.replace("http://127.0.0.1:8080", server.address)
            done = _typed(tmp_path, mine + more)
            assert done.returncode == 0, done.stdout + done.stderr
        # Beside the results one hint, on how to see what the new credentials serve:
        assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
            "which repositories it serves"
        ]
        assert (
            git.read("deploy.git", "test/values.yaml") == VALUES.replace("1.0.0", "1.10.0").rstrip()
        )
        assert git.count("deploy.git") == 2
        assert git.user in {each.user for each in git.requests}
    assert "Succeeded" in done.stdout
    assert done.stdout.splitlines()[-1].strip('"') == "v3"


def _typed(folder: Path, lines: str) -> subprocess.CompletedProcess[str]:
    """Run lines as somebody who pastes them into a shell would, but stop at the first that fails."""
    return subprocess.run(
        ["bash", "-c", "set -eo pipefail\n" + lines],
        cwd=folder,
        env=towpath_process.environment(
            folder,
            PATH=f"{Path(kubectl.find()).parent}:{os.environ['PATH']}",
            HOME=str(folder),
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
