"""SIGKILL while Argo CD syncs: after a restart the end is that of a run that nobody killed, and nothing was synced twice."""

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

from tests.support import argocd_products, argocd_thread, git_server, waiting
from tests.support.git_server import git
from tests.support.killing import Driver, Phoenix
from tests.support.registry import free_port
from towpath.demo import argo_cd
from towpath.demo.argocd.installation_settings import GitPlace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.git_server import GitServer

KILLS = int(os.environ.get("TOWPATH_ARGOCD_KILLS", "2"))
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261129"))
_LONGEST_SECONDS = 3.0
"""About what a run takes that is not killed."""
_STAGE = "test"
_TAGS = ("1", "2")
_ENDED = ("Succeeded", "Failed", "Errored", "Aborted")


@dataclass(frozen=True)
class End:
    """What a run has come to, with nothing in it that differs from run to run."""

    commits: tuple[str, ...]
    promotions: tuple[tuple[str, str], ...]
    """Freight and phase of each Promotion, the oldest first."""
    synced: tuple[str, ...]
    """Trees of the commits that Argo CD has synced, in order."""
    images: tuple[str, ...]
    health: str


@pytest.fixture(scope="module")
def outside(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, GitServer, ThreadedArgoCD]]:
    """One Git server and one Argo CD for all runs; each run has a Project of its own."""
    folder = tmp_path_factory.mktemp("argocd-kills")
    with git_server.serving(folder / "git") as served:
        place = {argocd_products.BASE: GitPlace(f"{served.url}/", served.user, served.password)}
        with argocd_thread.serving(folder / "argocd", git=place) as argocd:
            argocd.do(lambda found: setattr(found.faults.operation(), "seconds", 0.3))
            yield folder, served, argocd


@pytest.fixture(scope="module")
def calm(outside: tuple[Path, GitServer, ThreadedArgoCD]) -> End:
    """The end of a run that nobody killed."""
    end, kills = _run("calm", *outside)
    assert kills == 0
    assert (len(end.commits), len(end.synced), end.health) == (3, 2, "Healthy")
    return end


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment(
    outside: tuple[Path, GitServer, ThreadedArgoCD], calm: End, number: int
) -> None:
    """Seeded, so that a failure can be looked at again."""
    after = random.Random(SEED + number).uniform(0.0, _LONGEST_SECONDS)
    end, _ = _run(f"random-{number}", *outside, kill_after_seconds=after)
    assert end == calm, f"killed after {after:.3f} s"


def _run(
    project: str,
    folder: Path,
    served: GitServer,
    argocd: ThreadedArgoCD,
    *,
    kill_after_seconds: float | None = None,
) -> tuple[End, int]:
    """Take two versions to a Stage of a Project of its own; return what it came to, and how often it was killed."""
    own = folder / project
    own.mkdir()
    argocd.do(lambda found: argo_cd.write_kubeconfig(found, own / "kubeconfig"))
    connection = {
        "projects": ["*"],
        "default": True,
        "kubernetes": {"kubeconfig": str(own / "kubeconfig")},
    }
    config = {
        "git": {"insteadOf": {f"{served.url}/": [argocd_products.BASE]}},
        "argocd": {"connections": {"main": connection}},
        "stages": {"healthDebounce": "0s"},
    }
    (own / "config.yaml").write_text(yaml.safe_dump(config))
    argocd_products.fill(served, project, [_STAGE])
    argocd.put(argocd_products.application(project, _STAGE))
    phoenix = Phoenix(own, free_port(), kill_after_seconds=kill_after_seconds)
    driver = Driver(phoenix)
    base = f"/v1beta1/projects/{project}"
    with phoenix.running():
        driver.ask("GET", "/v1beta1/projects")
        for document in argocd_products.documents(served, project, [_STAGE], _TAGS, waits=False):
            driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
        phoenix.begin()
        for number, tag in enumerate(_TAGS, 1):
            _promote_once(driver, base, f"v{tag}", number)
            driver.until("it has ended", f"{base}/promotions", lambda found, n=number: _ended(found) == n)  # fmt: skip
        driver.until("the Stage is healthy", f"{base}/stages/{_STAGE}", _is_healthy)
        listed = driver.ask("GET", f"{base}/promotions")["items"]
        freight = driver.ask("GET", f"{base}/freight")["groups"][""]["items"]
        stage = driver.ask("GET", f"{base}/stages/{_STAGE}")
    aliases = {each["metadata"]["name"]: each["alias"] for each in freight}
    promotions = sorted(listed, key=lambda each: str(each["metadata"]["name"]))
    status = argocd.application(f"{project}-{_STAGE}")["status"]
    directory = served.path(f"{project}.git")
    told = git(directory, "log", "--reverse", "--format=%T %s", "main").splitlines()
    trees = [git(directory, "rev-parse", f"{each['revision']}^{{tree}}") for each in status["history"]]  # fmt: skip
    return End(
        tuple(told),
        tuple((aliases[each["spec"]["freight"]], each["status"]["phase"]) for each in promotions),
        tuple(trees),
        tuple(status["summary"]["images"]),
        stage["status"]["health"]["status"],
    ), phoenix.kills


def _promote_once(driver: Driver, base: str, alias: str, number: int) -> None:
    """Promote; a request that was cut off is not repeated if its Promotion is there."""

    def made() -> bool:
        if len(driver.ask("GET", f"{base}/promotions")["items"] or ()) >= number:
            return True
        with contextlib.suppress(httpx.TransportError):
            wanted = json.dumps({"freightAlias": alias})
            driver.once("POST", f"{base}/stages/{_STAGE}/promotions", wanted)
        return False

    waiting.until(made, lambda: f"the Promotion of {alias} is made")


def _ended(listed: dict[str, Any]) -> int:
    return sum((each.get("status") or {}).get("phase") in _ENDED for each in listed["items"])


def _is_healthy(stage: dict[str, Any]) -> bool:
    status = stage.get("status") or {}
    return (status.get("health") or {}).get("status") == "Healthy"
