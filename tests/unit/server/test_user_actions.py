"""What users ask for in a click is admitted as theirs: refresh, abort, verify again and approve are writes like any other."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

import pytest

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
from towpath.admission.authority import REST_MANAGER
from towpath.admission.requester import Requester
from towpath.errors import Forbidden
from towpath.resources import scheme, sizes
from towpath.resources.kinds import Kind, Ref
from towpath.rules.rbac import User
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.store.contract import Document

_GROUP = "kargo.akuity.io/"
_ANNOTATIONS_BYTES = 256 * 1024
_ACTIONS = {
    "refresh-warehouse": (scheme.WAREHOUSE, "warehouses/main/refresh", "refresh"),
    "refresh-stage": (scheme.STAGE, "stages/development/refresh", "refresh"),
    "refresh-promotion": (scheme.PROMOTION, "promotions/{promotion}/refresh", "refresh"),
    "abort": (scheme.PROMOTION, "promotions/{promotion}/abort", "abort"),
    "verify": (scheme.STAGE, "stages/development/verification", "reverify"),
    "abort-verification": (scheme.STAGE, "stages/development/verification/abort", "abort"),
}


class World:
    """A Promotion that goes on, a Stage with a verification, and the names of both."""

    def __init__(self, pipeline: Pipeline, freight: str, promotion: str) -> None:
        self.pipeline = pipeline
        self.freight = freight
        self.names = {
            scheme.WAREHOUSE: "main",
            scheme.STAGE: "development",
            scheme.PROMOTION: promotion,
        }
        self.names[scheme.FREIGHT] = freight

    async def ask(self, path: str) -> tuple[int, str]:
        """Ask for an action as the administrator."""
        path = path.format(promotion=self.names[scheme.PROMOTION], freight=self.freight)
        async with client(self.pipeline) as caller:
            answer = await caller.post(f"/v1beta1/projects/{PROJECT}/{path}")
        return answer.status_code, answer.text

    async def older(self, kind: Kind, **annotations: str) -> Document:
        """Have an older version put annotations on an object, and return it."""

        def changed(document: Document) -> Document:
            document["metadata"]["annotations"] = annotations
            return document

        ref = Ref(kind, PROJECT, self.names[kind])
        return (await self.pipeline.store.patch(ref, changed, actor="older")).document

    async def fill(self, kind: Kind) -> None:
        """Have what no controller touches grow until an object is as large as one may be."""

        def changed(document: Document) -> Document:
            variable = {"name": "full", "value": ""}
            if kind is scheme.FREIGHT:
                document["status"] = {**(document.get("status") or {}), "metadata": variable}
            else:
                document["spec"]["vars"] = [variable]
            variable["value"] = "x" * (sizes.LARGEST_BYTES - sizes.of(document) - 16)
            return document

        subresource: Literal["status"] | None = "status" if kind is scheme.FREIGHT else None
        ref = Ref(kind, PROJECT, self.names[kind])
        await self.pipeline.store.patch(ref, changed, actor="older", subresource=subresource)


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[World]:
    async with running(folder) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("development"))
        freight = await world.freight("1.0.0")
        await world.promote("development", freight)
        await world.settled()
        world.work.gate = asyncio.Event()
        world.work.begun.clear()
        promotion = await world.promote("development", freight)
        await world.work.begun.wait()
        try:
            yield World(world, freight, promotion)
        finally:
            world.work.gate.set()


@pytest.mark.parametrize("action", _ACTIONS)
async def test_an_action_is_noted_with_who_asked(tmp_path: Path, action: str) -> None:
    """The request says so, whatever the server would have written there; a look has nobody's name."""
    kind, path, annotation = _ACTIONS[action]
    async with _world(tmp_path) as world:
        status, text = await world.ask(path)
        assert status == 200, text
        metadata = (await world.pipeline.get(kind, world.names[kind]))["metadata"]
    value = metadata["annotations"][_GROUP + annotation]
    if annotation != "refresh":
        asked = json.loads(value)
        assert (asked["actor"], asked["controlPlane"]) == ("admin", False)
        assert asked.get("action") == "terminate" or asked["id"]


@pytest.mark.parametrize("action", _ACTIONS)
async def test_an_annotation_beyond_bounds_is_refused(tmp_path: Path, action: str) -> None:
    """As it is to whoever writes it with kubectl; nothing is written."""
    kind, path, annotation = _ACTIONS[action]
    async with _world(tmp_path) as world:
        full = "x" * (_ANNOTATIONS_BYTES - len("example.com/full"))
        await world.older(kind, **{"example.com/full": full})
        status, text = await world.ask(path)
        found = await world.pipeline.get(kind, world.names[kind])
    assert status == 422, text
    assert "metadata.annotations" in text
    assert _GROUP + annotation not in found["metadata"]["annotations"]


@pytest.mark.parametrize("action", ["abort", "verify", "abort-verification"])
async def test_an_object_that_would_be_too_large_is_refused(tmp_path: Path, action: str) -> None:
    """The whole object counts, whatever of it is the caller's; only the few bytes of a refresh always fit."""
    kind, path, annotation = _ACTIONS[action]
    async with _world(tmp_path) as world:
        await world.fill(kind)
        status, text = await world.ask(path)
        found = await world.pipeline.get(kind, world.names[kind])
    assert status == 413, text
    assert _GROUP + annotation not in (found["metadata"].get("annotations") or {})


async def test_an_approval_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """The status of controllers is cut to fit, and a condition says so; a user is told instead."""
    async with _world(tmp_path) as world:
        await world.fill(scheme.FREIGHT)
        before = await world.pipeline.get(scheme.FREIGHT, world.freight)
        status, text = await world.ask("freight/{freight}/approve?stage=development")
        after = await world.pipeline.get(scheme.FREIGHT, world.freight)
    assert status == 413, text
    assert after["status"] == before["status"]


async def test_an_approval_is_told_once(tmp_path: Path) -> None:
    """Twice is once: one approval, one Event."""
    async with _world(tmp_path) as world:
        for _ in range(2):
            status, text = await world.ask("freight/{freight}/approve?stage=development")
            assert status == 200, text
        found = await world.pipeline.get(scheme.FREIGHT, world.freight)
        events = await world.pipeline.store.list(Query(kind=scheme.EVENT, namespace=PROJECT))
    assert list(found["status"]["approvedFor"]) == ["development"]
    approvals = [each for each in events.items if each.document.get("reason") == "FreightApproved"]
    assert len(approvals) == 1
    # By which means and from where, beside who: as the history of approvals has it.
    told = json.loads(approvals[0].document["metadata"]["annotations"]["towpath.dev/via"])
    assert (told["means"], told["address"]) == ("AdminToken", "127.0.0.1")


async def test_an_approval_takes_the_right_to_promote(tmp_path: Path) -> None:
    """Also where nothing before admission has asked for it."""
    somebody = Requester("kubernetes:somebody", user=User("somebody"))
    async with _world(tmp_path) as world:

        def approved(document: Document) -> Document:
            return {
                **document,
                "status": {"approvedFor": {"development": {"approvedAt": "2026-01-01T00:00:00Z"}}},
            }

        with pytest.raises(Forbidden):
            await world.pipeline.writer.change(
                Ref(scheme.FREIGHT, PROJECT, world.freight),
                approved,
                somebody,
                manager=REST_MANAGER,
                subresource="status",
            )


async def test_an_annotation_that_is_there_is_no_write(tmp_path: Path) -> None:
    """And one that is taken away leaves nothing behind."""
    async with _world(tmp_path) as world:
        ref = Ref(scheme.FREIGHT, PROJECT, world.freight)
        first = await world.pipeline.writer.annotate(ref, {"example.com/a": "1"}, USER)
        same = await world.pipeline.writer.annotate(ref, {"example.com/a": "1"}, USER)
        gone = await world.pipeline.writer.annotate(ref, {"example.com/a": None}, USER)
    assert [each.unchanged for each in (first, same, gone)] == [False, True, False]
    assert "annotations" not in gone.stored.document["metadata"]
