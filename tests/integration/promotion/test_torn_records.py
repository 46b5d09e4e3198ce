"""A record of work trees that a power cut tore means that the Promotion begins anew, never that it goes wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import git_server
from tests.support.git_steps import SITE, Bench
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A Git server with one repository."""
    with git_server.serving(tmp_path / "server") as serving:
        serving.create("app.git", {"a": "1"})
        yield serving


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> AsyncIterator[Bench]:
    """A Promotion that has checked the repository out."""
    made = Bench(tmp_path / "bench", server)
    await made.start()
    assert isinstance(await made.clone(f"{SITE}/app.git"), Succeeded)
    yield made
    await made.repositories.close()


def _torn(whole: str) -> list[str]:
    found = json.loads(whole)
    item = found["checkouts"][0]
    return [
        "",
        whole[: len(whole) // 2],
        "\0" * len(whole),
        "[]",
        "null",
        "[" * 100_000,
        "{}",
        json.dumps({**found, "checkouts": 5}),
        json.dumps({**found, "notes": None}),
        json.dumps({**found, "checkouts": [{**item, "path": "../../x"}]}),
        json.dumps({**found, "checkouts": [{**item, "path": None}]}),
        json.dumps({**found, "checkouts": [{**item, "url": 3}]}),
        json.dumps({**found, "checkouts": [{**item, "author": ["x"]}]}),
    ]


async def test_whatever_it_holds(bench: Bench) -> None:
    """Nothing of the former run is in the way of the new one."""
    whole = bench.directory.record.read_text()
    for text in _torn(whole):
        (bench.directory.root / "src/left").write_text("by nobody knows whom")
        bench.directory.record.write_text(text)
        assert await bench.after_restart() is False, text[:80]
        assert list(bench.directory.root.iterdir()) == []
        assert isinstance(await bench.clone(f"{SITE}/app.git"), Succeeded)
        assert [path.name for path in (bench.directory.root / "src").glob("[!.]*")] == ["a"]


async def test_a_whole_one_is_taken_up(bench: Bench) -> None:
    """And none at all is that of a Promotion without work trees."""
    assert await bench.after_restart() is True
    assert bench.directory.trees
    bench.directory.record.unlink()
    assert await bench.after_restart() is True


@pytest.mark.parametrize("name", ["towpath.json", "HEAD", "gitdir"])
async def test_what_the_mirror_keeps_about_a_tree(bench: Bench, name: str) -> None:
    """Torn, it means the same."""
    [tree] = bench.directory.trees.values()
    (tree.admin / name).write_text("")
    assert await bench.after_restart() is False
    assert isinstance(await bench.clone(f"{SITE}/app.git"), Succeeded)
