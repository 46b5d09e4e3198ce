"""The door to Towpath's own objects: what steps set of Stages and Freight, through admission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.controllers.promotion import REQUESTER
from towpath.promotion.doors.objects import AdmittedObjects
from towpath.promotion.effects.objects import NotedKind
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.labels import ALIAS_LABEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """Return a Project with a Stage and Freight."""
    async with running(tmp_path) as made:
        await made.apply(project_document(), warehouse_document(), stage_document("dev"))
        yield made


def _door(world: Pipeline) -> AdmittedObjects:
    return AdmittedObjects(world.writer, REQUESTER, "shop")


async def _document(world: Pipeline, kind: Any, name: str) -> Any:
    return (await world.store.get(Ref(kind, "shop", name))).document


@pytest.mark.parametrize("kind", NotedKind)
async def test_metadata(world: Pipeline, kind: NotedKind) -> None:
    """Keys are set, others stay, and setting them again writes nothing."""
    freight = await world.freight("1.0.0")
    name = "dev" if kind is NotedKind.STAGE else freight
    door = _door(world)
    await door.set_metadata(kind, name, {"a": 1, "b": {"c": [None, "x"]}})
    await door.set_metadata(kind, name, {"a": "2"})
    stored_kind = {NotedKind.STAGE: scheme.STAGE, NotedKind.FREIGHT: scheme.FREIGHT}[kind]
    found = await _document(world, stored_kind, name)
    assert found["status"]["metadata"] == {"a": "2", "b": {"c": [None, "x"]}}
    before = (await world.store.get(Ref(stored_kind, "shop", name))).revision
    await door.set_metadata(kind, name, {"a": "2"})
    assert (await world.store.get(Ref(stored_kind, "shop", name))).revision == before
    with pytest.raises(errors.NotFound, match="nobody"):
        await door.set_metadata(kind, "nobody", {"a": 1})
    with pytest.raises(errors.Invalid, match="empty key"):
        await door.set_metadata(kind, name, {"": 1})


async def test_alias(world: Pipeline) -> None:
    """Field and label follow; one that another Freight has is refused; what is not there is named."""
    one, two = await world.freight("1.0.0"), await world.freight("1.1.0")
    door = _door(world)
    given = (await _document(world, scheme.FREIGHT, one))["alias"]
    assert await door.set_freight_alias(one, "happy-hippo") == given
    found = await _document(world, scheme.FREIGHT, one)
    assert (found["alias"], found["metadata"]["labels"][ALIAS_LABEL]) == (
        "happy-hippo",
        "happy-hippo",
    )
    assert await door.set_freight_alias(one, "happy-hippo") == "happy-hippo"
    with pytest.raises(errors.TowpathError, match="happy-hippo"):
        await door.set_freight_alias(two, "happy-hippo")
    with pytest.raises(errors.NotFound, match="nobody"):
        await door.set_freight_alias("nobody", "x")
    with pytest.raises(errors.Invalid, match="must be no more than 63 bytes"):
        await door.set_freight_alias(two, "Not An Alias" * 20)
