"""How git is run: what ends it is said, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.support import git_client, git_server
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.objects.signing import Signer
from towpath.clients.git.program.command import Git
from towpath.clients.http.guard import Guard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer


def _fake(folder: Path, *, killed: int) -> Git:
    """Return a git that is killed so many times and then answers."""
    bin_ = folder / "bin"
    bin_.mkdir()
    fake = bin_ / "git"
    fake.write_text(
        f"#!/bin/sh\necho x >> {folder}/calls\n"
        f'if [ "$(wc -l < {folder}/calls)" -le {killed} ]; then kill -9 $$; fi\necho done\n'
    )
    fake.chmod(0o755)
    return Git(home=folder, path=f"{bin_}:/usr/bin:/bin", gateway=Gateway(Guard()), allow_file=True)


def _calls(folder: Path) -> int:
    return len((folder / "calls").read_text().splitlines())


async def test_a_git_that_was_killed_is_tried_again_once(tmp_path: Path) -> None:
    """With and without network."""
    git = _fake(tmp_path, killed=1)
    assert (await git.run("status", directory=tmp_path)).stdout == b"done\n"
    assert _calls(tmp_path) == 2
    (tmp_path / "calls").unlink()
    address = addresses.parse("file:///x", allow_file=True)
    assert (await git.reach("fetch", directory=tmp_path, address=address)).stdout == b"done\n"
    assert _calls(tmp_path) == 2


async def test_one_that_is_killed_again_is_said_to_be(tmp_path: Path) -> None:
    """With the signal and where to look; a push that expects a commit is not sent twice."""
    git = _fake(tmp_path, killed=9)
    with pytest.raises(git_errors.Unreachable, match=r"git status was killed by signal 9 .*memory"):
        await git.run("status", directory=tmp_path)
    assert _calls(tmp_path) == 2
    address = addresses.parse("file:///x", allow_file=True)
    with pytest.raises(git_errors.Unreachable, match="killed by signal 9"):
        await git.reach("push", "--force-with-lease=main:1", directory=tmp_path, address=address)
    assert _calls(tmp_path) == 3


async def test_a_missing_git_is_named(tmp_path: Path) -> None:
    """With where it was looked for and what to do."""
    git = Git(home=tmp_path, path=str(tmp_path / "nowhere"), gateway=Gateway(Guard()))
    with pytest.raises(
        errors.Unavailable, match=r"git cannot be run: there is none in .*; install git"
    ):
        await git.check()


async def test_an_object_that_git_refuses_is_named(client: Client, server: GitServer) -> None:
    """The object, the rule it breaks, and no talk of a damaged mirror."""
    url = server.create("app.git", {"a": "1"})
    place = server.path("app.git")
    blob = git_server.git(place, "rev-parse", "refs/heads/main:a").strip()
    raw = place.parent / "tree"
    raw.write_bytes(b"100644 .git\0" + bytes.fromhex(blob))
    tree = git_server.git(place, "hash-object", "-t", "tree", "-w", "--literally", str(raw)).strip()
    made = git_server.git(
        place, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit-tree", tree, "-m", "x"
    ).strip()
    git_server.git(place, "update-ref", "refs/heads/bad", made)
    with pytest.raises(git_errors.UnsafeObject, match=rf"{tree}: hasDotgit: contains '\.git'"):
        await client.open(url).resolve(branch="bad")
    assert (await client.open(url).resolve(branch="main")).branch == "main"
    await git_client.closed()


@pytest.mark.parametrize("kind", ["ssh", "gpg"])
async def test_a_program_that_signs_and_is_killed_is_said_to_be(
    tmp_path: Path, kind: Literal["ssh", "gpg"]
) -> None:
    """That is not the key's fault."""
    git = _fake(tmp_path, killed=0)
    for name in ("ssh-keygen", "gpg"):
        fake = tmp_path / "bin" / name
        fake.write_text("#!/bin/sh\nkill -9 $$\n")
        fake.chmod(0o755)
    with pytest.raises(errors.Unavailable, match=r"was killed by signal 9 \(SIGKILL\)"):
        await Signer(kind, "key").sign(git, b"payload")
