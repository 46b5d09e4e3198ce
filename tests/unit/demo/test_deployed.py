"""What the demo's cluster runs answers as it was deployed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from towpath.demo import images
from towpath.demo.argocd.cluster import Cluster, key_of
from towpath.demo.argocd.workloads import Pace
from towpath.demo.deployed import DeployedService

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def cluster() -> Cluster:
    """A cluster in which Pods are ready at once."""
    return Cluster(lambda: NOW, lambda: Pace(rollout_seconds=0, job_seconds=0))


@pytest.fixture
def service(cluster: Cluster) -> Iterator[DeployedService]:
    """What it runs, served."""
    found = DeployedService(cluster)
    yield found
    found.close()


def _deploy(cluster: Cluster, environment: str, tag: str) -> None:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "lms"},
        "spec": {"template": {"spec": {"containers": [{"image": f"registry.example/lms:{tag}"}]}}},
    }
    cluster.apply(key_of(manifest, environment), manifest, "lms")


def _ask(service: DeployedService, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"{service.url}{path}", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_each_environment_tells_its_version(cluster: Cluster, service: DeployedService) -> None:
    """What was deployed answers there, and nowhere else."""
    assert _ask(service, "/preprod/healthz")[0] == 503
    _deploy(cluster, "preprod", "1.2")
    status, said = _ask(service, "/preprod/healthz")
    assert (status, said["version"], said["environment"]) == (200, "1.2", "preprod")
    assert _ask(service, "/prod/healthz")[0] == 503
    assert _ask(service, "/preprod")[0] == 404


def test_a_version_that_fails_is_deployed_and_answers_wrongly(
    cluster: Cluster, service: DeployedService
) -> None:
    """It says which version it is, so that one sees what failed."""
    tag = images.next_tag([], NOW, build=images.FAILING)
    _deploy(cluster, "preprod", tag)
    status, said = _ask(service, "/preprod/healthz")
    assert (status, said["status"], said["version"]) == (500, "error", tag)
