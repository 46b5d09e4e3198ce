"""Work trees in which a program was let loose: whatever lies there afterwards, nothing outside is touched, and nothing is run."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import git_server
from tests.support.git_server import git
from tests.support.git_steps import SITE, Bench
from towpath.errors import BadRequest, NotFound
from towpath.promotion import checkouts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer

URL = f"{SITE}/app.git"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A server with one repository, which records a submodule."""
    with git_server.serving(tmp_path / "server") as serving:
        serving.create("app.git", {"values.yaml": "tag: 1.0\n", "dir/a": "1\n"})
        where = serving.path("app.git")
        inner = git(where, "rev-parse", "main")
        index = {"stdin": f"160000 {inner}\tsub\n".encode()}
        git(where, "read-tree", "main")
        git(where, "update-index", "--index-info", **index)
        tree = git(where, "write-tree")
        commit = git(where, "commit-tree", tree, "-p", "main", "-m", "A submodule")
        git(where, "update-ref", "refs/heads/main", commit)
        yield serving


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> AsyncIterator[Bench]:
    """One Promotion."""
    made = Bench(tmp_path / "bench", server)
    await made.start()
    yield made
    await made.pool.close()


def _outside(tmp_path: Path) -> Path:
    """Make a folder that is nobody's but ours, with one in it that is called as the work tree is."""
    folder = tmp_path / "outside"
    for each in (folder, folder / "src"):
        each.mkdir()
        (each / "precious").write_text("kept")
        (each / ".git").write_text("kept")
    return folder


def _listed(folder: Path) -> dict[str, str]:
    return {
        str(each.relative_to(folder)): each.read_text()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def _opaque(bench: Bench) -> None:
    """Do what running a program does."""
    for tree in bench.directory.trees.values():
        tree.opaque = True


def _a_link_instead(bench: Bench, outside: Path) -> None:
    place = bench.directory.root / "a" / "src"
    place.rename(bench.directory.root / "elsewhere")
    place.symlink_to(outside / "src")


def _a_link_on_the_way(bench: Bench, outside: Path) -> None:
    above = bench.directory.root / "a"
    above.rename(bench.directory.root / "elsewhere")
    above.symlink_to(outside)


def _another_folder(bench: Bench, outside: Path) -> None:
    del outside
    place = bench.directory.root / "a" / "src"
    shutil.rmtree(place)
    place.mkdir()
    (place / "new").write_text("x")


_TRICKS = pytest.mark.parametrize("trick", [_a_link_instead, _a_link_on_the_way, _another_folder])


@_TRICKS
@pytest.mark.parametrize("is_secret", [False, True])
async def test_what_lies_in_its_place_is_not_taken_for_it(
    tmp_path: Path, bench: Bench, trick: Any, *, is_secret: bool
) -> None:
    """Handed in or dropped, what a link leads to stays as it is; the next checkout finds its own files alone."""
    outside = _outside(tmp_path)
    before = _listed(outside)
    await bench.clone(URL, checkout=[{"path": "./a/src"}])
    _opaque(bench)
    trick(bench, outside)
    bench.directory.is_secret = is_secret
    await checkouts.release(bench.directory, bench.repositories)
    await bench.pool.close()
    assert _listed(outside) == before
    other = bench.another("other")
    await other.clone(URL)
    assert set(_listed(other.directory.root / "src")) == {".git", "values.yaml", "dir/a"}


@_TRICKS
async def test_nothing_is_committed_of_it(tmp_path: Path, bench: Bench, trick: Any) -> None:
    """A link is no work tree; another folder is one, and holds what it holds."""
    outside = _outside(tmp_path)
    await bench.clone(URL, checkout=[{"path": "./a/src"}])
    _opaque(bench)
    trick(bench, outside)
    commit = {"path": "./a/src", "message": "x"}
    if trick is _another_folder:
        await bench.run("git-commit", commit)
        (tree,) = bench.directory.trees.values()
        listed = git(tree.mirror.directory, "ls-tree", "-r", "--name-only", tree.head)
        assert listed == "new"
    else:
        with pytest.raises(NotFound):
            await bench.run("git-commit", commit)


@_TRICKS
async def test_after_a_restart_it_is_not_taken_up(tmp_path: Path, bench: Bench, trick: Any) -> None:
    """And what is cleared away before it is made anew is its own."""
    outside = _outside(tmp_path)
    before = _listed(outside)
    await bench.clone(URL, checkout=[{"path": "./a/src"}])
    trick(bench, outside)
    assert not await bench.after_restart()
    await bench.clone(URL, checkout=[{"path": "./a/src"}])
    assert _listed(outside) == before


async def test_another_promotion_s_work_tree_is_not_taken_up(bench: Bench) -> None:
    """A link leads to it, and its pointer is one to the same mirror."""
    other = bench.another("other")
    await other.clone(URL)
    await bench.clone(URL)
    place = bench.directory.root / "src"
    place.rename(bench.directory.root / "elsewhere")
    place.symlink_to(other.directory.root / "src")
    assert not await bench.after_restart()
    place.unlink()
    place.mkdir()
    shutil.copy(other.directory.root / "src" / ".git", place / ".git")
    assert not await bench.after_restart()


def _evil(place: Path, ran: Path, server: GitServer, *, is_file: bool) -> None:
    """Make a repository at the commit that the outer one records, whose own git would run a program at the first look."""
    place.mkdir(exist_ok=True)
    git(place, "init", "--quiet", ".")
    git(place, "fetch", "--quiet", str(server.path("app.git")), "main")
    git(place, "reset", "--quiet", "--hard", "FETCH_HEAD~1")
    git(place, "config", "filter.evil.clean", f"touch {ran}; cat")
    git(place, "config", "core.fsmonitor", f"touch {ran}")
    (place / ".gitattributes").write_text("* filter=evil\n")
    (place / "values.yaml").write_text("tag: 2.0\n")
    if is_file:
        (place / ".git").rename(place.parent / "hidden")
        (place / ".git").write_text("gitdir: ../hidden\n")


@pytest.mark.parametrize("uses", ["git-commit", "git-clear"])
@pytest.mark.parametrize("where", ["src/sub", "src/dir/new"])
@pytest.mark.parametrize("is_file", [False, True])
async def test_a_repository_that_a_program_made_in_it_is_not_looked_into(
    tmp_path: Path, server: GitServer, bench: Bench, uses: str, where: str, *, is_file: bool
) -> None:
    """Git would run what its configuration names, unconfined: whoever made it is told."""
    ran = tmp_path / "ran"
    await bench.clone(URL)
    _opaque(bench)
    _evil(bench.directory.root / where, ran, server, is_file=is_file)
    config = {"path": "./src"} | ({"message": "x"} if uses == "git-commit" else {})
    with pytest.raises(BadRequest, match="is a repository inside the work tree"):
        await bench.run(uses, config)
    assert not ran.exists()
    await checkouts.release(bench.directory, bench.repositories)
    await bench.pool.close()
    assert not ran.exists()
    other = bench.another("other")
    await other.clone(URL)
    assert set(_listed(other.directory.root / "src")) == {".git", "values.yaml", "dir/a"}


async def test_a_pointer_that_was_changed_is_not_followed(
    tmp_path: Path, server: GitServer, bench: Bench
) -> None:
    """The work tree in another is ours only as long as it says so itself."""
    ran = tmp_path / "ran"
    both = [{"path": "./src"}, {"path": "./src/sub"}]
    await bench.clone(URL, checkout=both)
    for tree in bench.directory.trees.values():  # what has been looked at before is looked at again
        tree.opaque = True
    inner = bench.directory.root / "src" / "sub"
    (inner / ".git").unlink()
    _evil(inner, ran, server, is_file=False)
    _opaque(bench)
    with pytest.raises(BadRequest, match="sub is a repository inside the work tree"):
        await bench.run("git-commit", {"path": "./src", "message": "x"})
    assert not ran.exists()
