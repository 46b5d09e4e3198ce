"""A git that is killed on the way, whichever of its commands it is: what it held is let go, and the work is done."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.git_steps import SITE, Bench
from towpath.clients.git import git_errors, upkeep
from towpath.clients.git.objects import tree_edits
from towpath.promotion import checkouts
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer

_GIT = shutil.which("git", path="/usr/local/bin:/usr/bin:/bin")
_KILLED = """#!/bin/sh
# Is killed the first {times} times that a command is run, with the locks that it has then.
command= skip=
for word in "$@"; do
  if [ -n "$skip" ]; then skip=; continue; fi
  case "$word" in
    -C|-c) skip=1 ;;
    -*) ;;
    *) command=$word; break ;;
  esac
done
echo "$command" >> {folder}/calls
if [ "$command" = {command} ] && [ "$(wc -l < {folder}/kills)" -lt {times} ]; then
  echo x >> {folder}/kills
  case "$command" in
    add|reset|read-tree|rm|update-index|write-tree)
      : > "${{GIT_INDEX_FILE:-$GIT_DIR/index}}.lock" ;;
    sparse-checkout) : > "$GIT_DIR/config.worktree.lock"; : > "$GIT_DIR/index.lock" ;;
    fetch)
      mkdir -p refs/remotes/origin
      : > refs/remotes/origin/main.lock; : > packed-refs.lock; : > shallow.lock ;;
    gc) echo "$$ $(uname -n)" > gc.pid; : > packed-refs.lock ;;
  esac
  kill -9 $$
fi
exec {git} "$@"
"""


def _is_killed(folder: Path, command: str, times: int = 1) -> str:
    """Put a git into a folder that is killed at a command; return the PATH with it."""
    bin_ = folder / "bin"
    bin_.mkdir()
    (folder / "kills").touch()
    (bin_ / "git").write_text(_KILLED.format(folder=folder, command=command, times=times, git=_GIT))
    (bin_ / "git").chmod(0o755)
    return f"{bin_}:/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> Bench:
    """One Promotion."""
    attributes = {".gitattributes": "* text=auto\n", "dir/values.yaml": "tag: v1\n", "b/c": "1\n"}
    server.create("app.git", attributes)
    made = Bench(tmp_path / "bench", server)
    await made.start()
    return made


def _with(bench: Bench, path: str) -> None:
    bench.git = replace(bench.git, path=path)
    bench.repositories._git = bench.git


@pytest.mark.parametrize(
    "command",
    [
        "fetch", "cat-file", "sparse-checkout", "reset", "update-index", "ls-files",
        "add", "write-tree", "read-tree",
    ],
)  # fmt: skip
async def test_a_promotion_does_not_notice(
    tmp_path: Path,
    bench: Bench,
    server: GitServer,
    caplog: pytest.LogCaptureFixture,
    command: str,
) -> None:
    """Each command that a Promotion runs, killed at its first run: with a file that is new, and one that is not."""
    _with(bench, _is_killed(tmp_path, command))
    caplog.set_level(logging.WARNING)
    url = f"{SITE}/app.git"
    cloned = await bench.clone(url, checkout=[{"path": "./src", "sparse": ["dir"]}])
    assert isinstance(cloned, Succeeded)
    tree, _ = checkouts.Checkouts(bench.directory).at("./src")
    for number, path in enumerate(("dir/values.yaml", "dir/new.yaml")):
        await bench.directory.write(f"./src/{path}", f"tag: v{number}\r\n".encode())
        commit = {"path": "./src", "message": f"{number}"}
        assert isinstance(await bench.run("git-commit", commit, alias=f"c{number}"), Succeeded)
    assert isinstance(await bench.run("git-push", {"path": "./src"}), Succeeded)
    assert server.read("app.git", "dir/values.yaml") == "tag: v0"
    assert server.read("app.git", "dir/new.yaml") == "tag: v1"
    assert server.read("app.git", "b/c") == "1"
    assert (tmp_path / "kills").read_text() == "x\n", "the command was not run at all"
    assert [record for record in caplog.records if record.message == "git was killed"]
    assert list(tree.mirror.directory.rglob("*.lock")) == []
    await checkouts.release(bench.directory, bench.repositories)
    await bench.repositories.close()


@pytest.mark.parametrize("command", ["reset", "add", "cat-file", "fetch"])
async def test_one_that_is_killed_twice_is_said_to_be_and_the_next_try_succeeds(
    tmp_path: Path, bench: Bench, command: str
) -> None:
    """Nothing that it held stands in the way of the try that the engine makes later."""
    _with(bench, _is_killed(tmp_path, command, times=2))
    url = f"{SITE}/app.git"

    async def promote() -> None:
        assert isinstance(await bench.clone(url), Succeeded)
        await bench.directory.write("./src/new.yaml", b"tag: v2\n")
        commit = {"path": "./src", "message": "Promote"}
        assert isinstance(await bench.run("git-commit", commit), Succeeded)

    with pytest.raises(
        git_errors.Killed, match=rf"git {command} was killed by signal 9 \(SIGKILL\)"
    ):
        await promote()
    await promote()
    await checkouts.release(bench.directory, bench.repositories)
    await bench.repositories.close()


async def test_a_killed_packing_does_not_stop_the_next(
    tmp_path: Path, client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git takes a pid file for one that still packs, and a lock for one that still writes."""
    monkeypatch.setattr(upkeep, "_LOOSE", 1)
    repository = client.open(server.create("app.git", {"a": "1"}))
    await repository.resolve(branch="main")
    for number in range(3):
        tree_edits.write_blob(repository.mirror, b"%d" % number)
    repository.mirror.git = replace(client.git, path=_is_killed(tmp_path, "gc"))
    await client.repositories._upkeep.tend(repository.mirror)
    assert (tmp_path / "kills").read_text() == "x\n"
    mirror = repository.mirror.directory
    assert not list(mirror.glob("objects/[0-9a-f][0-9a-f]/*"))
    assert not (mirror / "gc.pid").exists()


async def test_a_push_that_was_killed_is_made_once(
    tmp_path: Path, bench: Bench, server: GitServer
) -> None:
    """Before anything was sent: the step says so, and run again it pushes."""
    _with(bench, _is_killed(tmp_path, "push"))
    assert isinstance(await bench.clone(f"{SITE}/app.git"), Succeeded)
    await bench.directory.write("./src/dir/values.yaml", b"tag: v2\n")
    assert isinstance(
        await bench.run("git-commit", {"path": "./src", "message": "Promote"}), Succeeded
    )
    count = server.count("app.git")
    try:
        outcome = await bench.run("git-push", {"path": "./src"})
    except git_errors.Killed:
        outcome = await bench.run("git-push", {"path": "./src"})
    assert isinstance(outcome, Succeeded)
    assert server.count("app.git") == count + 1
    await checkouts.release(bench.directory, bench.repositories)
    await bench.repositories.close()
