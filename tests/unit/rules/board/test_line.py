"""What a stop of the line leaves out, and what goes on whatever is held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from tests.support.deciding import ago, promotion, request, stage
from towpath.resources.annotations import HOLDS_ASKED
from towpath.resources.stage import PromotionTemplate, Stage
from towpath.rules import asked_holds
from towpath.rules.asked_holds import AskedHold
from towpath.rules.board import facts
from towpath.rules.board.line import LineStanding, StageUnderWay, line, reason_of, told
from towpath.rules.board.sight import ALL, NOTHING, Named

if TYPE_CHECKING:
    from towpath.rules.board.facts import StageFacts

_STEPS = {"spec": {"steps": [{"uses": "work"}]}}
_FREIGHT: dict[str, Any] = {
    "freightHistory": [{"id": "1", "items": {"Warehouse/main": {"name": "f"}}}]
}
_LISTS = ("toHold", "partly", "held", "manual", "empty", "unreadable", "forbidden", "stopped")


def _facts(name: str, *, steps: bool = True, **status: Any) -> StageFacts:
    document = msgspec.to_builtins(
        stage(request(direct=True), name=name, **{"autoPromotionEnabled": True, **status})
    )
    if steps:
        document["spec"]["promotionTemplate"] = _STEPS
    return facts.of_stage(msgspec.convert(document, Stage))


def _held(name: str, reason: str, until: str = "") -> StageFacts:
    found = stage(request(direct=True), name=name, **{"autoPromotionEnabled": True, **_FREIGHT})
    asked = AskedHold(ago(hours=1), "f", "email:jo@example.com", reason, until)
    notes = {HOLDS_ASKED: asked_holds.with_request({}, "Warehouse/main", asked)}
    metadata = msgspec.structs.replace(found.metadata, annotations=notes)
    spec = msgspec.structs.replace(
        found.spec, promotion_template=msgspec.convert(_STEPS, PromotionTemplate)
    )
    return facts.of_stage(msgspec.structs.replace(found, metadata=metadata, spec=spec))


def test_what_holds_nothing_is_left_out() -> None:
    """Control flow, and what is being deleted; what cannot be read is told of, as it may come by itself."""
    going = _facts("going", **_FREIGHT)
    metadata = msgspec.structs.replace(going.slim.metadata, deletion_timestamp=ago(hours=1))
    going = replace(going, slim=msgspec.structs.replace(going.slim, metadata=metadata))
    stages = [
        _facts("flow", steps=False),
        going,
        facts.of_unreadable_stage("odd", "it is odd"),
        _facts("test", **_FREIGHT),
    ]
    found = line(stages, {}, ALL)
    assert [(each.name, each.standing) for each in found.stages] == [
        ("odd", LineStanding.UNREADABLE),
        ("test", LineStanding.HOLD),
    ]


def test_what_runs_and_what_waits_goes_on() -> None:
    """Also where nothing comes by itself, and in Stages that hold nothing."""
    running = facts.of_promotion(promotion(1, "Running"))
    waiting = [facts.of_promotion(promotion(number, "Pending")) for number in (2, 3)]
    found = line(
        [_facts("a", autoPromotionEnabled=False), _facts("b", steps=False), _facts("c")],
        {"a": [running, *waiting], "b": waiting},
        ALL,
    )
    assert found.running == (
        StageUnderWay(stage="a", promotion=running.name, queued=2),
        StageUnderWay(stage="b", promotion="", queued=2),
    )


def test_it_is_told_who_holds_what_and_why() -> None:
    """Of a stop what was said, without the words that it is known by; of the others all."""
    stages = [
        _held("stopped", reason_of("incident 4711")),
        _held("bare", reason_of("")),
        _held("other", "release freeze", "2026-07-01T00:00:00Z"),
    ]
    sight = replace(ALL, promote=Named(names=frozenset({"stopped", "other"})))
    found = told(line(stages, {}, sight), "shop")
    assert found["held"] == ["stopped", "bare", "other"]
    assert (found["stopped"], found["toResume"]) == (["stopped", "bare"], ["stopped"])
    assert [(each["stop"], each["reason"]) for each in found["holds"]] == [
        (True, "incident 4711"),
        (True, ""),
        (False, "release freeze"),
    ]
    assert found["holds"][2]["until"] == facts.seconds("2026-07-01T00:00:00Z")
    assert found["holds"][0]["since"] == facts.seconds(ago(hours=1))
    assert found["holds"][0]["actor"] == "email:jo@example.com"


def test_who_sees_nothing_is_told_nothing() -> None:
    """Neither names nor holds."""
    found = told(line([_facts("test", **_FREIGHT), _held("b", "x")], {}, NOTHING), "shop")
    assert all(found[name] == [] for name in (*_LISTS, "toResume", "holds", "running"))
