"""What steps do to the files of a Git work tree, through the work directory: all of it is committed, nothing outlives it."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import git_client, git_server
from tests.support.git_server import git
from tests.support.git_steps import SITE, Bench
from towpath import errors
from towpath.promotion import checkouts
from towpath.promotion.step import Failed, Succeeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from tests.support.git_server import GitServer

FILES = {
    "a": "1\n",
    "d/b": "2\n",
    "d/e/c": "3\n",
    ".gitignore": "*.log\nkept/\n",
    "x.yaml": "x: 1\n",
}

PATHS = st.sampled_from(
    [
        "a",
        "d",
        "d/b",
        "d/e",
        "d/e/c",
        "d/new",
        "new",
        "n/m/o",
        "trace.log",
        "kept/x",
        "x.yaml",
        "a/b",
        "l",
    ]
)
OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["write", "delete", "make", "receive", "link"]), PATHS, st.just("")),
    st.tuples(st.sampled_from(["copy", "move", "fetch", "send"]), PATHS, PATHS),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Return a server with a repository `app.git` of `FILES`."""
    with git_server.serving(tmp_path / "server") as serving:
        serving.create("app.git", FILES)
        yield serving


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> AsyncIterator[Bench]:
    """Return a Promotion's surroundings, with the repository checked out at `src`."""
    bench = Bench(tmp_path / "bench", server)
    await bench.start()
    assert isinstance(await bench.clone(f"{SITE}/app.git"), Succeeded)
    yield bench
    await bench.pool.close()


async def _do(bench: Bench, operation: tuple[str, str, str]) -> None:
    directory = bench.directory
    kind, one, two = operation
    try:
        match kind:
            case "write":
                await directory.write(f"src/{one}", b"written", mode=0o755)
            case "delete":
                await directory.delete(f"src/{one}")
            case "make":
                await directory.make_directory(f"src/{one}/made")
            case "receive":
                await directory.receive(f"src/{one}", _one_piece(), most_bytes=10)
            case "link":
                async with directory.scratch() as folder:
                    (folder / "made").symlink_to("a")
                    await directory.adopt(folder / "made", f"src/{one}")
            case "copy":
                await directory.copy(f"src/{one}", f"src/{two}")
            case "move":
                await directory.move(f"src/{one}", f"src/{two}", replace=True)
            case "fetch":
                await directory.move(f"src/{one}", f"beside/{two}", replace=True)
            case _:
                await directory.write(f"beside/{one}", b"from beside")
                await directory.copy("beside", f"src/{two}")
    except (errors.BadRequest, errors.NotFound, errors.AlreadyExists):
        pass


async def _one_piece() -> AsyncIterator[bytes]:
    yield b"received"


def _as_git_would(files: Path, plain: Path) -> str:
    """Return the tree that git makes of what is in a folder; `plain` is a clone of the repository."""
    for each in plain.iterdir():
        if each.name != ".git":
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    shutil.copytree(
        files, plain, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git")
    )
    git(plain, "read-tree", "HEAD")
    git(plain, "add", "--all")
    return git(plain, "write-tree").strip()


def _all_in(folder: Path) -> Sequence[str]:
    return sorted(
        str(each.relative_to(folder)) for each in folder.rglob("*") if each.name != ".git"
    )


def test_whatever_is_done_is_committed_and_undone(tmp_path: Path, server: GitServer) -> None:
    """The commit has what `git add --all` would find, and the next Promotion finds what its commit says and no more."""
    with asyncio.Runner() as runner:
        expected = sorted({*FILES, "d", "d/e"})
        numbers = itertools.count()
        bench = Bench(tmp_path / "bench", server)
        runner.run(bench.start())
        plain = tmp_path / "plain"
        git(tmp_path, "clone", "--quiet", str(server.path("app.git")), plain.name)

        async def one(operations: list[tuple[str, str, str]]) -> None:
            number = next(numbers)
            bench.name = f"promotion{number}"
            await bench.after_restart()
            assert isinstance(await bench.clone(f"{SITE}/app.git"), Succeeded)
            [tree] = bench.directory.trees.values()
            assert _all_in(tree.path) == expected
            # Git's index is brought up to date when it is needed, as here.
            git(tree.path, "read-tree", "HEAD")
            assert git(tree.path, "status", "--porcelain", "--ignored") == ""
            for operation in operations:
                await _do(bench, operation)
            assert not tree.opaque
            assert await tree.stage() == _as_git_would(tree.path, plain)
            await checkouts.release(bench.directory, bench.repositories)

        @settings(max_examples=40, deadline=None)
        @given(st.lists(OPERATIONS, min_size=1, max_size=6))
        def run(operations: list[tuple[str, str, str]]) -> None:
            runner.run(one(operations))

        run()
        assert bench.pool.idle == 1
        runner.run(bench.pool.close())
        runner.run(git_client.closed())


async def test_a_program_makes_the_tree_opaque(bench: Bench) -> None:
    """What it wrote is committed, and cleaned before anybody gets the tree."""
    ended = await bench.directory.run(
        ["sh", "-c", "echo 4 > n; echo log > trace.log; mkdir empty"], cwd="src", seconds=60
    )
    assert ended.code == 0
    [tree] = bench.directory.trees.values()
    assert tree.opaque
    made = await bench.run("git-commit", {"path": "src", "message": "m"})
    assert isinstance(made, Succeeded)
    assert git(tree.path, "show", "--name-only", "--format=", "HEAD").split() == ["n"]
    await checkouts.release(bench.directory, bench.repositories)
    await bench.pool.close()
    bench.name = "second"
    await bench.after_restart()
    assert isinstance(await bench.clone(f"{SITE}/app.git"), Succeeded)
    [tree] = bench.directory.trees.values()
    assert _all_in(tree.path) == sorted({*FILES, "d", "d/e"})


async def test_a_program_that_only_reads_leaves_the_tree_as_it_is(bench: Bench) -> None:
    """Its caller knows it."""
    await bench.directory.run(["cat", "a"], cwd="src", seconds=60, only_reads=True)
    assert not any(tree.opaque for tree in bench.directory.trees.values())


@pytest.mark.parametrize(
    "path", ["src/.git", "src/.git/config", "src/d/.GIT/hooks/x", "src/.git./y"]
)
async def test_nothing_of_git_is_written(bench: Bench, path: str) -> None:
    """Neither by writing, copying, moving, making nor deleting."""
    directory = bench.directory
    await directory.write("f", b"evil")
    with pytest.raises(errors.BadRequest, match=r"\.git"):
        await directory.write(path, b"evil")
    with pytest.raises(errors.BadRequest, match=r"\.git"):
        await directory.copy("f", path)
    with pytest.raises(errors.BadRequest, match=r"\.git"):
        await directory.move("f", path, replace=True)
    with pytest.raises(errors.BadRequest, match=r"\.git"):
        await directory.make_directory(f"{path}/made")
    pointer = Path(bench.directory.root / "src/.git").read_text()
    with pytest.raises(errors.BadRequest, match=r"\.git"):
        await directory.delete("src/.git")
    assert pointer == Path(bench.directory.root / "src/.git").read_text()


async def test_a_deleted_work_tree_is_no_work_tree_any_more(bench: Bench) -> None:
    """Git steps say so, another git-clone may take its place, and nothing of it comes back into the pool."""
    directory = bench.directory
    await directory.make_directory("out")
    with pytest.raises(errors.AlreadyExists, match="src is a work tree of Git"):
        await directory.move("src", "other")
    with pytest.raises(errors.AlreadyExists, match="src is a work tree of Git"):
        await directory.move("out", "src", replace=True)
    await directory.delete("src")
    with pytest.raises(errors.NotFound, match="not a Git work tree"):
        await bench.run("git-commit", {"path": "src", "message": "m"})
    again = await bench.run(
        "git-clone",
        {"repoURL": f"{SITE}/app.git", "checkout": [{"path": "./src"}]},
        alias="again",
    )
    assert isinstance(again, Succeeded)
    await checkouts.release(directory, bench.repositories)
    await bench.pool.close()
    assert bench.pool.idle == 1
    assert not (directory.root / "src").exists()


async def test_a_checkout_counts(bench: Bench) -> None:
    """What git-clone writes takes room as well."""
    directory = bench.directory
    directory.room.limit = 16 << 10
    outcome = await bench.run(
        "git-clone",
        {"repoURL": f"{SITE}/app.git", "checkout": [{"path": "./two"}]},
        alias="two",
    )
    assert isinstance(outcome, Failed)
    assert "promotions.disk" in outcome.message
