"""A work tree goes from one commit to another without git where that is possible, and holds what git would have written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import git_client, git_server
from tests.support.git_client import Client
from towpath import errors
from towpath.clients.git.objects import commits, objects, stored, tree_edits
from towpath.clients.git.worktrees import moving
from towpath.clients.git.worktrees.worktree import WorkTree

if TYPE_CHECKING:
    from tests.support.git_server import GitServer
    from towpath.clients.git.mirrors.mirror import Mirror

_PATHS = st.lists(st.sampled_from(["a", "b", "ü"]), min_size=1, max_size=3).map("/".join)


def _fit(files: dict[str, tuple[bytes, bool]]) -> bool:
    return not any(other.startswith(path + "/") for path in files for other in files)


_FILES = st.dictionaries(
    _PATHS, st.tuples(st.binary(max_size=3), st.booleans()), min_size=1, max_size=6
).filter(_fit)


async def _commit(mirror: Mirror, files: dict[str, tuple[bytes, bool]]) -> str:
    tree = await tree_edits.edit(
        mirror,
        None,
        {path: tree_edits.Content(data, executable=mode) for path, (data, mode) in files.items()},
    )
    return await _of(mirror, tree)


async def _of(mirror: Mirror, tree: str) -> str:
    return await commits.commit(
        mirror,
        tree=tree,
        parents=(),
        message="m",
        author=git_client.ANA,
        committer=git_client.BOT,
        when=git_client.WHEN,
    )


def _held(root: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        str(path.relative_to(root)): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in root.rglob("*")
        if path.is_file() and path != root / ".git"
    }


def _folders(root: Path) -> int:
    return sum(path.is_dir() for path in root.rglob("*"))


@settings(max_examples=8)
@given(before=_FILES, after=_FILES, written=_FILES)
async def test_files_are_those_of_the_commit(
    before: dict[str, tuple[bytes, bool]],
    after: dict[str, tuple[bytes, bool]],
    written: dict[str, tuple[bytes, bool]],
) -> None:
    """For any two commits, and whatever was written through our file API: and no git was run for it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        git_server.serving(Path(folder) / "server") as server,
    ):
        client = Client(Path(folder) / "client", server)
        await client.start()
        repository = client.open(server.create("app.git", {"x": ""}))
        mirror = repository.mirror
        await mirror.ensure()
        one, other = await _commit(mirror, before), await _commit(mirror, after)
        tree = await client.pool.checkout(mirror, path=client.work(), commit=one, project="p")
        for path, (data, mode) in written.items():
            if all(_fit({path: (data, mode), **files}) for files in (before, after)):
                await tree.write(path, data, executable=mode)

        async def none(_: WorkTree, commit: str) -> None:
            raise AssertionError(f"git was run for {commit}")

        with patch.context() as inner:
            inner.setattr(WorkTree, "_reset", none)
            await tree.move_to(other)
        assert _held(tree.path) == after
        wanted = {str(Path(path).parent) for path in after}
        assert _folders(tree.path) == len(
            {str(above) for each in wanted for above in (Path(each), *Path(each).parents)} - {"."}
        )
        # Git takes over where it is needed, and sees nothing that was not there.
        await tree.write("new", b"1") if "new" not in after else None
        made = await tree.commit(
            message="n", author=git_client.ANA, committer=git_client.BOT, when=git_client.WHEN
        )
        assert made is not None
        assert set(await objects.paths(mirror, made)) == {*after, "new"}
        tree.opaque = True
        await tree.move_to(one)
        assert _held(tree.path) == before
        await client.pool.drop(tree)
        await client.repositories.close()
        await git_client.closed()


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({".gitattributes": b"* text eol=crlf\n"}, id="attributes"),
        pytest.param({"link": objects.LINK}, id="a link"),
    ],
)
async def test_what_is_not_plain_is_left_to_git(
    client: Client, server: GitServer, entry: dict[str, bytes | int]
) -> None:
    """Line ends and links are as git writes them, on the way there and back."""
    repository = client.open(server.create("app.git", {"file": "1\n", "dir/x": "1\n"}))
    mirror = repository.mirror
    base = (await repository.resolve(branch="main")).commit
    changes: dict[str, tree_edits.Content | stored.TreeEntry | None] = {
        path: tree_edits.Content(value)
        if isinstance(value, bytes)
        else stored.TreeEntry(value, tree_edits.write_blob(mirror, b"dir"))
        for path, value in entry.items()
    }
    special = await _of(mirror, await tree_edits.edit(mirror, base, changes))
    tree = await client.pool.checkout(mirror, path=client.work(), commit=base, project="p")
    await tree.move_to(special)
    if "link" in entry:
        assert os.readlink(tree.path / "link") == "dir"  # noqa: PTH115 - the text itself
    else:
        assert (tree.path / "file").read_bytes() == b"1\r\n"
    await tree.move_to(base)
    assert _held(tree.path) == {"file": (b"1\n", False), "dir/x": (b"1\n", False)}


async def test_a_tree_that_was_left_half_way_is_not_taken_up(
    client: Client, server: GitServer
) -> None:
    """Nobody knows what it holds; who has it still brings it to a commit by git, with nothing of the other left."""
    repository = client.open(server.create("app.git", {"file": "1\n"}))
    mirror = repository.mirror
    base = (await repository.resolve(branch="main")).commit
    other = await _of(
        mirror,
        await tree_edits.edit(
            mirror,
            base,
            {"a/new": tree_edits.Content(b"2"), "a/wanting": tree_edits.Content(b"3")},
        ),
    )
    tree = await client.pool.checkout(mirror, path=client.work(), commit=base, project="p")
    original = moving._place
    placed: list[str] = []

    def breaking(root: Path, path: str, data: bytes, *, is_executable: bool) -> None:
        if placed:
            raise OSError(28, "No space left on device")
        placed.append(path)
        original(root, path, data, is_executable=is_executable)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "_place", breaking)
        with pytest.raises(errors.Unavailable, match="No space left"):
            await tree.move_to(other)
    assert (tree.path / placed[0]).exists()
    with pytest.raises(errors.NotFound, match="git-clone"):
        await repository.reopen(tree.path)
    await tree.move_to(base)
    assert _held(tree.path) == {"file": (b"1\n", False)}
    assert not (tree.path / "a").exists()
    assert (await repository.reopen(tree.path)).head == base
