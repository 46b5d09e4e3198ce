"""A world in which plans are made: a Git server, controllers, and Stages whose steps are told by the test."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from tests.support import git_server
from tests.support.git_client import AnyAddress
from tests.support.git_steps import SITE
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.rendering import NOTHING
from tests.support.serving import client
from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.program.command import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.git.worktrees.pool import Pool
from towpath.promotion.steps.copy import Copy
from towpath.promotion.steps.delete import Delete
from towpath.promotion.steps.file_write import FileWrite
from towpath.promotion.steps.git_clear import GitClear
from towpath.promotion.steps.git_clone import GitClone
from towpath.promotion.steps.git_commit import GitCommit
from towpath.promotion.steps.git_push import GitPush
from towpath.promotion.steps.git_tag import GitTag
from towpath.promotion.steps.helm_template import HelmTemplate
from towpath.promotion.steps.http import Http
from towpath.promotion.steps.kustomize_build import KustomizeBuild
from towpath.promotion.steps.set_metadata import SetMetadata
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.promotion.doors.rendering import Renderers
    from towpath.promotion.step import Step

URL = f"{SITE}/app.git"
FILES = {"values.yaml": "tag: 1.0 # keep\nreplicas: 1\n", "old/a": "1\n", "other.txt": "a\n"}
CLONE: dict[str, Any] = {
    "uses": "git-clone",
    "config": {"repoURL": URL, "checkout": [{"path": "./src", "branch": "main"}]},
}
SET: dict[str, Any] = {
    "uses": "yaml-update",
    "as": "set",
    "config": {
        "path": "./src/values.yaml",
        "updates": [{"key": "tag", "value": "v2.0"}],
    },
}
COMMIT: dict[str, Any] = {
    "uses": "git-commit",
    "as": "commit",
    "config": {"path": "./src", "message": "${{ outputs.set.commitMessage }}"},
}
PUSH: dict[str, Any] = {"uses": "git-push", "as": "push", "config": {"path": "./src"}}


STEPS: tuple[dict[str, Any], ...] = (CLONE, SET, COMMIT, PUSH)


_ENDED = ("Succeeded", "Failed", "Errored", "Aborted")


@contextmanager
def serving(folder: Path, files: Mapping[str, str] = FILES) -> Iterator[GitServer]:
    """Run a Git server with one repository, which lets everybody in."""
    with git_server.serving(folder) as server:
        server.user = server.password = ""
        server.create("app.git", files)
        yield server


@asynccontextmanager
async def planning(
    folder: Path, server: GitServer, *, rendering: Renderers = NOTHING
) -> AsyncIterator[Pipeline]:
    """Run the controllers over a store, with every step that the tests of plans use."""
    (folder / "home").mkdir(parents=True, exist_ok=True)
    steps: list[Step[Any]] = [
        GitClone(), GitCommit(), GitPush(), GitTag(), GitClear(), YamlUpdate(), FileWrite(), Delete(), Copy(), Http(),
        SetMetadata(), HelmTemplate(), KustomizeBuild(),
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(Gateway(AnyAddress()))
        repositories = Repositories(
            git=Git(home=folder / "home", gateway=gateway),
            root=folder / "mirrors",
            pool=Pool(folder / "pool"),
            rewrites=Rewrites.of({f"{server.url}/": [f"{SITE}/"]}),
        )
        await repositories.start()
        stack.push_async_callback(repositories.close)
        world = await stack.enter_async_context(
            running(folder, steps=steps, repositories=repositories, rendering=rendering)
        )
        await world.apply(project_document(), warehouse_document())
        yield world


async def staged(world: Pipeline, *steps: dict[str, Any], tag: str = "2.0") -> str:
    """Make a Stage of these steps; return the name of Freight for it."""
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = list(steps)
    await world.apply(stage)
    freight = await world.freight(tag)
    await world.settled()
    return freight


async def planned(world: Pipeline, freight: str = "", **more: Any) -> dict[str, Any]:
    """Plan; return the answer."""
    async with client(world) as api:
        body = {"stage": "dev", "freight": freight, **more}
        answer = await api.post(f"/towpath/v1/projects/{PROJECT}/plan", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def promoted(world: Pipeline, plan: dict[str, Any]) -> dict[str, Any]:
    """Promote what was planned; return the status that the Promotion ends with."""
    async with client(world) as api:
        made = await api.post(f"{where(plan)}/promote")
        assert made.status_code == 201, made.text
    ref = Ref(scheme.PROMOTION, PROJECT, made.json()["metadata"]["name"])
    await world.until(ref, lambda found: (found.get("status") or {}).get("phase") in _ENDED)
    await world.settled()
    return await world.status(scheme.PROMOTION, ref.name)


def where(plan: dict[str, Any]) -> str:
    """Return the path of a plan."""
    return f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}"


def step_of(variant: dict[str, Any], alias: str) -> dict[str, Any]:
    """Return what a variant of a plan says of a step."""
    found: dict[str, Any] = next(each for each in variant["steps"] if each["step"] == alias)
    return found
