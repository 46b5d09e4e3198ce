"""Many Promotions push to one branch at once: few pushes, and what each of them did is there as if it had run alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import git_server
from tests.support.git_steps import SITE, Bench
from towpath.promotion import checkouts
from towpath.promotion.step import Errored, Failed, StartOver, Succeeded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.promotion.step import Outcome

URL = f"{SITE}/app.git"


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """A Git server."""
    with git_server.serving(tmp_path / "server") as found:
        yield found


def _pushes(server: GitServer) -> int:
    return sum(
        request.method == "POST" and request.path.endswith("git-receive-pack")
        for request in server.requests
    )


async def _prepared(bench: Bench, path: str, key: str, value: str, message: str) -> None:
    """Do all but the push."""
    outcome = await bench.clone(URL, checkout=[{"path": "./src", "branch": "main"}])
    assert isinstance(outcome, Succeeded), outcome
    await bench.run(
        "yaml-update", {"path": f"./src/{path}", "updates": [{"key": key, "value": value}]}
    )
    await bench.run("git-commit", {"path": "./src", "message": message})


async def _together(
    tmp_path: Path,
    server: GitServer,
    files: dict[str, str],
    edits: Sequence[tuple[str, str, str]],
    before_push: Callable[[], object] = lambda: None,
) -> tuple[list[Bench], list[Outcome]]:
    """Have one Promotion for each edit (path, key, value): all build on the same commit, and push at once."""
    server.create("app.git", files)
    first = Bench(tmp_path / "bench", server, name="first")
    await first.start()
    benches = [first.another(f"p{number}") for number in range(len(edits))]
    for bench, edit in zip(benches, edits, strict=True):
        await _prepared(bench, *edit, message=bench.name)
    before_push()
    server.requests.clear()
    outcomes = await asyncio.gather(*(each.run("git-push", {"path": "./src"}) for each in benches))
    return benches, list(outcomes)


async def _end(benches: Sequence[Bench]) -> None:
    for bench in benches:
        await checkouts.release(bench.directory, bench.repositories)
    await benches[0].repositories.close()


CASES = {
    "directories": (
        {f"d{n}/values.yaml": "tag: v1\n" for n in range(12)},
        [(f"d{n}/values.yaml", "tag", f"w{n}") for n in range(12)],
    ),
    "one directory": (
        {f"d/{n}.yaml": "tag: v1\n" for n in range(12)},
        [(f"d/{n}.yaml", "tag", f"w{n}") for n in range(12)],
    ),
    "one file": (
        {"all.yaml": "".join(f"s{n}: v1\n" for n in range(12))},
        [("all.yaml", f"s{n}", f"w{n}") for n in range(12)],
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_all_of_them_land_in_few_pushes(tmp_path: Path, server: GitServer, case: str) -> None:
    """Nothing is lost, each is a commit of its own with its message, and each is told the commit that is on the branch."""
    files, edits = CASES[case]
    benches, outcomes = await _together(tmp_path, server, files, edits)
    assert all(isinstance(outcome, Succeeded) for outcome in outcomes), outcomes
    assert _pushes(server) <= 3
    assert server.count("app.git") == 1 + len(edits)
    for path, key, value in edits:
        assert f"{key}: {value}" in server.read("app.git", path)
    for bench, outcome in zip(benches, outcomes, strict=True):
        commit = str((outcome.output or {})["commit"])
        place = server.path("app.git")
        assert git_server.git(place, "log", "-1", "--format=%B", commit).strip() == bench.name
        git_server.git(place, "merge-base", "--is-ancestor", commit, "main")
        tree, _ = checkouts.Checkouts(bench.directory).at("./src")
        await bench.directory.settle()  # as the engine does before the next step
        assert tree.head == commit
        text = (await bench.directory.read(f"./src/{edits[0][0]}")).decode()
        shown = git_server.git(place, "cat-file", "-p", f"{commit}:{edits[0][0]}")
        assert text.strip() == shown
    await _end(benches)


async def test_the_same_line_ends_as_the_last_one_set_it(tmp_path: Path, server: GitServer) -> None:
    """Each sets it anew in what the one before made of it, as if they had run one after the other."""
    edits = [("values.yaml", "tag", f"w{n}") for n in range(5)]
    files = {"values.yaml": "tag: v1  # the tag\n"}
    benches, outcomes = await _together(tmp_path, server, files, edits)
    assert all(isinstance(outcome, Succeeded) for outcome in outcomes), outcomes
    assert server.count("app.git") == 6
    listed = git_server.git(server.path("app.git"), "log", "--format=%s", "-1", "main")
    assert server.read("app.git", "values.yaml") == f"tag: w{listed.removeprefix('p')}  # the tag"
    await _end(benches)


async def test_one_that_the_server_refuses_keeps_no_other_from_landing(
    tmp_path: Path, server: GitServer
) -> None:
    """The batch is split until it is known whose commit it is."""
    edits = [(f"d{n}/values.yaml", "tag", f"w{n}") for n in range(9)]
    files = {path: "tag: v1\n" for path, _, _ in edits}
    refusing = (
        'while read old new ref; do git log --format=%s "$old..$new" | grep -qx p6 && { echo no p6; exit 1; }; done; '
        "exit 0"
    )
    benches, outcomes = await _together(
        tmp_path, server, files, edits, lambda: server.hook("app.git", "pre-receive", refusing)
    )
    for number, outcome in enumerate(outcomes):
        assert isinstance(outcome, Errored if number == 6 else Succeeded), outcome
    assert "no p6" in str(outcomes[6])
    assert server.count("app.git") == 9
    assert server.read("app.git", "d6/values.yaml") == "tag: v1"
    assert server.read("app.git", "d8/values.yaml") == "tag: w8"
    await _end(benches)


async def test_who_goes_with_nobody_begins_anew_and_the_others_land(
    tmp_path: Path, server: GitServer
) -> None:
    """Text that two wrote into one place is no edit of scalars: the first to push wins."""
    server.create("app.git", {"notes.txt": "none\n", "a.yaml": "tag: v1\n"})
    first = Bench(tmp_path / "bench", server, name="first")
    await first.start()
    benches = [first.another(f"p{number}") for number in range(4)]
    for bench in benches[:3]:
        await bench.clone(URL, checkout=[{"path": "./src", "branch": "main"}])
        await bench.directory.write("./src/notes.txt", bench.name.encode())
        await bench.run("git-commit", {"path": "./src", "message": bench.name})
    await _prepared(benches[3], "a.yaml", "tag", "v2", "p3")
    outcomes = await asyncio.gather(*(each.run("git-push", {"path": "./src"}) for each in benches))
    assert isinstance(outcomes[0], Succeeded)
    assert isinstance(outcomes[3], Succeeded)
    for outcome in outcomes[1:3]:
        assert isinstance(outcome, StartOver), outcome
        assert "notes.txt" in outcome.message
    assert server.read("app.git", "notes.txt") == "p0"
    assert server.read("app.git", "a.yaml") == "tag: v2"
    await _end(benches)


async def test_conflict_elsewhere_names_the_paths(tmp_path: Path, server: GitServer) -> None:
    """Beginning anew would not help where another branch was checked out."""
    server.create("app.git", {"notes.txt": "none\n"})
    server.commit("app.git", {"notes.txt": "mine\n"}, branch="work")
    first = Bench(tmp_path / "bench", server, name="first")
    await first.start()
    await first.clone(URL, checkout=[{"path": "./src", "branch": "work"}])
    outcome = await first.run("git-push", {"path": "./src", "targetBranch": "main"})
    assert isinstance(outcome, Failed)
    assert "notes.txt" in outcome.message
    await _end([first])
