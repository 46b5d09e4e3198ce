"""SIGKILL while work trees and mirrors come and go: the next start clears up, and everything goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import git_client
from tests.support.git_server import GitServer
from towpath.clients.git.upkeep import MirrorLimits

if TYPE_CHECKING:
    from tests.support.git_client import Client

POINTS = (
    "git.before-mirror-rename",
    "git.after-registration",
    "git.after-give-back",
    "git.after-take",
    "disk.after-move",
    "git.before-mirror-removal",
)


async def _work(root: Path, url: str) -> None:
    """Pass every point: check out, give back, check out again, and remove the mirror as one that nobody uses."""
    client = git_client.Client(root, GitServer(Path(), url))
    await client.start()
    repository = client.open(f"{url}/app.git")
    for _ in range(2):
        resolved = await repository.resolve(branch="main")
        tree = await repository.checkout(resolved, path=client.work(), project="p")
        await repository.give_back(tree)
    # Only now: the sweep of the start, which goes on beside, would take the mirror from under the checkouts.
    client.repositories._upkeep._limits = MirrorLimits(bytes=1, seconds=-1)
    await client.repositories._upkeep.sweep()
    await client.repositories.close()
    await git_client.closed()


@pytest.mark.parametrize("point", POINTS)
async def test_killed_on_the_way(client: Client, server: GitServer, point: str) -> None:
    """Nothing of the killed process is left, in the pool, the mirrors or the trash."""
    url = server.create("app.git", {"a": "1"})
    root = client.root.with_name("killed")
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.integration.clients.test_git_kills", str(root), server.url],
        env=os.environ | {"TOWPATH_KILL_AT": point},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    restarted = git_client.Client(root, server)
    await restarted.start()
    assert list((root / "pool").iterdir()) == []
    assert list((root / "mirrors").glob(".*")) == []
    assert not list((root / "mirrors").glob("*.git/worktrees/*")) or any(
        (root / "work").rglob(".git")
    )
    repository = restarted.open(url)
    resolved = await repository.resolve(branch="main")
    tree = await repository.checkout(resolved, path=restarted.work(5), project="p")
    assert (tree.path / "a").read_text() == "1"
    await restarted.pool._trash.emptied()
    await restarted.repositories._trash.emptied()
    for trash in ("pool.trash", "mirrors.trash"):
        assert list((root / trash).iterdir()) == []
    await restarted.repositories.close()


if __name__ == "__main__":
    asyncio.run(_work(Path(sys.argv[1]), sys.argv[2]))
