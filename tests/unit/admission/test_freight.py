"""Freight: what must not change, whose alias it is, and when it may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission.requester import Requester
from towpath.errors import Conflict, Forbidden, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

FREIGHT_CONTROLLER = Requester("controller:freight-controller", is_controller=True)


def _ref(name: str) -> Ref:
    return Ref(scheme.FREIGHT, PROJECT, name)


async def test_what_it_holds_and_whence_are_fixed(tmp_path: Path) -> None:
    """Each changed field is named."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        document = await world.get(scheme.FREIGHT, await world.freight("1.0.0"))
        document["images"][0]["tag"] = "2.0.0"
        document["origin"]["name"] = "other"
        with pytest.raises(Invalid) as caught:
            await world.writer.update(document, USER)
    assert sorted(cause.path for cause in caught.value.causes) == ["images", "origin"]


async def test_an_alias_that_is_taken(tmp_path: Path) -> None:
    """A conflict with the Freight that has it; its own alias may be written again."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        first = await world.get(scheme.FREIGHT, await world.freight("1.0.0"))
        second = await world.get(scheme.FREIGHT, await world.freight("2.0.0"))
        taken: dict[str, Any] = {**second, "alias": first["alias"]}
        with pytest.raises(Conflict, match=first["metadata"]["name"]):
            await world.writer.update(taken, USER)
        assert (await world.writer.update(first, USER)).unchanged


async def test_freight_in_a_stage_stays(tmp_path: Path) -> None:
    """The Stage decides: what the Freight's own status says of it follows with a delay."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        old, new = await world.freight("1.0.0"), await world.freight("2.0.0")
        for name in (old, new):
            await world.promote("dev", name)
            await world.settled()

        def forgotten(status: dict[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in status.items() if key != "currentlyIn"}

        await world.writer.set_status(_ref(new), forgotten, FREIGHT_CONTROLLER)
        with pytest.raises(Forbidden, match="Stage dev"):
            await world.writer.delete(_ref(new), USER)
        await world.writer.delete(_ref(old), USER)
        with pytest.raises(NotFound):
            await world.get(scheme.FREIGHT, old)
