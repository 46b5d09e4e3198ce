"""Commits made without a work tree, held to what git itself makes of the same."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import git_client, git_server
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import ANONYMOUS
from towpath.clients.git.mirrors import loose
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.mirrors.mirror import Mirror
from towpath.clients.git.objects import commits, history, objects, tree_edits
from towpath.clients.git.objects.person import Person
from towpath.clients.git.program.command import Git

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer

_NAMES = st.sampled_from(["a", "a.b", "a-b", "a0", "b", "ü", "c d", "z\n"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_FILES = st.dictionaries(_PATHS, st.binary(max_size=5), max_size=6)
_CHANGES = st.dictionaries(_PATHS, st.none() | st.binary(max_size=5), max_size=5)


def _clash(paths: list[str]) -> bool:
    return any(other.startswith(path + "/") for path in paths for other in paths)


def _mirror(root: Path) -> Mirror:
    address = addresses.parse("https://git.example/app.git")
    (root / "home").mkdir()
    return Mirror(
        git=Git(home=root / "home"),
        root=root,
        address=address,
        transport=address,
        credential=ANONYMOUS,
        options=Options(),
    )


@settings(max_examples=10)
@given(before=_FILES.filter(lambda files: not _clash(list(files))), changes=_CHANGES)
def test_trees_are_those_git_writes(
    before: dict[str, bytes], changes: dict[str, bytes | None]
) -> None:
    """For any files and changes the tree holds exactly what the changes leave, and passes git's own check."""

    async def check(root: Path) -> None:
        mirror = _mirror(root)
        first = await tree_edits.edit(
            mirror, None, {path: tree_edits.Content(data) for path, data in before.items()}
        )
        base = await _commit(mirror, first)
        wanted = {
            path: None if data is None else tree_edits.Content(data)
            for path, data in changes.items()
        }
        written = [path for path, data in changes.items() if data is not None]
        if _clash(written):
            with pytest.raises(errors.BadRequest, match="cannot be a file while"):
                await tree_edits.edit(mirror, base, wanted)
            return
        tree = await tree_edits.edit(mirror, base, wanted)
        expected = {
            path: data
            for path, data in before.items()
            if not any(_replaces(change, path, value) for change, value in changes.items())
        } | {path: data for path, data in changes.items() if data is not None}
        after = await _commit(mirror, tree)
        assert set(await objects.paths(mirror, after)) == set(expected)
        assert await objects.read_many(mirror, after, list(expected)) == list(expected.values())
        git_server.git(mirror.directory, "fsck", "--strict", "--no-dangling")

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder)))


def _replaces(change: str, path: str, value: bytes | None) -> bool:
    """Whether `change` takes `path` away: itself, the directory it is in, or a file where a directory is to be."""
    if path == change or path.startswith(change + "/"):
        return True
    return value is not None and change.startswith(path + "/")


async def _commit(mirror: Mirror, tree: str, message: str = "m") -> str:
    return await commits.commit(
        mirror,
        tree=tree,
        parents=[],
        message=message,
        author=git_client.ANA,
        committer=git_client.BOT,
        when=git_client.WHEN,
    )


@pytest.mark.parametrize(
    ("message", "stored"),
    [
        ("Plain", "Plain\n"),
        ("With newline\n", "With newline\n"),
        ("\n\n  Spaces stay  \n\n\n# and no comment is cut\n\n", None),
        ("Zeilenumbrüche\r\nbleiben ☂", "Zeilenumbrüche\r\nbleiben ☂\n"),
    ],
)
async def test_the_message_stays_the_users(
    client: Client, server: GitServer, message: str, stored: str | None
) -> None:
    """Byte for byte; only a missing last newline is added."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2"}, message=message)
    read = await objects.read_commit(repository.mirror, made)
    assert read.message == (message if stored is None else stored)
    assert read.author == "Ana Example <ana@example.com> 1767323045 +0000"
    assert read.committer == "Towpath <bot@example.com> 1767323045 +0000"
    assert read.parents == (base,)


@pytest.mark.parametrize("message", ["", " \n\t", "a\0b"])
async def test_messages_git_cannot_store_are_refused(
    client: Client, server: GitServer, message: str
) -> None:
    """Empty ones, as `git commit` refuses them, and those with NUL."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    with pytest.raises(errors.BadRequest, match="the commit message"):
        await git_client.committed(repository, None, {"a": "2"}, message=message)


@pytest.mark.parametrize(
    ("person", "written"),
    [
        (Person("A\nB <x>", "<a@b>\n"), "AB x <a@b>"),
        (Person("  Ana,. ", " a@b "), "Ana <a@b>"),
        (Person("Ünal ☂", ""), "Ünal ☂ <>"),
    ],
)
def test_persons_are_written_as_git_writes_them(person: Person, written: str) -> None:
    """What would break the commit's header is left out."""
    assert person.at(git_client.WHEN) == f"{written} 1767323045 +0000"


def test_a_person_needs_a_name() -> None:
    """As git says: empty ident name not allowed."""
    with pytest.raises(errors.BadRequest, match="author name"):
        Person(" <>.", "a@b").at(git_client.WHEN)


async def test_modes_are_kept(client: Client, server: GitServer) -> None:
    """An executable stays one when its content changes; new files are not, unless it is said."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    mirror = repository.mirror
    tree = await tree_edits.edit(
        mirror,
        base,
        {"run": tree_edits.Content(b"1", executable=True), "b": tree_edits.Content(b"")},
    )
    again = await tree_edits.edit(
        mirror, await _commit(mirror, tree), {"run": tree_edits.Content(b"2")}
    )
    listed = git_server.git(mirror.directory, "ls-tree", again)
    assert [line.split()[0] for line in listed.splitlines()] == ["100644", "100644", "100755"]


async def test_an_absent_file_is_named_with_its_commit(client: Client, server: GitServer) -> None:
    """A directory where a file is wanted is told apart."""
    repository = client.open(server.create("app.git", {"dir/a": "1"}))
    head = (await repository.resolve()).commit
    with pytest.raises(
        git_errors.PathNotFound, match=f"dir/b does not exist in commit {head[:12]}"
    ):
        await objects.read(repository.mirror, head, "dir/b")
    with pytest.raises(git_errors.PathNotFound, match="dir is a directory"):
        await objects.read(repository.mirror, head, "dir")


async def test_a_lost_folder_is_not_taken_for_an_empty_one(
    client: Client, server: GitServer
) -> None:
    """A tree object that vanished stops the edit; else the commit would drop the folder's other files."""
    repository = client.open(server.create("app.git", {"dir/a": "1", "dir/b": "1"}))
    head = (await repository.resolve()).commit
    mirror = repository.mirror
    tree = await tree_edits.edit(mirror, head, {"dir/a": tree_edits.Content(b"2")})
    made = await _commit(mirror, tree)
    lost = git_server.git(mirror.directory, "rev-parse", f"{made}:dir")
    (mirror.directory / "objects" / lost[:2] / lost[2:]).unlink()
    mirror.recall.forget(mirror.key)
    with pytest.raises(errors.TowpathError):
        await tree_edits.edit(mirror, made, {"dir/b": tree_edits.Content(b"2")})


async def test_commits_are_listed_with_their_paths(client: Client, server: GitServer) -> None:
    """Newest first, along first parents, with what each changed against its first parent."""
    repository = client.open(server.create("app.git", {"a": "1", "dir/b": "1"}))
    server.commit("app.git", {"odd\x01na'me ü": "1", "a": None}, message="Subject\n\nBody")
    side = server.commit("app.git", {"side": "1"}, branch="side")
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", server.head("app.git"))
    head = (await repository.resolve()).commit
    side = (await repository.resolve(commit=side)).commit
    merged = await commits.commit(
        repository.mirror,
        tree=(await objects.read_commit(repository.mirror, head)).tree,
        parents=[head, side],
        message="Merge",
        author=git_client.ANA,
        committer=git_client.BOT,
        when=git_client.WHEN,
    )
    listed = await history.commits(repository.mirror, merged, limit=10)
    assert [entry.subject for entry in listed] == ["Merge", "Subject", "Initial commit"]
    assert [entry.paths for entry in listed] == [(), ("a", "odd\x01na'me ü"), ("a", "dir/b")]
    assert listed[0].author == "Ana Example <ana@example.com>"
    assert listed[0].committer == "Towpath <bot@example.com>"
    assert listed[0].date == git_client.WHEN
    page = await history.commits(repository.mirror, merged, limit=1, skip=1, with_paths=False)
    assert [(entry.subject, entry.paths) for entry in page] == [("Subject", ())]
    recent = await history.commits(repository.mirror, merged, limit=9, since=git_client.WHEN)
    assert [entry.subject for entry in recent] == ["Merge"]


async def test_a_folder_that_packing_takes_away_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits hold no lock against it; a mirror that is gone for good is said to be."""
    mirror = _mirror(tmp_path)
    await mirror.ensure()
    genuine = loose._place
    taken: list[str] = []

    def place(folder: str, path: str, compressed: bytes) -> None:
        if not taken:
            taken.append(folder)
            Path(folder).mkdir(exist_ok=True)
            Path(folder).rmdir()
        genuine(folder, path, compressed)

    monkeypatch.setattr(loose, "_place", place)
    name = tree_edits.write_blob(mirror, b"1")
    assert taken
    assert git_server.git(mirror.directory, "cat-file", "-p", name) == "1"
    await mirror.discard()
    with pytest.raises(errors.Unavailable, match="the mirror is gone"):
        tree_edits.write_blob(mirror, b"2")


async def test_a_full_disk_is_said_and_leaves_no_half_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written whole takes no room until the mirror is packed; with room it goes on."""
    mirror = _mirror(tmp_path)
    await mirror.ensure()

    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            super().write(bytes(data)[:3])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", Full)
    with pytest.raises(errors.Unavailable, match="No space left on device; make room"):
        tree_edits.write_blob(mirror, b"1")
    assert list(mirror.directory.glob("objects/*/tmp_obj_*")) == []
    monkeypatch.undo()
    name = tree_edits.write_blob(mirror, b"1")
    assert git_server.git(mirror.directory, "cat-file", "-p", name) == "1"
