"""Holds: what a promotion by hand intends, when it counts, and what ends it."""

from __future__ import annotations

import pytest

from tests.support.deciding import ORIGIN, freight, origin, promotion, request, stage
from towpath.resources.annotations import CREATE_ACTOR, HOLD, RESUME
from towpath.resources.stage import AutoPromotionHold
from towpath.resources.structs import view
from towpath.rules import holds

HOLDS = {HOLD: ORIGIN, CREATE_ACTOR: "admin"}
RESUMES = {RESUME: ORIGIN}
OLD = {"freightName": "f0", "origin": origin(), "promotionName": "before"}


def _hold(name: str = "f0") -> AutoPromotionHold:
    return view(AutoPromotionHold, {**OLD, "freightName": name})


def test_promoting_the_candidate_resumes_and_all_else_holds() -> None:
    """Also where there is no candidate."""
    assert holds.intent(freight("a"), freight("a")) == RESUME
    assert holds.intent(freight("a"), freight("b")) == HOLD
    assert holds.intent(freight("a"), None) == HOLD


@pytest.mark.parametrize("phase", ["Succeeded", "Failed", "Errored"])
def test_any_end_but_an_abort_applies_the_intent(phase: str) -> None:
    """Success or not."""
    made = promotion(1, phase, annotations=HOLDS)
    [(key, hold)] = holds.after({}, made).items()
    assert (key, hold.freight_name, hold.actor) == (ORIGIN, "f1", "admin")
    assert (hold.promotion_name, hold.origin.name) == (made.metadata.name, "main")
    assert hold.created_at == made.metadata.creation_timestamp
    assert holds.after({ORIGIN: _hold()}, promotion(1, phase, annotations=RESUMES)) == {}
    assert holds.after({ORIGIN: _hold()}, promotion(1, phase)) == {ORIGIN: _hold()}


def test_an_aborted_promotion_neither_holds_nor_resumes() -> None:
    """Nothing came of it."""
    assert holds.after({}, promotion(1, "Aborted", annotations=HOLDS)) == {}
    before = {ORIGIN: _hold()}
    assert holds.after(before, promotion(1, "Aborted", annotations=RESUMES)) == before


def test_an_intent_is_of_one_origin() -> None:
    """Holds of others stay, and one that cannot be read holds nothing."""
    other = {"Warehouse/other": _hold()}
    made = promotion(1, "Failed", annotations=HOLDS)
    assert holds.after(other, made).keys() == {"Warehouse/other", ORIGIN}
    assert holds.after(other, promotion(1, "Failed", annotations=RESUMES)) == other
    assert holds.after({}, promotion(1, "Failed", annotations={HOLD: "main"})) == {}


def test_a_queued_hold_counts_already_and_the_newest_decides() -> None:
    """In effect are the durable holds, overlaid with what was promoted after the last one taken in."""
    asked = stage(
        lastPromotion={"name": promotion(3).metadata.name}, autoPromotionHolds={ORIGIN: OLD}
    )
    first, second = promotion(5, annotations=RESUMES), promotion(7, of="f7", annotations=HOLDS)
    assert holds.effective(asked, []) == {ORIGIN: _hold()}
    assert holds.effective(asked, [first]) == {}
    assert holds.effective(asked, [second, first])[ORIGIN].freight_name == "f7"
    assert holds.effective(asked, [first, second])[ORIGIN].freight_name == "f7"
    aborted = promotion(7, "Aborted", of="f7", annotations=HOLDS)
    assert holds.effective(asked, [first, aborted]) == {}
    known = promotion(2, "Failed", of="f2", annotations=HOLDS)
    assert holds.effective(asked, [known]) == {ORIGIN: _hold()}


def test_holds_of_origins_no_longer_requested_are_dropped() -> None:
    """Nothing would ever resume them."""
    asked = stage(request("other", direct=True), autoPromotionHolds={ORIGIN: OLD})
    assert holds.effective(asked, []) == {}
    assert holds.of_requested({ORIGIN: _hold()}, stage()) == {ORIGIN: _hold()}
