"""Two servers, each with a data directory of its own, promote to one branch at the same time: nobody gives up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import git_server
from tests.support.git_steps import SITE, Bench
from towpath.promotion import checkouts
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_server import GitServer

EACH = 4


async def _promote(root: Path, server: GitServer, number: int, first: Bench) -> None:
    """Each has a file of its own, so every promotion can be put on top of the others."""
    bench = Bench(root, server, name=f"promotion-{number}")
    bench.repositories, bench.pool = first.repositories, first.pool
    object.__setattr__(bench.client, "repositories", first.repositories)
    outcome = await bench.clone(f"{SITE}/app.git")
    assert isinstance(outcome, Succeeded), outcome
    path = f"./src/{root.name}/{number}.yaml"
    await bench.run("yaml-update", {"path": path, "updates": [{"key": "tag", "value": "v2"}]})
    await bench.run("git-commit", {"path": "./src", "message": f"{root.name} {number}"})
    outcome = await bench.run("git-push", {"path": "./src"})
    assert isinstance(outcome, Succeeded), outcome
    await checkouts.release(bench.directory, bench.repositories)


async def test_two_servers_on_one_branch(tmp_path: Path) -> None:
    """Every promotion of both arrives, once."""
    names = ("one", "two")
    files = {f"{name}/{number}.yaml": "tag: v1\n" for name in names for number in range(EACH)}
    with git_server.serving(tmp_path / "server") as server:
        server.create("app.git", files)
        benches = [Bench(tmp_path / name, server, name="first") for name in names]
        for bench in benches:
            await bench.start()
        await asyncio.gather(
            *(
                _promote(bench.root, server, number, bench)
                for bench in benches
                for number in range(EACH)
            )
        )
        assert server.count("app.git") == 1 + 2 * EACH
        assert all(server.read("app.git", path) == "tag: v2" for path in files)
        for bench in benches:
            await bench.repositories.close()
