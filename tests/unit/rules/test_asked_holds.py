"""Holds that are asked for: the last request of an origin counts, once, and what cannot be read is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.pipeline import stage_document
from towpath.resources.annotations import HOLDS_ASKED
from towpath.resources.stage import Stage
from towpath.resources.structs import to_document, view
from towpath.rules import asked_holds
from towpath.rules.asked_holds import AskedHold

ORIGIN = "Warehouse/main"
FIRST = AskedHold("2026-01-01T00:00:00.000001Z", "f1", "a", "why")


def _stage(annotation: str = "", **status: Any) -> Stage:
    document = stage_document("dev")
    document["metadata"]["annotations"] = {HOLDS_ASKED: annotation} if annotation else {}
    return view(Stage, document | {"status": status})


def _text(*requests: AskedHold, origin: str = ORIGIN) -> str:
    found = ""
    for each in requests:
        found = asked_holds.with_request({HOLDS_ASKED: found} if found else {}, origin, each)
    return found


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "3", "[" * 5000, '{"Warehouse/main": 3}', '{"a": {"at": ""}}'],
    ids=["empty", "word", "list", "number", "deep", "odd", "timeless"],
)
def test_what_cannot_be_read_is_none(text: str) -> None:
    """Neither a hold nor an error."""
    assert asked_holds.asked({HOLDS_ASKED: text}) == {}
    assert asked_holds.durable(_stage(text)) == {}


def test_a_request_counts_until_it_is_met_and_not_again() -> None:
    """A hold that a Promotion ended after it was met does not come back; a later request counts anew."""
    asked = _stage(_text(FIRST))
    hold = asked_holds.durable(asked)[ORIGIN]
    assert (hold.freight_name, hold.actor, hold.created_at) == ("f1", "a", "2026-01-01T00:00:00Z")
    assert asked_holds.reason(asked, ORIGIN, hold) == "why"
    metadata = asked_holds.met(asked)
    assert asked_holds.durable(_stage(_text(FIRST), metadata=metadata)) == {}
    later = AskedHold("2026-01-01T00:00:00.000002Z", "f2", "b")
    again = _stage(_text(FIRST, later), metadata=metadata)
    assert asked_holds.durable(again)[ORIGIN].freight_name == "f2"


def test_a_request_without_freight_ends_a_hold() -> None:
    """One that the status keeps, of that origin alone."""
    of = {"kind": "Warehouse", "name": "main"}
    kept = {
        ORIGIN: {"freightName": "f1", "origin": of},
        "Warehouse/b": {"freightName": "f9", "origin": {**of, "name": "b"}},
    }
    ended = _stage(_text(AskedHold("2026-01-01T00:00:00Z")), autoPromotionHolds=kept)
    assert set(asked_holds.durable(ended)) == {"Warehouse/b"}
    odd = _stage(_text(FIRST, origin="nothing"))
    assert asked_holds.durable(odd) == {}, "what is no origin holds nothing"


def test_whoever_writes_a_request_has_asked() -> None:
    """What was there before stays whose it was."""
    before = {HOLDS_ASKED: _text(FIRST)}
    other = AskedHold("2026-01-02T00:00:00Z", "f2", "forged")
    now = {HOLDS_ASKED: asked_holds.with_request(before, "Warehouse/b", other)}
    found = asked_holds.asked({HOLDS_ASKED: asked_holds.in_name_of("eva", now, before)})
    assert {origin: each.actor for origin, each in found.items()} == {
        ORIGIN: "a",
        "Warehouse/b": "eva",
    }
    assert json.loads(asked_holds.in_name_of("eva", {HOLDS_ASKED: "x"}, {})) == {}


NOW = datetime(2026, 1, 1, tzinfo=UTC)
OVER = replace(FIRST, until="2026-01-01T04:00:00Z")


@pytest.mark.parametrize("is_met", [False, True], ids=["asked for", "in the status"])
def test_a_hold_is_over_at_its_end_and_not_before(is_met: bool) -> None:
    """Whether the controller has written it down or not; and it does not come back, wherever the clock goes."""
    stage = _stage(_text(OVER))
    if is_met:
        held = to_document(asked_holds.durable(stage)[ORIGIN])
        stage = _stage(
            _text(OVER), autoPromotionHolds={ORIGIN: held}, metadata=asked_holds.met(stage)
        )
    end = NOW + timedelta(hours=4)
    assert asked_holds.next_end(stage, asked_holds.durable(stage)) == end
    before = asked_holds.as_of(stage, end - timedelta(microseconds=1))
    assert before is stage
    over = asked_holds.as_of(stage, end)
    assert asked_holds.durable(over) == {}
    assert asked_holds.durable(stage), "the Stage that was given is as it was"
    written = _stage(_text(OVER), metadata=asked_holds.met(over))
    assert asked_holds.durable(asked_holds.as_of(written, NOW)) == {}


def test_an_end_concerns_the_hold_it_was_given_to_alone() -> None:
    """Neither a hold that a Promotion made since, nor one of another origin."""
    of = {"kind": "Warehouse", "name": "main"}
    kept = {
        ORIGIN: {"freightName": "f5", "origin": of, "promotionName": "p"},
        "Warehouse/b": {"freightName": "f9", "origin": {**of, "name": "b"}},
    }
    met = {HOLDS_ASKED: {ORIGIN: OVER.at}}
    stage = _stage(_text(OVER), autoPromotionHolds=kept, metadata=met)
    assert asked_holds.next_end(stage, asked_holds.durable(stage)) is None
    found = asked_holds.durable(asked_holds.as_of(stage, NOW + timedelta(days=1)))
    assert {origin: each.freight_name for origin, each in found.items()} == {
        ORIGIN: "f5",
        "Warehouse/b": "f9",
    }


def test_an_end_that_is_no_moment_is_refused_where_it_is_new() -> None:
    """Where it lies in the store all the same, the hold is one without an end."""
    odd = {HOLDS_ASKED: _text(replace(FIRST, until="soon"))}
    (said,) = asked_holds.faults(odd, {})
    assert said.startswith("Warehouse/main: until: 'soon' is no moment")
    assert list(asked_holds.faults(odd, odd)) == []
    assert list(asked_holds.faults({HOLDS_ASKED: _text(OVER)}, {})) == []
    stage = _stage(odd[HOLDS_ASKED])
    assert asked_holds.durable(asked_holds.as_of(stage, NOW + timedelta(days=9999)))
