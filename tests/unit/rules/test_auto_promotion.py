"""What keeps auto-promotion from promoting its candidate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deciding import ORIGIN, freight, held, origin, promotion, stage
from towpath.resources.stage import AutoPromotionHold, StageStatus
from towpath.resources.structs import view
from towpath.rules import auto_promotion

LAST = {"name": promotion(3).metadata.name}


def _why(promotions: list[Any] | None = None, **status: Any) -> str:
    found = stage(**status).status or StageStatus()
    return auto_promotion.hindrance(found, freight("f1"), promotions or [], {})


@pytest.mark.parametrize(
    ("status", "is_hindered"),
    [
        ({}, False),
        ({"freightHistory": [held("f1")]}, True),
        ({"freightHistory": [held("f0"), held("f1")]}, False),
        ({"freightHistory": [held("f0", "f1")]}, False),
        ({"currentPromotion": {"name": "p", "freight": {"name": "f1"}}}, True),
        ({"currentPromotion": {"name": "p", "freight": {"name": "f0"}}}, False),
        ({"currentPromotion": {"name": "p"}}, False),
    ],
)
def test_what_is_there_or_on_its_way(status: dict[str, Any], is_hindered: bool) -> None:
    """Of this origin: the same Freight is not promoted over itself, but what was there before is."""
    assert bool(_why(**status)) is is_hindered


@pytest.mark.parametrize(
    ("promotions", "is_hindered"),
    [
        ([promotion(1, "Failed")], True),
        ([promotion(1, "Errored")], True),
        ([promotion(1, "Aborted")], True),
        ([promotion(1, "Failed", of="f0")], False),
        ([promotion(1, "Failed"), promotion(2, "Succeeded")], False),
        ([promotion(2, "Succeeded"), promotion(1, "Failed")], False),
        ([promotion(1, "Succeeded"), promotion(2, "Failed")], True),
        ([promotion(2, "Failed"), promotion(1, "Succeeded")], True),
        ([promotion(1, "Succeeded")], False),
        ([promotion(5, "Succeeded")], True),
        ([promotion(1, "Pending")], True),
        ([promotion(1, "")], True),
        ([promotion(1, "Pending"), promotion(2, "Succeeded")], True),
        ([promotion(1, "Running")], True),
        ([promotion(1, "Running", of="f0")], False),
        ([promotion(9, "Failed", name="by-hand.f1"), promotion(1, "Succeeded")], False),
    ],
)
def test_what_became_of_it_before(promotions: list[Any], is_hindered: bool) -> None:
    """The newest end of this Freight decides: nothing is tried again by itself; what succeeded long ago may return."""
    assert bool(_why(promotions, lastPromotion=LAST)) is is_hindered


def test_a_hold_comes_first() -> None:
    """Of this origin only."""
    hold = view(AutoPromotionHold, {"freightName": "f0", "origin": origin(), "promotionName": "p"})
    status = StageStatus()
    assert "f0" in auto_promotion.hindrance(status, freight("f1"), [], {ORIGIN: hold})
    assert not auto_promotion.hindrance(status, freight("f1"), [], {"Warehouse/b": hold})
