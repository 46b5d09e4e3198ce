"""The steps git-clear and git-tag, on a real server."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import git_server
from tests.support.git_server import git
from tests.support.git_steps import SITE, Bench
from towpath import errors
from towpath.promotion import checkouts
from towpath.promotion.step import Errored, Succeeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer

URL = f"{SITE}/app.git"
TAG = {"path": "./src", "tag": "v2", "message": "Version 2\n\n# kept"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A server with one repository."""
    with git_server.serving(tmp_path / "server") as found:
        found.create(
            "app.git",
            {
                "values.yaml": "tag: v1\n",
                "deep/er/x": "1\n",
                ".gitignore": "*.log\n",
                "kept.log": "1\n",
            },
        )
        yield found


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> AsyncIterator[Bench]:
    """One Promotion with a checkout."""
    made = Bench(tmp_path / "bench", server)
    await made.start()
    assert isinstance(await made.clone(URL, depth=1), Succeeded)
    yield made
    await made.repositories.close()


async def test_what_is_written_after_clearing_is_all_there_is(
    bench: Bench, server: GitServer
) -> None:
    """Tracked files go, ignored ones that are tracked too; the commit holds what came after."""
    await bench.directory.write("./src/untracked", b"1")
    await bench.directory.write("./src/ignored.log", b"1")
    assert isinstance(await bench.run("git-clear", {"path": "./src"}), Succeeded)
    left = {path.name for path in (bench.directory.root / "src").iterdir()}
    assert left == {".git", "ignored.log"}
    await bench.directory.write("./src/new/file", b"1")
    assert isinstance(
        await bench.run("git-commit", {"path": "./src", "message": "Anew"}), Succeeded
    )
    assert isinstance(await bench.run("git-push", {"path": "./src"}), Succeeded)
    listed = git(server.path("app.git"), "ls-tree", "-r", "--name-only", "main").split()
    # Nothing is ignored any more where .gitignore went as well.
    assert listed == ["ignored.log", "new/file"]


async def test_a_tag_is_made_and_pushed(bench: Bench, server: GitServer) -> None:
    """Annotated, by whoever commits, with the message as it is; made again it is the same."""
    first = await bench.run("git-tag", TAG)
    again = await bench.run("git-tag", TAG)
    head = server.head("app.git")
    assert isinstance(first, Succeeded)
    assert isinstance(again, Succeeded)
    assert first.output == again.output == {"commit": head}
    assert git(server.path("app.git"), "tag") == ""
    pushed = await bench.run("git-push", {"path": "./src", "tag": "v2"})
    assert isinstance(pushed, Succeeded)
    assert pushed.output == {"branch": "main", "commit": head}
    shown = git(server.path("app.git"), "cat-file", "tag", "v2")
    assert shown.startswith(
        f"object {head}\ntype commit\ntag v2\ntagger Kargo <no-reply@kargo.io> "
    )
    assert shown.endswith("\n\nVersion 2\n\n# kept")
    assert isinstance(await bench.run("git-push", {"path": "./src", "tag": "v2"}), Succeeded)


async def test_a_tag_that_was_pushed_before_is_there(bench: Bench, server: GitServer) -> None:
    """As by the Promotion itself, before it began anew: what is sent is the tag that the server has, not its commit."""
    await bench.run("git-tag", TAG)
    assert isinstance(await bench.run("git-push", {"path": "./src", "tag": "v2"}), Succeeded)
    before = git(server.path("app.git"), "rev-parse", "v2")
    anew = bench.another("anew")
    await anew.clone(URL)
    assert isinstance(await anew.run("git-tag", TAG), Succeeded)
    assert isinstance(await anew.run("git-push", {"path": "./src", "tag": "v2"}), Succeeded)
    assert git(server.path("app.git"), "rev-parse", "v2") == before


async def test_a_name_that_is_taken(bench: Bench, server: GitServer) -> None:
    """On the server, or by an earlier step; `force` makes the tag, and the server keeps its own."""
    server.commit("app.git", {"x": "1"})
    git(server.path("app.git"), "tag", "v2", "main")
    with pytest.raises(errors.AlreadyExists, match="has a tag 'v2' already"):
        await bench.run("git-tag", TAG)
    assert isinstance(await bench.run("git-tag", {**TAG, "force": True}), Succeeded)
    refused = await bench.run("git-push", {"path": "./src", "tag": "v2"})
    assert isinstance(refused, Errored)
    assert "refused the tag v2" in refused.message
    assert isinstance(await bench.run("git-tag", {**TAG, "tag": "v3"}), Succeeded)
    with pytest.raises(errors.AlreadyExists, match="was made in this work tree before"):
        await bench.run("git-tag", {**TAG, "tag": "v3", "message": "other"})


async def test_a_tag_is_its_own_work_tree_s(bench: Bench, server: GitServer) -> None:
    """No other Promotion sees it: neither beside it nor in the work tree that it leaves behind."""
    await bench.run("git-tag", TAG)
    other = bench.another("other")
    await other.clone(URL)
    assert isinstance(await other.run("git-push", {"path": "./src", "tag": "v2"}), Errored)
    await checkouts.release(bench.directory, bench.repositories)
    third = bench.another("third")
    await third.clone(URL)
    assert isinstance(await third.run("git-push", {"path": "./src", "tag": "v2"}), Errored)
    assert git(server.path("app.git"), "tag") == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"tag": "a..b"}, "tag"), ({"tag": "-x"}, "tag"), ({"message": " \n"}, "message")],
)
async def test_what_git_would_not_take(bench: Bench, wrong: dict[str, Any], said: str) -> None:
    """Names and messages."""
    with pytest.raises(errors.BadRequest, match=said):
        await bench.run("git-tag", {**TAG, **wrong})


async def test_a_tag_is_signed_where_commits_are(
    bench: Bench, server: GitServer, tmp_path: Path
) -> None:
    """Git itself verifies it."""
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)

    def gpg(*arguments: str) -> str:
        return subprocess.run(
            ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", "", *arguments],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    gpg("--quick-gen-key", "Ana <ana@example.com>", "ed25519", "sign")
    key = gpg("--armor", "--export-secret-keys")
    author = {"name": "Ana", "email": "ana@example.com", "signingKey": key}
    await bench.clone(URL, author=author)
    assert isinstance(await bench.run("git-tag", TAG), Succeeded)
    assert isinstance(await bench.run("git-push", {"path": "./src", "tag": "v2"}), Succeeded)
    verified = subprocess.run(
        ["git", "verify-tag", "v2"],
        cwd=server.path("app.git"),
        env={"PATH": "/usr/bin:/bin", "GNUPGHOME": str(home), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
