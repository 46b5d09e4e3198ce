"""The gates of auto-promotion: what keeps a Stage from taking its candidate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deciding import (
    NOW,
    ORIGIN,
    ago,
    freight,
    held,
    origin,
    policy,
    promotion,
    request,
    stage,
)
from towpath.resources.annotations import HOLD
from towpath.resources.meta import Condition
from towpath.resources.structs import view
from towpath.rules.gates import automatic
from towpath.rules.gates.automatic import Automation
from towpath.rules.gates.gate import Bars, Gate, shut

LAST = {"name": promotion(3).metadata.name}
ON = [policy("prod", enabled=True)]


def _gates(promotions: list[Any] | None = None, **status: Any) -> dict[str, Gate]:
    mine = freight("f1")
    by = Automation(policies=ON, promotions=promotions or [], chosen=mine)
    return {gate.name: gate for gate in automatic.gates(stage(**status), mine, by)}


def _shut(promotions: list[Any] | None = None, **status: Any) -> list[str]:
    found = list(_gates(promotions, **status).values())
    assert all(gate.bars is Bars.AUTO_PROMOTION for gate in found)
    return [gate.name for gate in shut(found, Bars.AUTO_PROMOTION)]


@pytest.mark.parametrize(
    ("status", "closed"),
    [
        ({}, []),
        ({"freightHistory": [held("f1")]}, ["present"]),
        ({"freightHistory": [held("f0"), held("f1")]}, []),
        ({"freightHistory": [held("f0", "f1")]}, []),
        ({"currentPromotion": {"name": "p", "freight": {"name": "f1"}}}, ["carried"]),
        ({"currentPromotion": {"name": "p", "freight": {"name": "f0"}}}, []),
        ({"currentPromotion": {"name": "p"}}, []),
    ],
)
def test_what_is_there_or_on_its_way(status: dict[str, Any], closed: list[str]) -> None:
    """Of this origin: the same Freight is not promoted over itself, but what was there before is."""
    assert _shut(**status) == closed


@pytest.mark.parametrize(
    ("promotions", "closed"),
    [
        ([promotion(1, "Failed")], ["tried"]),
        ([promotion(1, "Errored")], ["tried"]),
        ([promotion(1, "Aborted")], ["tried"]),
        ([promotion(1, "Failed", of="f0")], []),
        ([promotion(1, "Failed"), promotion(2, "Succeeded")], []),
        ([promotion(2, "Succeeded"), promotion(1, "Failed")], []),
        ([promotion(1, "Succeeded"), promotion(2, "Failed")], ["tried"]),
        ([promotion(2, "Failed"), promotion(1, "Succeeded")], ["tried"]),
        ([promotion(1, "Succeeded")], []),
        ([promotion(5, "Succeeded")], ["carried"]),
        ([promotion(1, "Pending")], ["carried"]),
        ([promotion(1, "")], ["carried"]),
        ([promotion(1, "Pending"), promotion(2, "Succeeded")], ["carried"]),
        ([promotion(1, "Running")], ["carried"]),
        ([promotion(1, "Failed"), promotion(2, "Running")], ["carried", "tried"]),
        ([promotion(1, "Running", of="f0")], []),
        ([promotion(9, "Failed", name="by-hand.f1"), promotion(1, "Succeeded")], []),
    ],
)
def test_what_became_of_it_before(promotions: list[Any], closed: list[str]) -> None:
    """The newest end of this Freight decides: nothing is tried again by itself; what succeeded long ago may return."""
    assert _shut(promotions, lastPromotion=LAST) == closed


def test_what_failed_says_since_when_and_how_it_is_tried_again() -> None:
    """By hand, or by deleting the Promotion that failed; newer Freight comes all the same."""
    gate = _gates([promotion(1, "Failed", finishedAt=ago(hours=1))])["tried"]
    assert gate.since is not None
    assert (NOW - gate.since).total_seconds() == 3600
    assert "ended Failed; it is not tried again by itself" in gate.reason
    assert gate.opens_by[1] == f"who may delete Promotion {promotion(1).metadata.name}"
    assert gate.command == "towpath promote -p shop --stage prod --freight-alias alias-f1"


def test_a_hold_is_of_one_origin() -> None:
    """It says who asked for it, since when, and what ends it."""
    hold = {
        "freightName": "f0",
        "origin": origin(),
        "promotionName": "p",
        "actor": "email:ada@example.com",
        "createdAt": ago(hours=2),
    }
    gate = _gates(autoPromotionHolds={ORIGIN: hold})["hold"]
    assert not gate.open
    assert "Freight f0 was promoted by hand by email:ada@example.com and is held" in gate.reason
    assert gate.since is not None
    assert gate.command == "towpath promote -p shop --stage prod --warehouse main"
    other = {**hold, "origin": origin("b")}
    assert _gates(autoPromotionHolds={"Warehouse/b": other})["hold"].open


def test_a_hold_counts_as_soon_as_its_promotion_is_there() -> None:
    """Before the Stage has taken it in."""
    asked = promotion(5, "Running", of="f0", annotations={HOLD: ORIGIN})
    assert _shut([asked], lastPromotion=LAST) == ["hold"]


@pytest.mark.parametrize(
    ("policies", "is_open", "reason"),
    [
        ([], False, "auto-promotion is off here: Project shop has no policies"),
        (
            [policy("prd", enabled=True)],
            False,
            "auto-promotion is off here: no policy matches Stage prod; prd matches no Stage",
        ),
        (
            [policy("test", enabled=True), policy("prod", enabled=False), *ON],
            False,
            "auto-promotion is off here: promotionPolicies[1] matches Stage prod and does not turn it on",
        ),
        (
            [policy("test", enabled=True), *ON],
            True,
            "auto-promotion is on: promotionPolicies[1] matches Stage prod",
        ),
    ],
)
def test_the_first_policy_that_matches_decides(
    policies: list[Any], is_open: bool, reason: str
) -> None:
    """What matches nothing is named where none matches."""
    idle = ["prd"] if any(each.stage == "prd" for each in policies) else []
    gate = automatic.policy(stage(), policies, idle)
    assert (gate.open, gate.reason) == (is_open, reason)
    assert bool(gate.command) is bool(gate.opens_by) is not is_open


def test_no_hold_counts_where_auto_promotion_is_off() -> None:
    """Turning it on later begins without any."""
    hold = {"freightName": "f0", "origin": origin()}
    mine = freight("f1")
    asked = stage(autoPromotionHolds={ORIGIN: hold})
    found = automatic.gates(asked, mine, Automation(chosen=mine))
    assert [gate.name for gate in found if not gate.open] == ["policy"]


MATCH: dict[str, Any] = {
    "stages": ["test"],
    "autoPromotionOptions": {"selectionPolicy": "MatchUpstream"},
}


@pytest.mark.parametrize(
    ("sources", "chosen", "is_open", "words"),
    [
        ({"direct": True}, freight("f1", age=2), True, "it is what auto-promotion takes"),
        ({"direct": True}, freight("f2", age=1), False, "which is Freight alias-f2"),
        ({"direct": True}, freight("f0", age=3), True, "nothing newer is available"),
        ({"direct": True}, None, True, "nothing newer is available"),
        (MATCH, None, False, "and there is not exactly one"),
        (MATCH, freight("f0", age=3), False, "which is Freight alias-f0"),
    ],
)
def test_the_newest_is_taken_or_the_one_that_is_upstream(
    sources: dict[str, Any], chosen: Any, is_open: bool, words: str
) -> None:
    """Older Freight can be promoted by hand."""
    asked, mine = stage(request(**sources)), freight("f1", age=2)
    found = automatic.gates(asked, mine, Automation(policies=ON, chosen=chosen))
    gate = next(gate for gate in found if gate.name == "newest")
    assert (gate.open, words in gate.reason) == (is_open, True)


def test_a_refusal_is_about_what_would_be_taken() -> None:
    """What the Stage said when it asked; other Freight was not asked for."""
    refusal = view(
        Condition,
        {
            "type": "Ready",
            "status": "False",
            "reason": "AutoPromotionRefused",
            "message": "no such task",
            "lastTransitionTime": ago(hours=1),
        },
    )
    mine = freight("f1")
    for chosen, is_open in ((mine, False), (freight("f0"), True), (None, True)):
        by = Automation(policies=ON, chosen=chosen, refusal=refusal)
        found = automatic.gates(stage(), mine, by)
        gate = next(gate for gate in found if gate.name == "refusal")
        assert gate.open is is_open
        assert is_open or gate.reason == "no such task"
