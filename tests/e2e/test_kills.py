"""SIGKILL anywhere: after a restart the end state is that of a run that nobody killed."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.support import killing, sandbox
from towpath import app, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from tests.support.killing import End
    from tests.support.registry import Registry

RANDOM_KILLS = int(os.environ.get("TOWPATH_RANDOM_KILLS", "5"))
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261123"))
_LONGEST_SECONDS = 1.6
"""About what a run takes that is not killed."""

_STORE_PASSAGE = 45
"""The store's points are passed at each write: this one is in the midst of the first Promotion."""
_WATCH_PASSAGE = 60
_ELSEWHERE = (
    "store.backup.",
    "store.migrate.",
    "store.restore.",
    "store.rotate.",
    "store.collect",
    "store.terms.",
    "git.before-mirror-removal",
    "promotion.after-reuse",
    "promotion.after-pull-request",
    "promotion.after-ticket",
    "analysis.",
    "message.",
    "moves.",
    "stage.verification.",
    "transfer.",
    "webhooks.",
)
"""Points that this scenario does not pass; tests in tests/integration kill there."""


def _points() -> list[str]:
    assert app.serve is not None  # importing the application declares all points
    found = []
    for name in faults.points():
        if name.startswith(_ELSEWHERE):
            continue
        passage = 1
        if name.startswith("store."):
            passage = _STORE_PASSAGE
        elif name.startswith("watch."):
            passage = _WATCH_PASSAGE
        found.append(name if passage == 1 else f"{name}:{passage}")
    return found


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Registry, GitServer]]:
    """One registry and one Git server for all runs; each run has its own repositories at both."""
    folder = tmp_path_factory.mktemp("kills")
    with sandbox.outside(folder) as (images, git_server):
        yield folder, images, git_server


@pytest.fixture(scope="module")
def calm(outside: tuple[Path, Registry, GitServer]) -> End:
    """The end of a run that nobody killed."""
    folder, images, git_server = outside
    end, kills = killing.run(folder / "calm", images, git_server)
    assert kills == 0
    assert len(end.commits) >= 4
    return end


@pytest.mark.parametrize("point", _points())
def test_killed_at_a_named_point(
    outside: tuple[Path, Registry, GitServer], calm: End, point: str
) -> None:
    """Before and after each journal note, commit, push, status write and watch delivery."""
    folder, images, git_server = outside
    name = point.replace(".", "-").replace(":", "-")
    end, kills = killing.run(folder / name, images, git_server, kill_at=point)
    assert kills == 1, "the point was not passed"
    assert end == calm


@pytest.mark.parametrize("number", range(RANDOM_KILLS))
def test_killed_at_a_random_moment(
    outside: tuple[Path, Registry, GitServer], calm: End, number: int
) -> None:
    """Seeded, so that a failure can be looked at again."""
    folder, images, git_server = outside
    after = random.Random(SEED + number).uniform(0.0, _LONGEST_SECONDS)
    end, _ = killing.run(folder / f"random-{number}", images, git_server, kill_after_seconds=after)
    assert end == calm, f"killed after {after:.3f} s"
