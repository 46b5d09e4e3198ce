"""Two products on two connections to Argo CD, one of each kind; one of them goes away and returns in the midst of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.support import argocd_products, argocd_thread, git_server, towpath_process, waiting
from towpath.demo import argo_cd
from towpath.demo.argocd.accounts import Account
from towpath.demo.argocd.installation_settings import GitPlace
from towpath.demo.argocd.policies import AccessPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.git_server import GitServer
    from tests.support.towpath_process import Running

POLICIES = (
    "p, role:towpath, applications, get, */*, allow",
    "p, role:towpath, applications, update, */*, allow",
    "p, role:towpath, applications, sync, */*, allow",
    "p, role:towpath, projects, get, *, allow",
)
BY_KUBERNETES, BY_REST = "shop", "desk"
"""The two products, each named for its connection."""


@dataclass
class World:
    """What a test acts on."""

    server: Running
    git: GitServer
    argocd: dict[str, ThreadedArgoCD]

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """Ask Towpath."""
        answer = httpx.request(
            method,
            f"{self.server.address}{path}",
            headers={"Authorization": f"Bearer {self.server.token}"},
            json=document,
            timeout=30,
        )
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def promote(self, project: str, stage: str, freight: str) -> str:
        """Begin a Promotion; return its name."""
        path = f"/v1beta1/projects/{project}/stages/{stage}/promotions"
        made = self.ask("POST", path, {"freightAlias": freight})
        return str(made["metadata"]["name"])

    def promotion(self, project: str, name: str) -> dict[str, Any]:
        """Return a Promotion's status."""
        found = self.ask("GET", f"/v1beta1/projects/{project}/promotions/{name}")
        return found.get("status") or {}

    def ended(self, project: str, name: str) -> str:
        """Return the phase in which a Promotion ends."""
        return str(
            waiting.until(
                lambda: self._end(project, name),
                lambda: json.dumps(self.promotion(project, name))[:3000],
            )
        )

    def _end(self, project: str, name: str) -> str:
        phase = self.promotion(project, name).get("phase", "")
        return phase if phase in ("Succeeded", "Failed", "Errored", "Aborted") else ""

    def health(self, project: str, stage: str) -> str:
        """Return how a Stage is."""
        found = self.ask("GET", f"/v1beta1/projects/{project}/stages/{stage}")
        return str(((found.get("status") or {}).get("health") or {}).get("status", ""))

    def comes_to_be(self, project: str, stage: str, health: str) -> None:
        """Return once a Stage is so."""
        path = f"/v1beta1/projects/{project}/stages/{stage}"
        waiting.until(
            lambda: self.health(project, stage) == health,
            lambda: json.dumps(self.ask("GET", path).get("status"))[:3000],
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One Towpath, two products, two installations of Argo CD."""
    folder = tmp_path_factory.mktemp("argocd")
    with git_server.serving(folder / "git") as git, _installations(folder, git) as found:
        config = {
            "git": {"insteadOf": {f"{git.url}/": [argocd_products.BASE]}},
            "argocd": {"connections": _connections(folder, found)},
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        with towpath_process.up(folder, config=folder / "config.yaml") as server:
            world = World(server, git, found)
            for project in (BY_KUBERNETES, BY_REST):
                argocd_products.fill(git, project, ["test", "prod"])
                for stage in ("test", "prod"):
                    found[project].put(argocd_products.application(project, stage))
                for document in argocd_products.documents(
                    git, project, ["test", "prod"], ["1", "2", "3"]
                ):
                    world.ask("PUT", "/v1beta1/resources?upsert=true", document)
            yield world


@contextmanager
def _installations(folder: Path, git: GitServer) -> Iterator[dict[str, ThreadedArgoCD]]:
    place = {argocd_products.BASE: GitPlace(f"{git.url}/", git.user, git.password)}
    with (
        argocd_thread.serving(folder / "east", git=place) as east,
        argocd_thread.serving(folder / "west", git=place) as west,
    ):
        yield {BY_KUBERNETES: east, BY_REST: west}


def _connections(folder: Path, found: dict[str, ThreadedArgoCD]) -> dict[str, Any]:
    east, west = found[BY_KUBERNETES], found[BY_REST]
    kubeconfig, token = folder / "kubeconfig", folder / "token"
    east.do(lambda argocd: argo_cd.write_kubeconfig(argocd, kubeconfig))
    policies = tuple(AccessPolicy.read(line) for line in POLICIES)
    given = west.do(lambda argocd: argocd.around.accounts.add(Account("towpath", policies=policies)))  # fmt: skip
    token.write_text(given)
    return {
        "east": {"projects": [BY_KUBERNETES], "kubernetes": {"kubeconfig": str(kubeconfig)}},
        "west": {
            "projects": [BY_REST],
            "rest": {"server": west.installation.rest.url, "tokenFile": str(token)},
        },
    }


def _deployed(argocd: ThreadedArgoCD, project: str, stage: str) -> tuple[str, list[str], int]:
    """Return the revision that is synced, the images that run, and how many syncs there were."""
    status = argocd.application(f"{project}-{stage}")["status"]
    images = (status.get("summary") or {}).get("images", [])
    return status["sync"]["revision"], images, len(status.get("history") or [])


@pytest.mark.parametrize("project", [BY_KUBERNETES, BY_REST])
def test_from_the_push_to_a_healthy_stage(world: World, project: str) -> None:
    """By either API: the commit that was pushed is what is synced, once, and the Stage is healthy with it."""
    name = world.promote(project, "test", "v1")
    assert world.ended(project, name) == "Succeeded"
    commit = world.promotion(project, name)["state"]["push"]["commit"]
    argocd = world.argocd[project]
    assert _deployed(argocd, project, "test") == (commit, [f"{argocd_products.IMAGE}:1"], 1)
    world.comes_to_be(project, "test", "Healthy")


def test_one_connection_goes_away_and_returns_in_the_midst_of_a_promotion(world: World) -> None:
    """The other product does not notice; the Promotion waits, and ends as if nothing had been."""
    away = world.argocd[BY_REST]
    away.do(lambda argocd: setattr(argocd.faults.operation(), "seconds", 2.0))
    name = world.promote(BY_REST, "prod", "v2")

    def begun() -> bool:
        application = away.application(f"{BY_REST}-prod")
        return bool((application.get("status") or {}).get("operationState"))

    waiting.until(begun, lambda: json.dumps(world.promotion(BY_REST, name))[:3000])
    away.go_away()
    other = world.promote(BY_KUBERNETES, "prod", "v2")
    assert world.ended(BY_KUBERNETES, other) == "Succeeded"
    world.comes_to_be(BY_KUBERNETES, "prod", "Healthy")
    assert world.promotion(BY_REST, name)["phase"] == "Running"
    away.come_back()
    away.do(lambda argocd: setattr(argocd.faults.operation(), "seconds", 0.0))
    assert world.ended(BY_REST, name) == "Succeeded"
    commit = world.promotion(BY_REST, name)["state"]["push"]["commit"]
    assert _deployed(away, BY_REST, "prod") == (commit, [f"{argocd_products.IMAGE}:2"], 1)
    world.comes_to_be(BY_REST, "prod", "Healthy")


def test_a_token_that_ends_while_a_sync_runs(world: World) -> None:
    """The Promotion waits for a new one and goes on with it."""
    argocd = world.argocd[BY_REST]
    argocd.do(lambda found: setattr(found.faults.operation(), "seconds", 2.0))
    token_file = world.server.token_file.parent.parent / "token"
    before = len(argocd.application(f"{BY_REST}-test")["status"].get("history") or [])
    name = world.promote(BY_REST, "test", "v3")

    def begun() -> bool:
        application = argocd.application(f"{BY_REST}-test")
        return bool(application.get("operation"))

    waiting.until(begun, lambda: json.dumps(world.promotion(BY_REST, name))[:3000])
    argocd.do(lambda found: found.around.accounts.remove(token_file.read_text()))
    argocd.do(lambda found: found.faults.drop_streams())
    policies = tuple(AccessPolicy.read(line) for line in POLICIES)
    token_file.write_text(argocd.do(lambda found: found.around.accounts.add(Account("towpath", policies=policies))))  # fmt: skip
    argocd.do(lambda found: setattr(found.faults.operation(), "seconds", 0.0))
    assert world.ended(BY_REST, name) == "Succeeded"
    world.comes_to_be(BY_REST, "test", "Healthy")
    assert _deployed(argocd, BY_REST, "test")[2] == before + 1


def test_an_operation_that_fails(world: World) -> None:
    """The Promotion says what Argo CD says, and the Stage is not healthy."""
    argocd = world.argocd[BY_KUBERNETES]
    argocd.do(lambda found: setattr(found.faults.operation(), "failures", 1))
    name = world.promote(BY_KUBERNETES, "test", "v3")
    assert world.ended(BY_KUBERNETES, name) in ("Failed", "Errored")
    assert "admission webhook denied the request" in world.promotion(BY_KUBERNETES, name)["message"]
