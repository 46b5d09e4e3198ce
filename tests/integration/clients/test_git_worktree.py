"""Work trees and their pool: real directories, nobody's leftovers, bounded."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import git_client, git_server
from tests.support.deep_folders import deep
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.objects import commits, objects, stored, tree_edits
from towpath.clients.git.program import administration
from towpath.clients.git.program.command import Git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.worktrees.worktree import WorkTree

FILES = {"a": "1", "dir/b": "1", "dir/sub/c": "1", "other/d": "1", ".gitignore": "*.log\n"}


def _files(path: Path) -> dict[str, str]:
    """What is in a work tree, `.git` left out."""
    return {
        str(found.relative_to(path)): found.read_text()
        for found in path.rglob("*")
        if found.is_file() and found.name != ".git"
    }


async def _commit(tree: WorkTree, message: str = "Change") -> str | None:
    return await tree.commit(
        message=message,
        author=git_client.ANA,
        committer=git_client.BOT,
        when=git_client.WHEN,
    )


async def test_a_checkout_is_a_real_directory(client: Client, server: GitServer) -> None:
    """It holds the commit's files, is detached, and remembers its branch."""
    repository = client.open(server.create("app.git", FILES))
    tree = await repository.checkout(
        await repository.resolve(branch="main"), path=client.work(), project="p"
    )
    assert tree.path == client.work()
    assert not client.work().is_symlink()
    assert _files(client.work()) == FILES
    assert (tree.head, tree.branch) == (server.head("app.git"), "main")
    await tree.catch_up()  # as before a program runs
    assert git_server.git(client.work(), "status", "--porcelain") == ""


async def test_changes_are_committed_as_git_add_would(client: Client, server: GitServer) -> None:
    """New, changed and deleted files; ignored ones stay out; nothing changed makes no commit."""
    repository = client.open(server.create("app.git", FILES))
    tree = await repository.checkout(await repository.resolve(), path=client.work(), project="p")
    assert await _commit(tree) is None
    await tree.write("a", b"2")
    await tree.write("new/e", b"#!", executable=True)
    await tree.write("trace.log", b"ignored")
    await tree.delete("dir/b")
    made = await _commit(tree, "One\n\n two ")
    assert made == tree.head
    assert made is not None
    listed = await objects.paths(repository.mirror, made)
    assert listed == [".gitignore", "a", "dir/sub/c", "new/e", "other/d"]
    assert (await objects.read_commit(repository.mirror, made)).message == "One\n\n two \n"
    assert git_server.git(client.work(), "status", "--porcelain") == ""
    assert (client.work() / "new/e").stat().st_mode & 0o111
    await tree.write("a", b"1")
    await tree.write("a", b"2")
    assert await _commit(tree) is None


async def test_clear_empties_the_tree(client: Client, server: GitServer) -> None:
    """git-clear: every file goes, also one not committed yet; the next commit deletes them."""
    repository = client.open(server.create("app.git", FILES))
    tree = await repository.checkout(await repository.resolve(), path=client.work(), project="p")
    await tree.write("new", b"1")
    await tree.clear()
    assert _files(client.work()) == {}
    made = await _commit(tree)
    assert made is not None
    assert await objects.paths(repository.mirror, made) == []


async def test_one_clone_at_several_paths(client: Client, server: GitServer) -> None:
    """Also of the same branch, which git alone would refuse."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve(branch="main")
    one = await repository.checkout(resolved, path=client.work(1), project="p")
    two = await repository.checkout(resolved, path=client.work(2), project="p")
    await one.write("a", b"one")
    await two.write("a", b"two")
    assert await _commit(one) != await _commit(two)
    with pytest.raises(errors.AlreadyExists, match="src already"):
        await repository.checkout(resolved, path=client.work(1), project="p")


async def test_sparse_keeps_what_was_left_out(client: Client, server: GitServer) -> None:
    """Only the named directories and root files are on disk; a commit deletes nothing else."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve()
    tree = await repository.checkout(resolved, path=client.work(), project="p", sparse=["dir/sub/"])
    assert set(_files(client.work())) == {".gitignore", "a", "dir/b", "dir/sub/c"}
    await tree.write("dir/sub/c", b"2")
    await tree.write("other/new", b"outside")
    made = await _commit(tree)
    assert made is not None
    assert await objects.changed(repository.mirror, resolved.commit, made) == {
        "dir/sub/c",
        "other/new",
    }
    await repository.give_back(tree)
    whole = await repository.checkout(resolved, path=client.work(), project="p")
    assert _files(whole.path) == FILES
    again = await repository.checkout(
        resolved, path=client.work(2), project="p", sparse=["dir/sub"]
    )
    assert set(_files(again.path)) == {".gitignore", "a", "dir/b", "dir/sub/c"}
    with pytest.raises(errors.BadRequest, match="glob"):
        await repository.checkout(resolved, path=client.work(3), project="p", sparse=["di*"])


async def test_nobody_sees_anothers_leftovers(client: Client, server: GitServer) -> None:
    """A tree that only our file API wrote to comes back at once, exactly as the next commit is."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve(branch="main")
    tree = await repository.checkout(resolved, path=client.work(1), project="p")
    inode = tree.path.stat().st_ino
    await tree.write("a", b"changed")
    await tree.write("deep/er/new", b"untracked")
    await tree.write("trace.log", b"ignored")
    await tree.delete("dir/sub/c")
    await _commit(tree)
    await tree.write("other/d", b"not committed")
    await repository.give_back(tree)
    assert (client.work(1).exists(), client.pool.idle) == (False, 1)
    server.commit("app.git", {"a": "3"})
    tree = await repository.checkout(
        await repository.resolve(branch="main"), path=client.work(2), project="p"
    )
    assert tree.path.stat().st_ino == inode
    assert _files(tree.path) == FILES | {"a": "3"}
    assert not (tree.path / "deep").exists()
    assert tree.head == server.head("app.git")


@pytest.mark.parametrize("sparse", [(), ("dir",)])
async def test_files_are_written_as_the_attributes_of_their_commit_say(
    client: Client, server: GitServer, sparse: tuple[str, ...]
) -> None:
    """Also those that a tree of the pool had from a commit with other attributes."""
    files = {"t.txt": "1\n", "dir/t.txt": "1\n", "dir/b": "1\n"}
    url = server.create("app.git", {**files, ".gitattributes": "*.txt text eol=crlf\n"})
    repository = client.open(url)

    async def written() -> dict[str, bytes]:
        resolved = await repository.resolve(branch="main")
        tree = await repository.checkout(resolved, path=client.work(), project="p", sparse=sparse)
        found = {name: (tree.path / name).read_bytes() for name in files}
        assert git_server.git(tree.path, "status", "--porcelain") == ""
        await tree.write("dir/b", b"2")
        await repository.give_back(tree)
        return found

    crlf, lf = b"1\r\n", b"1\n"
    assert await written() == {"t.txt": crlf, "dir/t.txt": crlf, "dir/b": lf}
    server.commit("app.git", {".gitattributes": None})
    assert await written() == {"t.txt": lf, "dir/t.txt": lf, "dir/b": lf}
    server.commit("app.git", {"dir/.gitattributes": "* text eol=crlf\n"})
    assert await written() == {"t.txt": lf, "dir/t.txt": crlf, "dir/b": crlf}
    assert client.pool.idle == 1


async def test_what_another_program_left_is_cleaned(client: Client, server: GitServer) -> None:
    """Files, ignored ones, nested repositories, index tricks, settings and hooks are gone."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve(branch="main")
    tree = await repository.checkout(resolved, path=client.work(1), project="p")
    inode = tree.path.stat().st_ino
    await tree.catch_up()
    tree.opaque = True
    work, mirror = tree.path, repository.mirror.directory
    git_server.git(work, "config", "core.fsmonitor", "touch /nonexistent/owned")
    git_server.git(work, "update-index", "--assume-unchanged", "a")
    (work / "a").write_text("kept back")
    (work / "trace.log").write_text("ignored")
    (mirror / "hooks").mkdir(exist_ok=True)
    (mirror / "hooks/post-checkout").write_text("#!/bin/sh\nexit 1\n")
    (mirror / "info").mkdir(exist_ok=True)
    (mirror / "info/attributes").write_text("* filter=evil\n")
    (work / "nested").mkdir()
    git_server.git(work / "nested", "init", "--quiet")
    (work / ".git").unlink()
    git_server.git(work, "init", "--quiet")
    await repository.give_back(tree)
    await client.pool.close()
    again = await repository.checkout(resolved, path=client.work(2), project="p")
    assert again.path.stat().st_ino == inode
    assert _files(again.path) == FILES
    assert git_server.git(again.path, "status", "--porcelain", "--ignored") == ""
    assert "fsmonitor" not in (mirror / "config").read_text()
    assert not (mirror / "hooks").exists()
    assert not (mirror / "info").exists()


async def test_attributes_that_were_left_do_not_count(client: Client, server: GitServer) -> None:
    """Not while the files are written anew of a tree in which a program ran."""
    files = {"t.txt": "1\n", "dir/t.txt": "1\n"}
    repository = client.open(server.create("app.git", files))
    resolved = await repository.resolve(branch="main")
    tree = await repository.checkout(resolved, path=client.work(1), project="p")
    tree.opaque = True
    for name in (".gitattributes", "dir/.gitattributes"):
        (tree.path / name).write_text("* text eol=crlf\n")
    (tree.path / "t.txt").write_text("changed")
    await repository.give_back(tree)
    await client.pool.close()
    assert client.pool.idle == 1
    # Files that are as new as git's index are looked at once more; later they are not.
    index = tree.admin / "index"
    os.utime(index, (index.stat().st_mtime + 3600,) * 2)
    again = await repository.checkout(resolved, path=client.work(2), project="p")
    assert {name: (again.path / name).read_bytes() for name in files} == dict.fromkeys(
        files, b"1\n"
    )
    assert set(_files(again.path)) == set(files)


async def test_a_program_cannot_lead_us_to_another_repository(
    client: Client, server: GitServer
) -> None:
    """A `.git` of its own making, with a filter that runs commands, is not looked at by a commit."""
    repository = client.open(server.create("app.git", FILES))
    tree = await repository.checkout(await repository.resolve(), path=client.work(), project="p")
    owned = client.root / "owned"
    (tree.path / ".git").unlink()
    git_server.git(tree.path, "init", "--quiet")
    git_server.git(tree.path, "config", "filter.evil.clean", f"touch {owned}; cat")
    (tree.path / ".gitattributes").write_text("* filter=evil\n")
    (tree.path / "a").write_text("2")
    tree.opaque = True
    made = await _commit(tree)
    assert made is not None
    assert not owned.exists()
    assert (await objects.read_commit(repository.mirror, made)).parents == (server.head("app.git"),)


async def test_projects_and_credentials_do_not_share_trees(
    client: Client, server: GitServer
) -> None:
    """Another Project gets a tree of its own."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve()
    tree = await repository.checkout(resolved, path=client.work(1), project="p")
    inode = tree.path.stat().st_ino
    await repository.give_back(tree)
    other = await repository.checkout(resolved, path=client.work(2), project="q")
    assert other.path.stat().st_ino != inode
    assert client.pool.idle == 1


async def test_the_pool_is_bounded(tmp_path: Path, server: GitServer) -> None:
    """The oldest go first, and leave nothing on disk or in the mirror."""
    client = git_client.Client(tmp_path / "c", server, max_trees=1)
    await client.start()
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve()
    trees = [
        await repository.checkout(resolved, path=client.work(number), project="p")
        for number in range(3)
    ]
    for tree in trees:
        await repository.give_back(tree)
    assert client.pool.idle == 1
    assert client.pool.size > 0
    assert len(list((client.root / "pool").iterdir())) == 1
    assert len(list((repository.mirror.directory / "worktrees").iterdir())) == 1


async def test_a_tree_outlives_its_process_and_the_pool_does_not(
    client: Client, server: GitServer
) -> None:
    """After a restart a later step goes on with its tree; pooled ones are swept."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve(branch="main")
    tree = await repository.checkout(resolved, path=client.work(1), project="p", sparse=["dir"])
    await tree.write("a", b"2")
    idle = await repository.checkout(resolved, path=client.work(2), project="p")
    await repository.give_back(idle)
    lost = await repository.checkout(resolved, path=client.work(3), project="p")
    subprocess.run(["rm", "-r", str(lost.path)], check=True)

    restarted = git_client.Client(client.root, server)
    await restarted.start()
    again = restarted.open(str(repository))
    assert list((client.root / "pool").iterdir()) == []
    assert len(list((again.mirror.directory / "worktrees").iterdir())) == 1
    found = await again.reopen(client.work(1))
    assert (found.head, found.branch, found.opaque) == (resolved.commit, "main", True)
    assert found.record == administration.WorkTreeRecord("p", "main", ("dir",))
    assert await found.read("a") == b"2"
    assert await _commit(found) is not None
    with pytest.raises(errors.NotFound, match="not a Git work tree"):
        await again.reopen(client.root)


async def test_a_commit_that_is_followed_is_there_once_somebody_looks(
    tmp_path: Path, server: GitServer
) -> None:
    """Not before: as a rule nobody does. A later process knows of it as well, and a tree that goes back forgets it."""
    url = server.create("app.git", {"a": "1", "b": "1"})
    before = git_client.Client(tmp_path / "c", server)
    await before.start()
    repository = before.open(url)
    first = await repository.resolve()
    theirs = server.commit("app.git", {"b": "2"})
    await repository.resolve()
    tree = await repository.checkout(first, path=before.work(), project="team")
    await tree.write("a", b"left")
    tree.follow(theirs)
    assert (tree.head, (tree.path / "b").read_text()) == (first.commit, "1")
    await before.pool.close()
    after = git_client.Client(tmp_path / "c", server)
    await after.start()
    again = await after.open(url).reopen(after.work())
    await again.settle()
    assert (again.head, again.branch) == (theirs, "main")
    assert [(again.path / name).read_text() for name in "ab"] == ["1", "2"]
    again.opaque = False
    again.follow(first.commit)
    await after.pool.give_back(again)
    other = await after.open(url).checkout(
        await after.open(url).resolve(), path=after.work(), project="team"
    )
    await other.settle()
    assert (other.head, (other.path / "b").read_text()) == (theirs, "2")
    await after.pool.close()


async def test_a_small_tree_is_filled_without_git(
    client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its folders and programs; what has links or attributes is git's to write."""
    url = server.create("app.git", {"a": "1", "deep/er/b": "2"})
    repository = client.open(url, Options(blobless=False))
    found = await repository.resolve()
    ran: list[str] = []
    original = Git.run

    async def run(self: Git, *arguments: str, **how: object) -> object:
        ran.extend(word for word in arguments if word in ("reset", "checkout", "read-tree"))
        return await original(self, *arguments, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", run)
    tree = await repository.checkout(found, path=client.work(), project="team")
    assert ((tree.path / "a").read_text(), (tree.path / "deep/er/b").read_text()) == ("1", "2")
    assert not ran
    assert await tree.stage() == (await objects.read_commit(repository.mirror, tree.head)).tree
    server.commit("app.git", {".gitattributes": "* text=auto\n"})
    again = await repository.checkout(
        await repository.resolve(), path=client.work(1), project="team"
    )
    assert "reset" in ran
    assert (again.path / "a").read_text() == "1"


async def test_files_outside_the_tree_are_out_of_reach(client: Client, server: GitServer) -> None:
    """Not by `..`, not by absolute names, not through links, not into `.git`."""
    repository = client.open(server.create("app.git", FILES))
    tree = await repository.checkout(await repository.resolve(), path=client.work(), project="p")
    outside = client.root / "outside"
    outside.write_text("secret")
    (tree.path / "link").symlink_to(client.root)
    (tree.path / "inner").symlink_to("dir")
    for path in ("../outside", str(outside), "link/outside", ".git", "dir/.GIT/config", "a\0b", ""):
        with pytest.raises(errors.BadRequest):
            await tree.read(path)
        with pytest.raises(errors.BadRequest):
            await tree.write(path, b"x")
    assert outside.read_text() == "secret"
    await tree.write("inner/b", b"through a link inside")
    assert (tree.path / "dir/b").read_bytes() == b"through a link inside"
    with pytest.raises(git_errors.PathNotFound, match="absent is not a file"):
        await tree.read("absent")
    with pytest.raises(git_errors.PathNotFound):
        await tree.delete("dir/absent")
    with pytest.raises(errors.BadRequest, match="cannot write a/b"):
        await tree.write("a/b", b"below a file")


async def test_links_in_the_repository_are_not_followed_out(
    client: Client, server: GitServer
) -> None:
    """A commit may hold a link that leads anywhere; reading through it is refused."""
    repository = client.open(server.create("app.git", FILES))
    base = (await repository.resolve()).commit
    await repository.mirror.ensure()
    link = stored.TreeEntry(objects.LINK, tree_edits.write_blob(repository.mirror, b"/etc"))
    root = await tree_edits.edit(repository.mirror, base, {"etc": link})
    made = await commits.commit(
        repository.mirror,
        tree=root,
        parents=[base],
        message="Link",
        author=git_client.ANA,
        committer=git_client.BOT,
        when=git_client.WHEN,
    )
    tree = await client.pool.checkout(
        repository.mirror, path=client.work(), commit=made, project="p"
    )
    with pytest.raises(errors.BadRequest, match="leads out of the work tree"):
        await tree.read("etc/passwd")
    await tree.delete("etc")
    assert not (tree.path / "etc").is_symlink()


async def test_links_that_go_round_in_a_circle_are_refused(
    client: Client, server: GitServer
) -> None:
    """They lead nowhere, and are the repository's or its writer's fault, not ours; the tree can be used again."""
    repository = client.open(server.create("app.git", FILES))
    base = (await repository.resolve()).commit
    tree = await client.pool.checkout(
        repository.mirror, path=client.work(), commit=base, project="p"
    )
    await tree.write("round/a", b"x")
    (tree.path / "round" / "a").unlink()
    (tree.path / "round").rmdir()
    (tree.path / "round").symlink_to("round/b")
    for act in (tree.read("round"), tree.write("round/a", b"y"), tree.delete("round/a")):
        with pytest.raises(errors.BadRequest, match="links on the way go round in a circle"):
            await act
    await tree.move_to(base, None)
    assert await tree.read("a") == b"1"


async def test_a_repository_does_not_lead_a_write_out(client: Client, server: GitServer) -> None:
    """By a link under the name that a file has while it is written; what could not be written is not committed."""
    repository = client.open(server.create("app.git", FILES))
    base = (await repository.resolve()).commit
    outside = client.root / "outside"
    outside.write_bytes(b"theirs")
    link = stored.TreeEntry(
        objects.LINK, tree_edits.write_blob(repository.mirror, os.fsencode(outside))
    )
    hidden = hashlib.sha256(b"a").hexdigest()[:32]
    root = await tree_edits.edit(
        repository.mirror, base, {f".{hidden}.towpath-new": link, ".a.towpath-new": link}
    )
    made = await commits.commit(
        repository.mirror,
        tree=root,
        parents=[base],
        message="Links",
        author=git_client.ANA,
        committer=git_client.BOT,
        when=git_client.WHEN,
    )
    tree = await client.pool.checkout(
        repository.mirror, path=client.work(), commit=made, project="p"
    )
    await tree.write("a", b"ours")
    assert outside.read_bytes() == b"theirs"
    assert await tree.read("a") == b"ours"
    with pytest.raises(errors.BadRequest, match="cannot write dir"):
        await tree.write("dir", b"a folder is there")
    committed = await _commit(tree)
    assert committed is not None
    changed = await objects.changed(repository.mirror, base, committed)
    assert changed - {f".{hidden}.towpath-new"} == {"a", ".a.towpath-new"}


async def test_a_commit_of_few_files_is_the_one_git_would_make(
    client: Client, server: GitServer
) -> None:
    """Line ends as .gitattributes say, modes kept, deletions made; and another program's work still counts."""
    files = FILES | {".gitattributes": "*.txt text eol=crlf\n", "t.txt": "1\n", "run": "1"}
    repository = client.open(server.create("app.git", files))
    resolved = await repository.resolve()
    one = await repository.checkout(resolved, path=client.work(1), project="p")
    two = await repository.checkout(resolved, path=client.work(2), project="p")
    two.opaque = True
    for tree in (one, two):
        assert await tree.read("t.txt") == b"1\r\n"
        await tree.write("t.txt", b"2\r\n")
        await tree.write("run", b"2", executable=True)
        await tree.delete("dir/sub/c")
    assert await _commit(one) == await _commit(two)
    assert await objects.read(repository.mirror, one.head, "t.txt") == b"2\n"
    (one.path / "dir/b").write_text("by a program")
    one.opaque = True
    made = await _commit(one)
    assert made is not None
    assert await objects.changed(repository.mirror, two.head, made) == {"dir/b"}
    assert git_server.git(one.path, "status", "--porcelain") == ""


async def test_trees_of_a_mirror_made_anew_are_not_handed_out(
    client: Client, server: GitServer
) -> None:
    """What was idle or in use belongs to the old one; a new checkout is whole, nothing stays behind."""
    repository = client.open(server.create("app.git", FILES))
    resolved = await repository.resolve()
    idle = await repository.checkout(resolved, path=client.work(1), project="p")
    used = await repository.checkout(resolved, path=client.work(2), project="p")
    await repository.give_back(idle)
    await repository.mirror.discard()
    again = await repository.checkout(await repository.resolve(), path=client.work(3), project="p")
    assert _files(again.path) == FILES
    await repository.give_back(used)
    assert client.pool.idle == 0
    assert list((client.root / "pool").iterdir()) == []


async def test_no_repository_stops_a_start(client: Client, server: GitServer) -> None:
    """Folders in one another beyond Python's recursion and the longest path, wherever they are left."""
    for folder in ("pool/x", "mirrors/.x.making", "mirrors/y.git/.z.new"):
        (client.root / folder).parent.mkdir(exist_ok=True)
        deep(client.root / folder, 1500)
    restarted = git_client.Client(client.root, server)
    await restarted.start()
    assert list((client.root / "pool").iterdir()) == []
    assert [path.name for path in (client.root / "mirrors").iterdir()] == ["y.git"]
    await restarted.pool._trash.emptied()
    await restarted.repositories._trash.emptied()
    assert list((client.root / "pool.trash").iterdir()) == []
    assert list((client.root / "mirrors.trash").iterdir()) == []


async def test_locks_that_killed_commands_left_do_not_stop_fetches(
    client: Client, server: GitServer
) -> None:
    """Git removes none that it did not make itself."""
    repository = client.open(server.create("app.git", FILES))
    await repository.resolve(branch="main")
    mirror = repository.mirror.directory
    for name in ("refs/remotes/origin/main.lock", "packed-refs.lock", "shallow.lock"):
        (mirror / name).touch()
    server.commit("app.git", {"a": "2"})
    restarted = git_client.Client(client.root, server)
    await restarted.start()
    found = await restarted.open(str(repository)).resolve(branch="main")
    assert found.commit == server.head("app.git")
    await restarted.repositories.close()
