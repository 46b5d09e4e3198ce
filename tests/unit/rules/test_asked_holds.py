"""Holds that are asked for: the last request of an origin counts, once, and what cannot be read is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.pipeline import stage_document
from towpath.resources.annotations import HOLDS_ASKED
from towpath.resources.stage import Stage
from towpath.resources.structs import view
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
