"""Whatever the steps are: the plan says what the Promotion does, to the bytes of every tree and in the order of every call."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import git_server
from tests.support.planning import CLONE, STEPS, URL, planned, planning, promoted, serving, staged
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from tests.support.pipeline import Pipeline

NAMES = ("values.yaml", "old/a", "other.txt", "n/new.txt", "made.yaml")
BRANCHES = ("main", "release", "other")
_PUSHED = re.compile(r"(to|new) branch (\S+) of |^tag (\S+) on ")
_LOG = "pushes.log"

Step = dict[str, Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Return a server with one repository, which writes down what is pushed to it."""
    with serving(tmp_path / "server") as found:
        found.hook("app.git", "post-receive", f"cat >> {_LOG}")
        yield found


class Drawn:
    """Steps that are drawn at random; what comes of them depends on what was drawn before."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.trees = ["./src"]
        self.steps: list[Step] = [CLONE]
        self.count = 0

    def list(self) -> list[Step]:
        """Return a list of steps."""
        kinds: list[Callable[[], None]] = [
            self._write, self._write, self._update, self._delete, self._copy, self._clear, self._output, self._metadata,
            self._commit, self._commit, self._push, self._push, self._tag, self._check_out,
        ]  # fmt: skip
        for _ in range(self.random.randrange(2, 9)):
            self.random.choice(kinds)()
        self._commit()
        self._push()
        return self.steps

    def _add(self, uses: str, config: Any, **more: Any) -> None:
        self.count += 1
        self.steps.append({"uses": uses, "as": f"s{self.count}", "config": config, **more})

    @property
    def _tree(self) -> str:
        return self.random.choice(self.trees)

    @property
    def _path(self) -> str:
        return f"{self._tree}/{self.random.choice(NAMES)}"

    def _write(self) -> None:
        text = f"tag: {self.random.randrange(9)}\nx: 1\n"
        self._add("file-write", {"path": self._path, "contents": text, "overwrite": True})

    def _update(self) -> None:
        updates = [{"key": "tag", "value": f"v{self.random.randrange(9)}"}]
        self._add("yaml-update", {"path": self._path, "updates": updates}, continueOnError=True)

    def _delete(self) -> None:
        self._add("delete", {"path": self._path})

    def _copy(self) -> None:
        source, target = f"{self._tree}/old", f"{self._tree}/copied"
        self._add("copy", {"inPath": source, "outPath": target}, continueOnError=True)

    def _clear(self) -> None:
        if self.random.random() < 0.3:
            self._add("git-clear", {"path": self._tree})

    def _output(self) -> None:
        wanted = self.random.choice(["${{ always() }}", "${{ failure() }}", "${{ success() }}"])
        self._add("compose-output", {"x": self.random.randrange(9)}, **{"if": wanted})

    def _metadata(self) -> None:
        note = {
            "kind": "Stage",
            "name": "dev",
            "values": {f"k{self.count}": self.random.randrange(9)},
        }
        self._add("set-metadata", {"updates": [note]})

    def _commit(self) -> None:
        self._add("git-commit", {"path": self._tree, "message": f"m{self.count}"})

    def _push(self) -> None:
        config: dict[str, Any] = {"path": self._tree}
        if self.random.random() < 0.5:
            config["targetBranch"] = self.random.choice(BRANCHES)
            config["force"] = self.random.random() < 0.2
        self._add("git-push", config)

    def _tag(self) -> None:
        tree, tag = self._tree, f"t{self.random.randrange(10**9)}"
        self._add("git-tag", {"path": tree, "tag": tag, "message": "m"})
        self._add("git-push", {"path": tree, "tag": tag})

    def _check_out(self) -> None:
        path = f"./tree-{len(self.trees)}"
        checkout = {"path": path, "branch": self.random.choice(BRANCHES), "create": True}
        self._add("git-clone", {"repoURL": URL, "checkout": [checkout]})
        self.trees.append(path)


def _pushed(server: GitServer) -> list[tuple[str, str]]:
    """Return what was pushed since this was asked last: the ref, and its tree."""
    path = server.path("app.git")
    log = path / _LOG
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    found = []
    for line in lines:
        _, new, ref = line.split()
        found.append((ref, git_server.git(path, "rev-parse", f"{new}^{{tree}}")))
    return found


def _told(variant: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the refs that a plan says would be pushed, in their order, and whether each is a branch that is created."""
    told = []
    for call in variant["calls"]:
        if call["door"] == "git" and call["operation"] in ("push", "push_tag"):
            found = _PUSHED.search(call["what"])
            assert found is not None, call
            how, branch, tag = found.groups()
            told.append((f"refs/heads/{branch}" if branch else f"refs/tags/{tag}", how == "new"))
    return told


def _beside(steps: list[Step], variant: dict[str, Any], status: dict[str, Any]) -> str:
    """Return what was planned of each step beside what came of it, for whoever looks at a failure."""
    lines = [
        f"{step}\n    planned {told['result']}: {told['message']}\n    came to {done['status']}: {done.get('message')}"
        for step, told, done in zip(
            steps, variant["steps"], status["stepExecutionMetadata"], strict=False
        )
    ]
    return "\n".join(lines)


async def _compare(world: Pipeline, server: GitServer, steps: list[Step]) -> None:
    [variant] = (plan := await planned(world))["variants"]
    assert _pushed(server) == [], "the plan pushed"
    noted = (await world.status(scheme.STAGE, "dev")).get("metadata")
    status = await promoted(world, plan)
    assert (variant["result"], [each["result"] for each in variant["steps"]]) == (
        status["phase"],
        [each["status"] for each in status["stepExecutionMetadata"]],
    ), _beside(steps, variant, status)
    told, pushed = _told(variant), _pushed(server)
    assert [ref for ref, _ in told] == [ref for ref, _ in pushed], (
        _beside(steps, variant, status),
        told,
        pushed,
    )
    trees = [
        done
        for done, (ref, is_created) in zip(pushed, told, strict=True)
        if ref.startswith("refs/heads/") and not is_created
    ]
    planned_trees = [(f"refs/heads/{each['branch']}", each["tree"]) for each in variant["pushes"]]
    assert planned_trees == trees, _beside(steps, variant, status)
    sets = [each for each in variant["calls"] if each["operation"] == "set_metadata"]
    after = (await world.status(scheme.STAGE, "dev")).get("metadata")
    assert bool(sets) or noted == after, steps
    keys = {each["what"].partition(" ")[0] for each in sets}
    assert keys <= set(after or ()), steps


@pytest.mark.parametrize("count", [4, pytest.param(200, marks=pytest.mark.soak)])
async def test_plans_say_what_promotions_do(tmp_path: Path, server: GitServer, count: int) -> None:
    """Of steps drawn at random: the same results, the same pushes in the same order, and the same trees."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        random = Random(11)
        for _ in range(count):
            steps = Drawn(random).list()
            stage = await world.get(scheme.STAGE, "dev")
            stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
            await world.apply(stage)
            await world.freight(f"2.{random.randrange(10**6)}")
            await world.settled()
            await _compare(world, server, steps)
