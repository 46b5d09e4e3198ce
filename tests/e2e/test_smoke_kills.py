"""SIGKILL between the push and the ticket: the end is that of a run that nobody killed; no ticket, comment or test is there twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.support import release_world, waiting
from tests.support.git_server import git
from tests.support.killing import Driver, Phoenix
from tests.support.registry import free_port
from tests.support.release_world import FAILING, GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.release_world import Outside

KILLS = int(os.environ.get("TOWPATH_SMOKE_KILLS", "2"))
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261129"))
_LONGEST_SECONDS = 6.0
"""About what a run takes that is not killed."""
_ENDED = ("Succeeded", "Failed", "Errored", "Aborted")
_UNDER_WAY = ("", "Pending", "Running")


@dataclass(frozen=True)
class End:
    """What a run has come to, with nothing in it that differs from run to run."""

    commits: tuple[str, ...]
    promotions: tuple[tuple[str, str, str], ...]
    """Stage, Freight and phase of each, the oldest first."""
    tests: tuple[tuple[str, str], ...]
    """Stage and phase of each AnalysisRun, sorted."""
    tickets: str
    """Each with its status, versions and comments, as JSON."""
    messages: tuple[str, ...]
    """What the chat heard; what came twice because an answer was lost counts once."""
    hook_runs: tuple[tuple[str, str, str, str], ...]
    """Hook, Stage, event and phase of each, sorted."""


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Outside]]:
    """All that Towpath talks to, for all runs; each run has a product of its own."""
    folder = tmp_path_factory.mktemp("smoke-kills")
    with release_world.outside(folder, ()) as found:
        yield folder, found


@pytest.fixture(scope="module")
def calm(outside: tuple[Path, Outside]) -> End:
    """The end of a run that nobody killed."""
    end, kills = _run("calm", *outside)
    assert kills == 0
    assert [phase for _, phase in end.tests] == ["Failed", "Successful", "Successful"]
    assert len(end.messages) == 1
    assert len(end.hook_runs) == 3
    assert {phase for *_, phase in end.hook_runs} == {"Succeeded"}
    return end


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment(outside: tuple[Path, Outside], calm: End, number: int) -> None:
    """Seeded, so that a failure can be looked at again."""
    after = random.Random(SEED + number).uniform(0.0, _LONGEST_SECONDS)
    end, _ = _run(f"k{number}", *outside, kill_after_seconds=after)
    assert end == calm, f"killed after {after:.3f} s"


def _run(
    product: str, folder: Path, world: Outside, *, kill_after_seconds: float | None = None
) -> tuple[End, int]:
    """Take a good version to both Stages, then one that fails to the first; return what it came to, and how often it was killed."""
    own = folder / product
    own.mkdir()
    (own / "config.yaml").write_text(yaml.safe_dump(release_world.config(world, own)))
    release_world.add_product(world.git, world.argocd, world.jira, product)
    phoenix = Phoenix(own, free_port(), kill_after_seconds=kill_after_seconds)
    driver = Driver(phoenix)
    base = f"/v1beta1/projects/{product}"
    kinds = f"/apis/%s/namespaces/{product}/%s"
    with phoenix.running():
        driver.ask("GET", "/v1beta1/projects")
        for document in release_world.documents(world, product):
            driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
        phoenix.begin()
        for number, (stage, version) in enumerate(
            (("preprod", GOOD), ("prod", GOOD), ("preprod", FAILING)), 1
        ):
            _promote_once(driver, base, stage, f"v{version}", number)
            driver.until("it has ended", f"{base}/promotions", lambda found, n=number: _ended(found) == n)  # fmt: skip
            driver.until("it is verified", f"{base}/stages/{stage}", _is_verified)
        runs = kinds % ("towpath.dev/v1alpha1", "hookruns")
        driver.until("all hooks have run", runs, lambda found: _ended(found) == 3)
        waiting.until(lambda: world.messages(product), lambda: "the chat has heard of it")
        listed = driver.ask("GET", f"{base}/promotions")["items"]
        hooked = driver.ask("GET", runs)["items"]
        tested = driver.ask("GET", kinds % ("argoproj.io/v1alpha1", "analysisruns"))["items"]
        freight = driver.ask("GET", f"{base}/freight")["groups"][""]["items"]
    aliases = {each["metadata"]["name"]: each["alias"] for each in freight}
    told = git(world.git.path(f"{product}.git"), "log", "--reverse", "--format=%T %s", "main")
    return End(
        tuple(told.splitlines()),
        tuple(
            (each["spec"]["stage"], aliases[each["spec"]["freight"]], each["status"]["phase"])
            for each in sorted(listed, key=lambda each: str(each["metadata"]["name"]).split(".")[1])
        ),
        tuple(sorted((_stage_of(each), each["status"]["phase"]) for each in tested)),
        json.dumps(world.tickets(product), sort_keys=True),
        tuple(dict.fromkeys(each.replace(product, "P") for each in world.messages(product))),
        tuple(
            sorted(
                (
                    each["spec"]["hook"],
                    each["spec"]["stage"],
                    each["spec"]["event"]["event"],
                    each["status"]["phase"],
                )
                for each in hooked
            )
        ),
    ), phoenix.kills


def _promote_once(driver: Driver, base: str, stage: str, alias: str, number: int) -> None:
    """Promote; a request that was cut off is not repeated if its Promotion is there."""

    def made() -> bool:
        if len(driver.ask("GET", f"{base}/promotions")["items"] or ()) >= number:
            return True
        with contextlib.suppress(httpx.TransportError):
            wanted = json.dumps({"freightAlias": alias})
            driver.once("POST", f"{base}/stages/{stage}/promotions", wanted)
        return False

    waiting.until(made, lambda: f"the Promotion of {alias} is made")


def _ended(listed: dict[str, Any]) -> int:
    return sum((each.get("status") or {}).get("phase") in _ENDED for each in listed["items"])


def _is_verified(stage: dict[str, Any]) -> bool:
    status = stage.get("status") or {}
    held = status.get("freightHistory") or [{}]
    entry = (held[0].get("verificationHistory") or [{}])[0]
    return entry.get("phase", "") not in _UNDER_WAY and "currentPromotion" not in status


def _stage_of(run: dict[str, Any]) -> str:
    return str(run["metadata"]["labels"]["kargo.akuity.io/stage"])
