"""What is in a Stage and how it fares: Promotions taken in, health, verification, conditions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.deciding import NOW, ORIGIN, ago, held, promotion, request, stage
from towpath.resources.annotations import HOLD
from towpath.resources.meta import condition
from towpath.resources.promotion import VerificationInfo
from towpath.resources.stage import Health, StageStatus
from towpath.rules import stage_conditions, stage_status

GOOD: dict[str, Any] = {"status": "Healthy"}


def status(**found: Any) -> StageStatus:
    """Return the status of a Stage."""
    return stage(**found).status or StageStatus()


def run(phase: str, **more: Any) -> dict[str, Any]:
    """Return a verification."""
    return {"id": f"run-{phase}", "phase": phase, **more}


# --- Promotions taken in -----------------------------------------------------------------------------


def test_those_that_have_ended_are_taken_in_from_the_oldest() -> None:
    """And each once; the newest is the last."""
    here = status()
    made = [promotion(3, "Failed"), promotion(1, "Succeeded", freightCollection=held("f1"))]
    assert [each.metadata.name for each in stage_status.record_ended(here, made)] == [
        each.metadata.name for each in reversed(made)
    ]
    assert here.last_promotion is not None
    assert here.last_promotion.name == made[0].metadata.name
    assert [each.id for each in here.freight_history] == ["f1"]
    assert stage_status.record_ended(here, made) == []


def test_nothing_is_taken_in_before_an_older_one_has_ended() -> None:
    """So nothing that happened is passed over."""
    here = status()
    made = [promotion(1, "Succeeded"), promotion(2, "Running"), promotion(3, "Aborted")]
    assert stage_status.record_ended(here, made) == made[:1]
    made[1] = promotion(2, "Failed")
    assert stage_status.record_ended(here, made) == made[1:]


def test_only_success_changes_what_is_there() -> None:
    """Health and verification begin anew then, also if the same Freight returns."""
    here = status(freightHistory=[held("f0", runs=[run("Successful")])], health=GOOD)
    stage_status.record_ended(here, [promotion(1, "Failed", freightCollection=held("f1"))])
    assert [each.id for each in here.freight_history] == ["f0"]
    assert here.health is not None
    again = held("f0", runs=[run("Failed")])
    stage_status.record_ended(here, [promotion(2, "Succeeded", freightCollection=again)])
    assert [each.id for each in here.freight_history] == ["f0", "f0"]
    assert here.freight_history[0].verification_history == []
    assert here.health is None


def test_one_that_never_began_keeps_the_collection_before_it() -> None:
    """Else the next one would not know what was there."""
    here = status()
    stage_status.record_ended(
        here,
        [promotion(1, "Succeeded", freightCollection=held("f1")), promotion(2, "Aborted")],
    )
    assert here.last_promotion is not None
    assert here.last_promotion.status is not None
    assert here.last_promotion.status.freight_collection is not None
    assert here.last_promotion.status.freight_collection.id == "f1"


def test_ten_collections_are_kept() -> None:
    """The newest first."""
    here = status()
    made = [
        promotion(number, "Succeeded", of=f"f{number}", freightCollection=held(f"f{number}"))
        for number in range(13)
    ]
    stage_status.record_ended(here, made)
    assert [each.id for each in here.freight_history] == [f"f{n}" for n in range(12, 2, -1)]
    assert stage_status.held_names(here) == {"f12"}


@pytest.mark.parametrize(("phase", "holds"), [("Failed", True), ("Aborted", False)])
def test_holds_are_set_by_what_ended(phase: str, holds: bool) -> None:
    """An aborted one sets none."""
    here = status()
    stage_status.record_ended(here, [promotion(1, phase, annotations={HOLD: ORIGIN})])
    assert bool(here.auto_promotion_holds) is holds


@pytest.mark.parametrize(
    ("found", "is_current"),
    [([], False), ([promotion(1, "Failed")], False), ([promotion(1, "Running")], True)],
)
def test_the_current_one_is_so_until_it_ends_or_is_gone(found: list[Any], is_current: bool) -> None:
    """And it is taken in though the last one has a later name."""
    here = status(
        currentPromotion={"name": promotion(1).metadata.name},
        lastPromotion={"name": promotion(9).metadata.name},
    )
    recorded = stage_status.record_ended(here, found)
    assert (here.current_promotion is not None) is is_current
    assert recorded == [each for each in found if not is_current]


# --- may another begin? ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "is_hindered"),
    [
        ({}, False),
        ({"freightHistory": [held("f")]}, True),
        ({"freightHistory": [held("f")], "health": GOOD}, True),
        ({"freightHistory": [held("f")], "health": {"status": "Unhealthy"}}, False),
        ({"freightHistory": [held("f")], "health": {"status": "Unknown"}}, False),
        ({"freightHistory": [held("f", runs=[run("Running")])], "health": GOOD}, True),
        ({"freightHistory": [held("f", runs=[run("Pending")])]}, True),
        (
            {
                "freightHistory": [held("f", runs=[run("Running")])],
                "health": {"status": "Unhealthy"},
            },
            True,
        ),
        ({"freightHistory": [held("f", runs=[run("Failed")])], "health": GOOD}, False),
        (
            {
                "freightHistory": [held("f", runs=[run("Failed"), run("Running")])],
                "health": GOOD,
            },
            False,
        ),
    ],
)
def test_what_was_promoted_last_is_verified_first(found: dict[str, Any], is_hindered: bool) -> None:
    """Unless it is not even healthy; only the newest verification counts."""
    assert bool(stage_status.hindrance(status(**found))) is is_hindered


# --- health ------------------------------------------------------------------------------------------

DONE: dict[str, Any] = {"lastPromotion": {"name": "p", "status": {"phase": "Succeeded"}}}


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ([], "Healthy"),
        (["Healthy", "Progressing"], "Progressing"),
        (["Unhealthy", "Unknown"], "Unhealthy"),
        (["Progressing", "Unknown", "Healthy"], "Unknown"),
        (["NotApplicable", "Healthy"], "NotApplicable"),
        (["what?"], "Unknown"),
    ],
)
def test_the_worst_check_counts(states: list[str], worst: str) -> None:
    """Issues of all of them are told; without checks it is healthy."""
    checks = [Health(status=each, issues=[f"i-{each}"]) for each in states]
    found = stage_status.health(status(**DONE), checks)
    assert found is not None
    assert found.status == worst
    assert found.issues == [f"i-{each}" for each in states]


def test_nobody_knows_while_a_promotion_runs_or_after_a_bad_one() -> None:
    """And before the first there is nothing to know."""
    assert stage_status.health(status(), []) is None
    for found in (
        {**DONE, "currentPromotion": {"name": "q"}},
        {"lastPromotion": {"name": "p", "status": {"phase": "Failed"}}},
        {"lastPromotion": {"name": "p"}},
    ):
        health = stage_status.health(status(**found), [Health(status="Healthy")])
        assert health is not None
        assert health.status == "Unknown"


# --- verification ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "asked", "begins"),
    [
        ({"freightHistory": [held("f")], "health": GOOD}, "", True),
        ({"freightHistory": [], "health": GOOD}, "", False),
        ({"freightHistory": [held("f")]}, "", False),
        ({"freightHistory": [held("f")], "health": {"status": "Progressing"}}, "", False),
        (
            {"freightHistory": [held("f")], "health": GOOD, "currentPromotion": {"name": "p"}},
            "",
            False,
        ),
        ({"freightHistory": [held("f", runs=[run("Failed")])], "health": GOOD}, "", False),
        ({"freightHistory": [held("f", runs=[run("Failed")])], "health": GOOD}, "run-Failed", True),
        ({"freightHistory": [held("f", runs=[run("Failed")])], "health": GOOD}, "other", False),
        (
            {"freightHistory": [held("f", runs=[run("Running")])], "health": GOOD},
            "run-Running",
            False,
        ),
    ],
)
def test_when_a_verification_begins(found: dict[str, Any], asked: str, begins: bool) -> None:
    """Once for what is there and healthy; again if the newest one that ended is asked for by its id."""
    assert stage_status.wants_verification(status(**found), asked) is begins


def test_verifications_are_kept_newest_first() -> None:
    """Ten of them, with the collection; without one nothing is kept."""
    here = status(freightHistory=[held("f")])
    for number in range(12):
        stage_status.add_verification(here, VerificationInfo(id=str(number)))
    found = here.freight_history[0].verification_history
    assert [each.id for each in found] == [str(number) for number in range(11, 1, -1)]
    empty = status()
    stage_status.add_verification(empty, VerificationInfo(id="1"))
    assert empty.freight_history == []


@pytest.mark.parametrize(
    ("runs", "health", "at"),
    [
        ([run("Successful", startTime=ago(hours=1), finishTime=ago())], GOOD, ago()),
        ([run("Successful", startTime=ago(hours=1))], GOOD, ago(hours=1)),
        ([run("Successful", finishTime=ago())], {"status": "Progressing"}, None),
        ([run("Failed"), run("Successful", finishTime=ago())], GOOD, None),
        ([run("Running")], GOOD, None),
        ([], GOOD, None),
    ],
)
def test_freight_is_verified_while_the_newest_run_succeeded_and_all_is_well(
    runs: list[dict[str, Any]], health: dict[str, Any], at: str | None
) -> None:
    """The time is when it ended."""
    here = status(freightHistory=[held("f", runs=runs)], health=health)
    assert stage_status.verified_at(here) == at


# --- conditions --------------------------------------------------------------------------------------


def _conditions(refused: str = "", **found: Any) -> dict[str, tuple[str, str]]:
    of = stage(**found)
    here = of.status or StageStatus()
    stage_conditions.set_conditions(of, here, NOW, refused=refused)
    return {each.type: (each.status, each.reason) for each in here.conditions}


SUCCEEDED: dict[str, Any] = {
    **DONE,
    "freightHistory": [held("f", runs=[run("Successful")])],
    "health": GOOD,
}


@pytest.mark.parametrize(
    ("found", "ready", "healthy", "verified"),
    [
        ({}, ("False", "NoFreight"), ("Unknown", "NoFreight"), ("Unknown", "NoFreight")),
        (SUCCEEDED, ("True", "Verified"), ("True", "Healthy"), ("True", "Verified")),
        (
            {**SUCCEEDED, "health": None},
            ("False", "WaitingForHealthCheck"),
            ("Unknown", "WaitingForHealthCheck"),
            ("True", "Verified"),
        ),
        (
            {**SUCCEEDED, "health": {"status": "Unhealthy"}},
            ("False", "Unhealthy"),
            ("False", "Unhealthy"),
            ("True", "Verified"),
        ),
        (
            {**SUCCEEDED, "health": {"status": "Progressing"}},
            ("False", "Progressing"),
            ("Unknown", "Progressing"),
            ("True", "Verified"),
        ),
        (
            {**SUCCEEDED, "freightHistory": [held("f")]},
            ("False", "WaitingForVerification"),
            ("True", "Healthy"),
            ("Unknown", "WaitingForVerification"),
        ),
        (
            {**SUCCEEDED, "freightHistory": [held("f", runs=[run("Failed")])]},
            ("False", "VerificationFailed"),
            ("True", "Healthy"),
            ("False", "VerificationFailed"),
        ),
        (
            {**SUCCEEDED, "freightHistory": [held("f", runs=[run("Inconclusive")])]},
            ("False", "VerificationInconclusive"),
            ("True", "Healthy"),
            ("Unknown", "VerificationInconclusive"),
        ),
        (
            {**SUCCEEDED, "freightHistory": [held("f", runs=[run("Error"), run("Successful")])]},
            ("True", "Verified"),
            ("True", "Healthy"),
            ("True", "Verified"),
        ),
        (
            {**SUCCEEDED, "lastPromotion": {"name": "p", "status": {"phase": "Errored"}}},
            ("False", "LastPromotionErrored"),
            ("Unknown", "LastPromotionErrored"),
            ("True", "Verified"),
        ),
    ],
)
def test_conditions(
    found: dict[str, Any],
    ready: tuple[str, str],
    healthy: tuple[str, str],
    verified: tuple[str, str],
) -> None:
    """Ready says the first thing that is not as it should be."""
    assert _conditions(**found) == {"Ready": ready, "Healthy": healthy, "Verified": verified}


def test_a_promotion_under_way_and_one_that_is_refused_come_before_the_rest() -> None:
    """Promoting goes when nothing is under way, and so does Reconciling."""
    under_way = _conditions(**SUCCEEDED, currentPromotion={"name": "q"})
    assert under_way["Promoting"] == ("True", "ActivePromotion")
    assert under_way["Ready"] == ("False", "ActivePromotion")
    refused = _conditions("no right", **SUCCEEDED)
    assert refused["Ready"] == ("False", "AutoPromotionRefused")
    of = stage(**SUCCEEDED)
    here = of.status or StageStatus()
    here.current_promotion = stage_status.current(promotion(1), None)
    stage_conditions.set_conditions(of, here, NOW)
    here.current_promotion = None
    stage_conditions.set_conditions(of, here, NOW + timedelta(hours=1))
    assert condition(here.conditions, "Promoting") is None
    ready = condition(here.conditions, "Ready")
    assert ready is not None
    assert ready.last_transition_time == ago(hours=-1)
    assert ready.observed_generation == 3
    verified = condition(here.conditions, "Verified")
    assert verified is not None
    assert verified.last_transition_time == ago()


@pytest.mark.parametrize(
    ("requests", "found", "text"),
    [
        (["main"], [held("f")], "f"),
        (["main"], [], "0/1 Fulfilled"),
        (["main", "main1"], [held("f")], "1/2 Fulfilled"),
        (["main", "main1"], [held("f", "g")], "2/2 Fulfilled"),
        (["other"], [held("f")], "0/1 Fulfilled"),
    ],
)
def test_the_summary(requests: list[str], found: list[dict[str, Any]], text: str) -> None:
    """The name of the only Freight, or how many of what is requested are there."""
    of = stage(*(request(name, direct=True) for name in requests), freightHistory=found)
    assert stage_status.summary(of, of.status or StageStatus()) == text


def test_what_steps_noted_is_kept_as_it_is_now() -> None:
    """A pass that began before a step wrote does not take it back, nor bring back what went."""
    wanted = {"health": {}, "metadata": {"a": "old"}}
    now = {"metadata": {"a": "new"}, "health": {"x": 1}}
    assert stage_status.keeping_notes(now, wanted) == {"health": {}, "metadata": {"a": "new"}}
    assert stage_status.keeping_notes({}, wanted) == {"health": {}}
