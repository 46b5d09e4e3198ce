"""The door to Towpath's own objects: what steps set of Stages and Freight, through admission."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import steps
from tests.support.pipeline import (
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.controllers.promotion import REQUESTER
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.doors.objects import AdmittedObjects
from towpath.promotion.effects.objects import NotedKind
from towpath.promotion.steps.set_freight_alias import SetFreightAlias
from towpath.promotion.steps.set_metadata import SetMetadata
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


async def test_what_a_secret_gave_is_not_written_where_others_read_it(world: Pipeline) -> None:
    """Neither plain nor in another form of it."""
    freight = await world.freight("1.0.0")
    disclosed = Disclosed()
    disclosed.learn("hunter2-hunter2")
    door = AdmittedObjects(world.writer, REQUESTER, "shop", disclosed)
    for value in ("hunter2-hunter2", {"a": ["Basic aHVudGVyMi1odW50ZXIy"]}):
        with pytest.raises(errors.Forbidden, match="value of a Secret"):
            await door.set_metadata(NotedKind.STAGE, "dev", {"token": value})
    with pytest.raises(errors.Forbidden, match="value of a Secret"):
        await door.set_freight_alias(freight, "hunter2-hunter2")
    await door.set_metadata(NotedKind.STAGE, "dev", {"token": "public"})


async def test_the_steps(world: Pipeline, tmp_path: Path) -> None:
    """What is refused for good is Failed, what is missing is said with its name."""
    one, two = await world.freight("1.0.0"), await world.freight("1.1.0")

    async def run(step: Any, config: Any) -> tuple[str, bool, str]:
        effects = SimpleNamespace(objects=_door(world))
        outcome = await steps.run(step, tmp_path, config, effects=effects)
        return *steps.said(outcome), steps.told(outcome)

    alias = {"name": one, "alias": "happy-hippo"}
    status, _, told = await run(SetFreightAlias(), alias)
    assert status == "Succeeded"
    assert told.startswith(f"Freight {one} is called happy-hippo now, before ")
    assert (await run(SetFreightAlias(), alias))[
        2
    ] == f"Freight {one} is called happy-hippo already"
    for config, said in (
        ({"name": two, "alias": "happy-hippo"}, "happy-hippo"),
        ({"name": "nobody", "alias": "x"}, "nobody"),
        ({"name": two, "alias": "Not An Alias" * 20}, "63"),
    ):
        found = await run(SetFreightAlias(), config)
        assert found[:2] == ("Failed", True)
        assert said in found[2]
    update = {"kind": "Stage", "name": "dev", "values": {"a": 1, "b": None}}
    told = (await run(SetMetadata(), {"updates": [update]}))[2]
    assert told == "noted on Stage dev: a, b"
    for change, status, said in (
        ({"name": "nobody"}, "Errored", "nobody"),
        ({"values": {"": 1}}, "Errored", "is empty"),
        ({"values": {}}, "Failed", "at least one key"),
        ({"kind": "Project"}, "Failed", "kind"),
    ):
        found = await run(SetMetadata(), {"updates": [update | change]})
        assert found[0] == status
        assert said in found[2]
