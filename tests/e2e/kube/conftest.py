"""A server in a process of its own for the tests of one module, and a Project for each test."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import towpath_process
from tests.support.kubectl import Kubectl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.kubectl import Ended
    from tests.support.towpath_process import Running

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the administrator's kubectl."""

    running: Running
    kubeconfig: Path
    kubectl: Kubectl
    folder: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of a module."""
    folder = tmp_path_factory.mktemp("server")
    with towpath_process.up(folder) as running:
        kubeconfig = folder / "kubeconfig"
        done = towpath_process.run(
            folder, "kubeconfig", "--data", folder / "data", "--output", kubeconfig
        )
        assert done.returncode == 0, done.stderr
        yield Server(running, kubeconfig, Kubectl(kubeconfig, folder), folder)


@dataclass(frozen=True, slots=True)
class Shop:
    """A Project, and kubectl in its namespace."""

    name: str
    kubectl: Kubectl
    folder: Path

    async def run(self, *arguments: str, stdin: str = "") -> Ended:
        """Run kubectl in the Project's namespace."""
        return await self.kubectl.run(f"--namespace={self.name}", *arguments, stdin=stdin)

    async def ok(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl, which must succeed; return what it printed."""
        return (await self.run(*arguments, stdin=stdin)).ok()

    async def refused(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl, which must fail; return what it said."""
        ended = await self.run(*arguments, stdin=stdin)
        assert ended.code != 0, ended.out
        return ended.err

    async def apply(self, *documents: dict[str, Any], options: tuple[str, ...] = ()) -> str:
        """Apply documents; return what kubectl printed."""
        return await self.ok("apply", *options, "-f", "-", stdin=listed(*documents))

    async def get(self, *what: str) -> Any:
        """Return objects as JSON."""
        return json.loads(await self.ok("get", *what, "-o", "json"))


def listed(*documents: dict[str, Any]) -> str:
    """Return documents as one manifest."""
    return "\n---\n".join(json.dumps(document) for document in documents)


@pytest.fixture
async def shop(server: Server, tmp_path: Path) -> Shop:
    """A Project of its own for a test."""
    name = f"shop-{next(_numbers)}"
    project = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Project",
        "metadata": {"name": name},
    }
    made = Shop(name, server.kubectl, tmp_path)
    assert await made.apply(project) == f"project.kargo.akuity.io/{name} created\n"
    return made


def task(name: str, message: str = "one", **metadata: Any) -> dict[str, Any]:
    """Return a PromotionTask."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionTask",
        "metadata": {"name": name, **metadata},
        "spec": {"steps": [{"uses": "fail", "config": {"message": message}}]},
    }


def stage(name: str) -> dict[str, Any]:
    """Return a Stage that takes Freight of the Warehouse `main` and only controls its flow."""
    origin = {"kind": "Warehouse", "name": "main"}
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {"requestedFreight": [{"origin": origin, "sources": {"direct": True}}]},
    }
