"""Stages by Argo CD: what a Promotion waits for, how well the Stage is then, what flickers, what drifts, and what is taken back."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.applications import ONE, REPOSITORY, TWO, document, operation
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import client
from towpath.cli.why.explain import stage_lines
from towpath.promotion.steps.argocd_update import ArgoCDUpdate
from towpath.promotion.steps.argocd_wait import ArgoCDWait
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, ARGOCD_CONTEXT
from towpath.resources.kinds import Ref
from towpath.testing.argocd import InMemoryArgoCD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SOURCE = {"repoURL": REPOSITORY, "desiredRevision": ONE}
STEP = {"uses": "argocd-update", "config": {"apps": [{"name": "web", "sources": [SOURCE]}]}}


class World:
    """A pipeline, and the test in the place of Argo CD."""

    def __init__(self, pipeline: Pipeline, there: InMemoryArgoCD) -> None:
        self.pipeline = pipeline
        self.there = there

    async def promote(self, tag: str = "1.0.0") -> str:
        """Ask for a Promotion; return its name once it waits for Argo CD."""
        name = await self.pipeline.promote("dev", await self.pipeline.freight(tag))
        await self.pipeline.settled()
        return name

    async def change(self, patch: dict[str, Any]) -> None:
        """Change the Application, and let everybody look."""
        await self.there.patch("argocd", "web", patch)
        await self.look()

    async def look(self, seconds: float = 31) -> None:
        """Let time pass until Promotions and Stages look again."""
        await self.pipeline.clock.advance(seconds)
        await self.pipeline.settled()

    async def stage_looks(self) -> None:
        """Have the Stage looked at, as a change of an Application does."""
        for each in self.pipeline.controllers:
            if each.name == "stages":
                each.queue.add(Ref(scheme.STAGE, PROJECT, "dev"))
        await self.pipeline.settled()

    async def synced(self, promotion: str, revision: str = ONE, **more: Any) -> None:
        """Carry out the operation that was asked for."""
        result = {"revision": revision}
        state = {
            "operation": operation(promotion),
            "phase": "Succeeded",
            "syncResult": result,
            "finishedAt": "2026-05-01T12:00:00Z",
        }
        status = {
            "operationState": state,
            "sync": {"status": "Synced", "revision": revision},
            "reconciledAt": "2026-05-01T12:00:10Z",
            "history": [{"revision": revision}],
            **more,
        }
        await self.change({"operation": None, "status": status})

    async def health(self) -> tuple[str, str]:
        """Return the recorded health, and the reason of the condition Healthy."""
        status = await self.pipeline.status(scheme.STAGE, "dev")
        condition = await self.pipeline.condition(scheme.STAGE, "dev", "Healthy")
        return (status.get("health") or {}).get("status", ""), condition[1]


@asynccontextmanager
async def _world(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> AsyncIterator[World]:
    annotations = {"kargo.akuity.io/authorized-stage": f"{PROJECT}:dev"}
    there = InMemoryArgoCD([document(metadata={"annotations": annotations})], **more)
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = list(steps or (STEP,))
    async with running(tmp_path, steps=[ArgoCDUpdate(), ArgoCDWait()], argocd=there) as pipeline:
        await pipeline.apply(project_document(), warehouse_document(), stage)
        await pipeline.settled()
        yield World(pipeline, there)


async def test_a_promotion_is_done_when_argo_cd_is(tmp_path: Path) -> None:
    """And the Stage is well, verified, with the Applications in its status."""
    async with _world(tmp_path) as world:
        name = await world.promote()
        status = await world.pipeline.status(scheme.PROMOTION, name)
        assert (status["phase"], "Argo CD is to sync it" in status["message"]) == ("Running", True)
        await world.synced(name)
        assert (await world.pipeline.status(scheme.PROMOTION, name))["phase"] == "Succeeded"
        assert await world.health() == ("Healthy", "Healthy")
        health = (await world.pipeline.status(scheme.STAGE, "dev"))["health"]
        [found] = health["output"][0]["applicationStatuses"]
        assert (found["Name"], found["health"], found["sync"]["revision"]) == (
            "web",
            {"status": "Healthy"},
            ONE,
        )
        assert "reconciledAt" not in found
        stage = await world.pipeline.get(scheme.STAGE, "dev")
        said = stage["metadata"]["annotations"][ARGOCD_CONTEXT]
        assert said == '[{"name":"web","namespace":"argocd"}]'
        assert (await world.pipeline.condition(scheme.STAGE, "dev", "Verified"))[0] == "True"
        assert (await world.pipeline.condition(scheme.STAGE, "dev", "Drifted"))[:2] == (
            "False",
            "AsPromoted",
        )


async def test_what_a_deleted_promotion_has_asked_for_is_taken_back(tmp_path: Path) -> None:
    """Argo CD had not begun it: later nobody would know why it syncs. What it has begun goes on."""
    async with _world(tmp_path) as world:
        name = await world.promote()
        pending = (await world.there.get("argocd", "web") or {})["operation"]
        assert name in json.dumps(pending)
        await world.pipeline.writer.delete(Ref(scheme.PROMOTION, PROJECT, name), USER)
        await world.pipeline.settled()
        left = await world.there.get("argocd", "web") or {}
        assert "operation" not in left
        name = await world.promote("2.0.0")
        state = {"operation": operation(name), "phase": "Running"}
        await world.change({"status": {"operationState": state}})
        await world.pipeline.writer.delete(Ref(scheme.PROMOTION, PROJECT, name), USER)
        await world.pipeline.settled()
        assert "operation" in (await world.there.get("argocd", "web") or {})


async def test_what_flickers_is_not_recorded_and_what_lasts_is(tmp_path: Path) -> None:
    """A flip shorter than the debounce leaves no trace; a longer one says why."""
    async with _world(tmp_path) as world:
        await world.synced(await world.promote())
        ill = {"status": {"health": {"status": "Degraded", "message": "3 Pods crash"}}}
        well = {"status": {"health": {"status": "Healthy", "message": None}}}
        version = (await world.pipeline.get(scheme.STAGE, "dev"))["metadata"]["resourceVersion"]
        await world.there.patch("argocd", "web", ill)
        await world.stage_looks()
        await world.look(2)
        await world.there.patch("argocd", "web", well)
        await world.stage_looks()
        await world.look(10)
        after = (await world.pipeline.get(scheme.STAGE, "dev"))["metadata"]["resourceVersion"]
        assert after == version, "nothing was written"
        await world.there.patch("argocd", "web", ill)
        await world.stage_looks()
        assert await world.health() == ("Healthy", "Healthy")
        await world.look(5.1)
        assert await world.health() == ("Unhealthy", "Unhealthy")
        said = await world.pipeline.condition(scheme.STAGE, "dev", "Healthy")
        assert said[0] == "False"
        assert "is Degraded: 3 Pods crash" in said[2]


async def test_a_stage_is_looked_at_again_though_nothing_is_heard(tmp_path: Path) -> None:
    """News can be lost."""
    async with _world(tmp_path) as world:
        await world.synced(await world.promote())
        await world.there.patch("argocd", "web", {"status": {"health": {"status": "Missing"}}})
        await world.look(301)
        await world.look(6)
        assert await world.health() == ("Unhealthy", "Unhealthy")


async def test_freight_is_verified_only_where_the_stage_is_well(tmp_path: Path) -> None:
    """The next Promotion need not wait for that."""
    async with _world(tmp_path) as world:
        name = await world.promote()
        await world.synced(name, health={"status": "Progressing"})
        assert await world.health() == ("Progressing", "Progressing")
        freight = (await world.pipeline.status(scheme.STAGE, "dev"))["lastPromotion"]["freight"][
            "name"
        ]
        assert not (await world.pipeline.status(scheme.FREIGHT, freight)).get("verifiedIn")
        await world.there.patch("argocd", "web", {"status": {"health": {"status": "Healthy"}}})
        await world.stage_looks()
        assert await world.health() == ("Healthy", "Healthy"), (
            "recorded at once: it is the first time"
        )
        assert "dev" in (await world.pipeline.status(scheme.FREIGHT, freight))["verifiedIn"]


async def test_only_the_first_time_that_what_was_promoted_is_well_is_recorded_at_once(
    tmp_path: Path,
) -> None:
    """Afterwards it flickers; the next Promotion has a first time of its own, of the same Freight too."""
    async with _world(tmp_path) as world:
        comes_up: dict[str, Any] = {"health": {"status": "Progressing"}}
        well = {"status": {"health": {"status": "Healthy"}}}
        freight = await world.pipeline.freight("1.0.0")
        for _ in range(2):
            promotion = await world.pipeline.promote("dev", freight)
            await world.pipeline.settled()
            await world.synced(promotion, **comes_up)
            assert await world.health() == ("Progressing", "Progressing")
            await world.there.patch("argocd", "web", well)
            await world.stage_looks()
            assert await world.health() == ("Healthy", "Healthy")
            await world.there.patch("argocd", "web", {"status": comes_up})
            await world.stage_looks()
            await world.look(5.1)
            assert await world.health() == ("Progressing", "Progressing")
            await world.there.patch("argocd", "web", well)
            await world.stage_looks()
            assert await world.health() == ("Progressing", "Progressing")
            await world.look(5.1)
            assert await world.health() == ("Healthy", "Healthy")


async def test_what_was_rolled_back_by_hand_has_drifted(tmp_path: Path) -> None:
    """What is there is told, and as long as nobody can tell what was said last stays."""
    async with _world(tmp_path) as world:
        await world.synced(await world.promote())
        back = {"history": [{"revision": ONE}, {"revision": TWO}]}
        await world.there.patch("argocd", "web", {"status": back})
        await world.stage_looks()
        said = await world.pipeline.condition(scheme.STAGE, "dev", "Drifted")
        assert said[:2] == ("True", "SomethingElseIsThere")
        assert f"{TWO} is there, {ONE} was promoted" in said[2]
        await world.there.patch("argocd", "web", {"status": {"reconciledAt": None}})
        await world.stage_looks()
        assert await world.pipeline.condition(scheme.STAGE, "dev", "Drifted") == said


@pytest.mark.parametrize("is_begun", [False, True])
async def test_an_abort_takes_back_what_was_not_begun(tmp_path: Path, is_begun: bool) -> None:
    """And says what goes on."""
    async with _world(tmp_path) as world:
        name = await world.promote()
        if is_begun:
            state = {"operation": operation(name), "phase": "Running"}
            await world.change({"status": {"operationState": state}})
        promotion = await world.pipeline.get(scheme.PROMOTION, name)
        promotion["metadata"]["annotations"][ABORT] = '{"action": "terminate", "actor": "odile"}'
        await world.pipeline.apply(promotion)
        await world.pipeline.settled()
        status = await world.pipeline.status(scheme.PROMOTION, name)
        assert status["phase"] == "Aborted"
        said = "goes on" if is_begun else "was taken back"
        assert said in status["message"]
        assert said in status["stepExecutionMetadata"][0]["message"]
        found = await world.there.get("argocd", "web") or {}
        assert ("operation" in found) is is_begun


async def test_a_time_out_takes_back_what_was_not_begun(tmp_path: Path) -> None:
    """Else it would be carried out when nobody expects it."""
    async with _world(tmp_path) as world:
        name = await world.promote()
        for _ in range(11):
            await world.look()
        status = await world.pipeline.status(scheme.PROMOTION, name)
        assert status["phase"] == "Errored"
        assert "timed out after 5m" in status["message"]
        assert "was taken back" in status["message"]
        assert "operation" not in (await world.there.get("argocd", "web") or {})


async def test_a_connection_that_comes_back_ends_the_wait(tmp_path: Path) -> None:
    """The Promotion has waited, and the Stage says nothing against it."""
    async with _world(tmp_path, faults={"discovery": 2}) as world:
        name = await world.promote()
        assert (await world.pipeline.status(scheme.PROMOTION, name))["phase"] == "Running"
        for _ in range(3):
            await world.look()
        await world.synced(name)
        assert (await world.pipeline.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


async def test_explain_tells_of_health_applications_and_drift(tmp_path: Path) -> None:
    """With since when, and in words."""
    async with _world(tmp_path) as world, client(world.pipeline) as asking:
        where = f"/towpath/v1/projects/{PROJECT}/stages/dev/explain"
        await world.synced(await world.promote())
        back = {"history": [{"revision": TWO}], "health": {"status": "Degraded"}}
        await world.there.patch("argocd", "web", {"status": back})
        await world.stage_looks()
        await world.look(6)
        answer = (await asking.get(where)).json()
        told = answer["health"]
        assert told["status"] == "Unhealthy"
        assert "is Degraded" in told["issues"][0]
        [found] = told["applications"]
        assert found == {
            "namespace": "argocd",
            "name": "web",
            "health": "Degraded",
            "sync": "Synced",
            "revisions": [ONE],
            "link": "",
        }
        assert f"{TWO} is there" in told["drifted"]["message"]
        [present] = [each for each in answer["gates"] if each["name"] == "present"]
        assert "something else is there now: argocd/web: revision" in present["reason"]
        lines = "\n".join(stage_lines(answer))
        assert f"Health: Unhealthy, since {told['since']}" in lines
        assert "Application argocd/web  Degraded  Synced" in lines
        assert "Drifted, since" in lines
