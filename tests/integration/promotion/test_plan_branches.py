"""A plan follows its own pushes: what one step would bring to a branch, the next finds there, as in the Promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support import git_server
from tests.support.planning import (
    CLONE,
    COMMIT,
    PUSH,
    SET,
    URL,
    planned,
    planning,
    promoted,
    staged,
    step_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_server import GitServer


def _clone(path: str, **of: Any) -> dict[str, Any]:
    return {
        "uses": "git-clone",
        "config": {"repoURL": URL, "checkout": [{"path": path, **of}]},
    }


def _write(path: str, text: str) -> dict[str, Any]:
    return {"uses": "file-write", "config": {"path": path, "contents": text, "overwrite": True}}


def _commit(path: str, alias: str) -> dict[str, Any]:
    return {"uses": "git-commit", "as": alias, "config": {"path": path, "message": alias}}


def _push(path: str, **more: Any) -> dict[str, Any]:
    return {"uses": "git-push", "config": {"path": path, **more}}


def _tree(server: GitServer, revision: str) -> str:
    return git_server.git(server.path("app.git"), "rev-parse", f"{revision}^{{tree}}")


def _trees(plan: dict[str, Any]) -> list[tuple[str, str]]:
    [variant] = plan["variants"]
    assert variant["result"] == "Succeeded", variant["message"]
    return [(each["branch"], each["tree"]) for each in variant["pushes"]]


async def test_a_branch_that_an_earlier_push_makes(tmp_path: Path, server: GitServer) -> None:
    """It is checked out, added to and pushed again; nothing of it is on the server before the Promotion."""
    async with planning(tmp_path / "world", server) as world:
        steps = [
            CLONE, SET, COMMIT, {**PUSH, "config": {"path": "./src", "targetBranch": "release"}},
            _clone("./rel", branch="release"), _write("./rel/second.txt", "2\n"), _commit("./rel", "second"), _push("./rel"),
        ]  # fmt: skip
        await staged(world, *steps)
        plan = await planned(world)
        assert not server.head("app.git", "release")
        [variant] = plan["variants"]
        assert [each["ref"] for each in plan["bases"]] == ["main"]
        first, second = variant["pushes"]
        assert (first["branch"], first["base"]) == ("release", "")
        assert (second["branch"], second["base"]) == ("release", "(known after commit)")
        changed = {each["id"]: each["path"] for each in variant["files"]}
        assert [changed[each] for each in second["files"]] == ["second.txt"]
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        assert _trees(plan) == [
            ("release", _tree(server, "release~1")),
            ("release", _tree(server, "release")),
        ]


async def test_a_branch_that_is_only_named_anew(tmp_path: Path, server: GitServer) -> None:
    """A push without a commit makes a branch of a commit that the server has: the plan is not built on that branch."""
    async with planning(tmp_path / "world", server) as world:
        await staged(
            world,
            CLONE, {**PUSH, "config": {"path": "./src", "targetBranch": "copy"}},
            _clone("./copy", branch="copy"), _write("./copy/a", "1\n"), _commit("./copy", "c"), _push("./copy"),
        )  # fmt: skip
        plan = await planned(world)
        assert [each["ref"] for each in plan["bases"]] == ["main"]
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        assert _trees(plan)[-1] == ("copy", _tree(server, "copy"))


async def test_a_branch_that_is_created_is_there_for_the_next(
    tmp_path: Path, server: GitServer
) -> None:
    """`create` makes it once."""
    async with planning(tmp_path / "world", server) as world:
        await staged(
            world,
            _clone("./one", branch="fresh", create=True), _write("./one/a", "1\n"), _commit("./one", "c1"), _push("./one"),
            _clone("./two", branch="fresh", create=True), _write("./two/b", "1\n"), _commit("./two", "c2"), _push("./two"),
        )  # fmt: skip
        plan = await planned(world)
        calls = [
            each["what"] for each in plan["variants"][0]["calls"] if "new branch" in each["what"]
        ]
        assert len(calls) == 1
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        assert _trees(plan)[-1] == ("fresh", _tree(server, "fresh"))
        assert server.read("app.git", "a", "fresh") == "1"


async def test_commits_and_tags_of_the_plan_are_checked_out(
    tmp_path: Path, server: GitServer
) -> None:
    """By the outputs of the steps that make them, and by their names."""
    async with planning(tmp_path / "world", server) as world:
        await staged(
            world,
            CLONE, SET, {**COMMIT, "config": {"path": "./src", "message": "m"}}, PUSH,
            {"uses": "git-tag", "config": {"path": "./src", "tag": "v2", "message": "m"}},
            _push("./src", tag="v2"),
            _clone("./by-commit", commit="${{ outputs.push.commit }}"),
            _clone("./by-tag", tag="v2"),
            {"uses": "copy", "config": {"inPath": "./by-commit/values.yaml", "outPath": "./src/one.yaml"}},
            {"uses": "copy", "config": {"inPath": "./by-tag/values.yaml", "outPath": "./src/two.yaml"}},
            _commit("./src", "again"), _push("./src"),
        )  # fmt: skip
        plan = await planned(world)
        assert [each["ref"] for each in plan["bases"]] == ["main"]
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        assert _trees(plan)[-1] == ("main", _tree(server, "main"))
        assert server.read("app.git", "one.yaml").startswith("tag: v2.0")


async def test_another_branch_that_went_its_own_way(tmp_path: Path, server: GitServer) -> None:
    """What was committed is put on top of what the branch has, in the plan as in the push; what conflicts fails both."""
    git_server.git(server.path("app.git"), "branch", "other", "main")
    server.commit("app.git", {"theirs.txt": "t\n"}, branch="other")
    async with planning(tmp_path / "world", server) as world:
        push = {**PUSH, "config": {"path": "./src", "targetBranch": "other"}}
        made = _write("./src/new.txt", "n\n")
        await staged(world, CLONE, made, _commit("./src", "c"), push)
        plan = await planned(world)
        [variant] = plan["variants"]
        assert [each["path"] for each in variant["files"]] == ["new.txt"]
        assert step_of(variant, "push")["output"]["commit"] == "(known after push)"
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        assert _trees(plan) == [("other", _tree(server, "other"))]
        await staged(
            world,
            *(CLONE, _write("./src/theirs.txt", "ours\n"), _commit("./src", "c"), push),
            tag="3.0",
        )
        plan = await planned(world)
        [variant] = plan["variants"]
        assert (variant["result"], variant["pushes"]) == ("Failed", [])
        status = await promoted(world, plan)
        assert status["phase"] == "Failed"
        assert step_of(variant, "push")["message"] == status["stepExecutionMetadata"][-1]["message"]


async def test_what_the_branch_has_already_is_no_push(tmp_path: Path, server: GitServer) -> None:
    """Nothing is told that does not happen."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, CLONE, PUSH)
        [variant] = (await planned(world))["variants"]
        assert (variant["pushes"], variant["calls"]) == ([], [])
        assert step_of(variant, "push")["changes"] is False
