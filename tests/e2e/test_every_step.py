"""Every step in one Promotion, killed at any moment: after a restart it ends as one that nobody killed."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.support import every_step, rendering
from tests.support.fronts import Fronts
from tests.support.git_server import git
from towpath import app, faults
from towpath.promotion.step_registry import StepRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.every_step import End, Plan
    from tests.support.git_server import GitServer
    from tests.support.registry import Registry

KILLS = int(os.environ.get("TOWPATH_STEP_KILLS", "1"))
"""At how many random moments it is killed; if at many, then at each beginning and end of each step, too."""
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261128"))
_LONGEST_SECONDS = 6.0
"""About what the Promotion takes that is not killed, from when it is asked for."""
_OURS = ("promotion.", "git.", "git-clone.", "disk.", "message.")
"""Points that a step passes; those of the store and of watches are passed by tests/e2e/test_kills.py."""
_ELSEWHERE = ("git.before-mirror-removal", "git.after-take", "promotion.after-reuse")
"""A first Promotion takes no work tree that another has left, and reuses nothing."""


def _points() -> list[str]:
    assert app.serve is not None  # importing the application declares all points
    found = [name for name in faults.points() if name.startswith(_OURS) and name not in _ELSEWHERE]
    if KILLS > 1:
        count = len(every_step.steps())
        found += [f"promotion.after-ticket:{number}" for number in (2, 3, 4)]
        found += [
            f"promotion.{when}-step:{number}"
            for when in ("before", "after")
            for number in range(2, count)  # the last is skipped
        ]
    return found


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Registry, GitServer]]:
    """One registry and one Git server for all runs; each run has a repository of its own."""
    folder = tmp_path_factory.mktemp("steps")
    with pytest.MonkeyPatch.context() as patch:
        path = f"{rendering.kustomize().program.parent}:{os.environ['PATH']}"
        patch.setenv("PATH", path)
        with every_step.outside(folder) as (images, git_server):
            yield folder, images, git_server


@pytest.fixture(scope="module")
def planned() -> list[Plan]:
    """What was planned before the run that nobody killed."""
    return []


@pytest.fixture(scope="module")
def fronts() -> Fronts:
    """What stood before the servers outside in that run."""
    return Fronts()


@pytest.fixture(scope="module")
def calm(outside: tuple[Path, Registry, GitServer], planned: list[Plan], fronts: Fronts) -> End:
    """The end of a run that nobody killed."""
    folder, images, git_server = outside
    end, kills = every_step.run(folder / "calm", images, git_server, planned=planned, fronts=fronts)
    assert kills == 0
    assert end.phase == "Succeeded"
    assert len(end.told) == 2
    return end


def test_every_step_is_in_it() -> None:
    """Whoever adds a step adds it here."""
    used = {each["uses"] for each in every_step.steps()}
    assert used == StepRegistry.installed().names


def test_what_was_planned_has_come(calm: End, planned: list[Plan]) -> None:
    """Of every step: how each ends, which lines of which files are pushed, what is sent; nothing was done before."""
    [plan] = planned
    assert every_step.pushes_of(plan, held=False) == calm.pushed
    assert every_step.pushes_of(plan, held=True) == calm.pushed
    [variant] = [each for each in plan["variants"] if not each["assumes"][0]["holds"]]
    assert variant["result"] == calm.phase
    assert tuple((each["step"], each["result"]) for each in variant["steps"]) == calm.steps
    told = [each for each in variant["calls"] if each["operation"] == "send"]
    assert len(told) == len(calm.told)


def test_what_is_rendered_has_come(
    outside: tuple[Path, Registry, GitServer], calm: End, planned: list[Plan]
) -> None:
    """The tree of the branch that holds it is the one that was planned, and each object is told by its kind and name."""
    _, _, git_server = outside
    assert calm.phase == "Succeeded"
    for variant in planned[0]["variants"]:
        [push] = [each for each in variant["pushes"] if each["branch"] == "rendered"]
        assert push["tree"] == git(git_server.path("calm.git"), "rev-parse", "rendered^{tree}")
        told = [each for each in variant["objects"] if each["id"] in push["objects"]]
        assert ("ConfigMap", "base", "added") in {
            (each["kind"], each["name"], each["change"]) for each in told
        }
        assert len(told) > 1


def test_planning_changes_nothing_outside(
    outside: tuple[Path, Registry, GitServer], calm: End, fronts: Fronts
) -> None:
    """Not one request of the plan was refused by servers that let nobody change anything; the Promotion's were seen there."""
    _, images, git_server = outside
    assert fronts.refused == []
    assert len(calm.told) == 2
    for url in (images.url, git_server.url):
        assert any(f" {url}/" in each for each in fronts.read), url
    assert sum(each.endswith("/asked") for each in fronts.read) >= 2, "in the plan and after it"
    tickets = [each for each in fronts.wrote if "/api/" in each]
    assert len(tickets) == 10, tickets
    wrote = {each.rpartition("/")[2] for each in fronts.wrote if each not in tickets}
    of_requests = {"pulls", "labels", "merge"}
    assert wrote == of_requests | {
        "told",
        "message",
        "git-receive-pack",
        "refs?service=git-receive-pack",
    }


@pytest.mark.parametrize("point", _points())
def test_killed_at_a_named_point(
    outside: tuple[Path, Registry, GitServer], calm: End, point: str
) -> None:
    """Before and after each note, checkout, commit, push and step."""
    folder, images, git_server = outside
    name = point.replace(".", "-").replace(":", "-")
    end, kills = every_step.run(folder / name, images, git_server, kill_at=point)
    assert kills == 1, "the point was not passed"
    assert end == calm


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment(
    outside: tuple[Path, Registry, GitServer], calm: End, number: int
) -> None:
    """Seeded, so that a failure can be looked at again."""
    folder, images, git_server = outside
    after = random.Random(SEED + number).uniform(0.0, _LONGEST_SECONDS)
    end, _ = every_step.run(
        folder / f"random-{number}", images, git_server, kill_after_seconds=after
    )
    assert end == calm, f"killed after {after:.3f} s"
