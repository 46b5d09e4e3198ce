"""Requests for Promotions: what they may not say, and what may not be said of them later."""

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
from towpath.errors import Forbidden, Invalid
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import User

if TYPE_CHECKING:
    from pathlib import Path

HOLD = "kargo.akuity.io/auto-promotion-hold"


def _request(stage: str, freight: str, **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Promotion",
        "metadata": {"name": "x", "namespace": PROJECT, "annotations": annotations},
        "spec": {"stage": stage, "freight": freight},
    }


async def test_a_promotion_takes_the_right_and_an_open_way(tmp_path: Path) -> None:
    """`promote` on the Stage, and every gate open; what is promoted is fixed from then on."""
    async with running(tmp_path) as world:
        stages = stage_document("dev"), stage_document("prod", "dev")
        await world.apply(project_document(), warehouse_document(), *stages)
        freight = await world.freight("1.0.0")
        stranger = Requester("eve", user=User("eve", ()))
        with pytest.raises(Forbidden):
            await world.writer.create(_request("dev", freight), stranger)
        with pytest.raises(Invalid, match="not verified in dev"):
            await world.writer.create(_request("prod", freight), USER)
        forged = _request("dev", freight, **{HOLD: "Warehouse/main"})
        made = (await world.writer.create(forged, USER)).stored
        assert HOLD not in made.document["metadata"]["annotations"]
        assert made.ref.name.startswith("dev.")
        changed = {**made.document, "spec": {**made.document["spec"], "stage": "prod"}}
        with pytest.raises(Invalid, match="spec is fixed"):
            await world.writer.update(changed, USER)
        found = await world.store.get(Ref(scheme.PROMOTION, PROJECT, made.ref.name))
        assert found.document["spec"]["stage"] == "dev"
