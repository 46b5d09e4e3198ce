"""`moves`: one call for many targets, each with its own result; stale ones leave nothing, a key counts once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.clock import VirtualClock
from towpath.errors import Invalid, Unavailable
from towpath.resources import moments, scheme
from towpath.resources.annotations import HOLDS_ASKED, QUARANTINE
from towpath.server import once
from towpath.store.contract import Query
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

PATH = f"/towpath/v1/projects/{PROJECT}/moves"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Warehouse, `dev` behind it, and `qa-1` and `qa-2` behind that."""
    async with running(tmp_path) as found:
        await found.apply(
            project_document("auto"),
            warehouse_document(),
            *(stage_document(name) for name in ("dev", "auto")),
            *(stage_document(name, "dev") for name in ("qa-1", "qa-2")),
        )
        await found.settled()
        yield found
        if found.work.gate is not None:
            found.work.gate.set()


async def move(world: Pipeline, token: str = serving.TOKEN, **body: Any) -> httpx.Response:
    """Ask for a move."""
    async with serving.client(world, token) as client:
        return await client.post(PATH, json=body)


def results(answer: httpx.Response) -> dict[str, str]:
    """Return what became of each Stage."""
    return {each["stage"]: each["result"] for each in answer.json()["targets"]}


async def made(world: Pipeline) -> int:
    """Return how many Promotions there are."""
    return await world.store.count(Query(kind=scheme.PROMOTION))


async def test_every_target_has_its_own_result(world: Pipeline) -> None:
    """One is promoted to, the others are told which gate is shut, and one is not there."""
    freight = await world.freight("1.0.0")
    answer = await move(world, stages=["dev", "qa-1", "nowhere"], freight=freight, reason="try")
    assert answer.status_code == 207, answer.text
    told = {each["stage"]: each for each in answer.json()["targets"]}
    assert results(answer) == {"dev": "promoted", "qa-1": "refused", "nowhere": "refused"}
    assert [gate["name"] for gate in told["qa-1"]["gates"]] == ["verified"]
    assert told["nowhere"]["status"] == 404
    assert answer.json()["refused"] == 2
    promotion = await world.get(scheme.PROMOTION, told["dev"]["promotion"])
    assert promotion["metadata"]["annotations"]["towpath.dev/reason"] == "try"
    assert await made(world) == 1


async def test_downstream_promotes_to_what_takes_from_a_stage(world: Pipeline) -> None:
    """All Stages behind the one that is named, and none where there is none."""
    freight = await world.freight("1.0.0")
    await world.promote("dev", freight)
    await world.settled()
    answer = await move(world, kind="downstream", stages=["dev"], freight=freight)
    assert answer.status_code == 201, answer.text
    assert results(answer) == {"qa-1": "promoted", "qa-2": "promoted"}
    assert (
        await move(world, kind="downstream", stages=["qa-1"], freight=freight)
    ).status_code == 404


async def test_rollback_goes_to_what_was_verified_last(world: Pipeline) -> None:
    """Not to what was there but never verified, nor to what is there now."""
    refused = await move(world, kind="rollback", stages=["dev"])
    assert "nothing to go back to" in refused.json()["targets"][0]["error"]
    first, second = await world.freight("1.0.0"), await world.freight("1.0.1")
    for each in (first, second):
        await world.promote("dev", each)
        await world.settled()
    async with serving.client(world) as client:
        path = f"/towpath/v1/projects/{PROJECT}/plan"
        planned = (await client.post(path, json={"stage": "dev", "rollback": True})).json()
    assert planned["freight"] == first
    back: dict[str, Any] = {"kind": "rollback", "stages": ["dev"], "planId": planned["id"]}
    assert "name the freight that was planned" in (await move(world, **back)).text
    answer = await move(world, **back, freight=first, reason="it is ill")
    assert answer.status_code == 201, answer.text
    target = answer.json()["targets"][0]
    assert target["freight"] == first
    await world.settled()
    assert await world.held("dev") == first
    promotion = await world.get(scheme.PROMOTION, target["promotion"])
    assert promotion["metadata"]["annotations"]["kargo.akuity.io/rollback"] == "true"
    assert promotion["metadata"]["annotations"]["towpath.dev/plan"] == planned["id"]


async def _current(world: Pipeline, freight: str) -> str:
    await world.promote("dev", freight)
    await world.settled()
    return "current Freight"


async def _queue(world: Pipeline, freight: str) -> str:
    world.work.gate = asyncio.Event()
    await world.promote("dev", freight)
    await world.work.begun.wait()
    return "queue"


async def _gates(world: Pipeline, freight: str) -> str:
    answer = await move(world, kind="quarantine", freight=freight, reason="it is ill")
    assert answer.status_code == 200, answer.text
    return "gates"


async def _deleted(world: Pipeline, _: str) -> str:
    async with serving.client(world) as client:
        await client.delete(f"/v1beta1/projects/{PROJECT}/stages/dev")
    await world.settled()
    return "the Stage"


@pytest.mark.parametrize("change", [_current, _queue, _gates, _deleted])
async def test_what_changed_since_it_was_looked_at_is_not_moved(
    world: Pipeline, change: Any
) -> None:
    """The whole call is refused, says what is not as it was, and leaves nothing: not even its key."""
    freight = await world.freight("1.0.0")
    await world.settled()
    seen = world.store.revision()
    told = await change(world, freight)
    before, promotions = world.store.revision(), await made(world)
    asked: dict[str, Any] = {
        "stages": ["qa-1", "dev"],
        "freight": freight,
        "ifRev": seen,
        "key": "k",
    }
    answer = await move(world, **asked)
    assert answer.status_code == 409, answer.text
    assert answer.json()["reason"] == "stale"
    stale = {each["stage"]: each["changed"] for each in answer.json()["stale"]}
    assert any(each.startswith(told) for each in stale["dev"]), stale
    written = [each for each in await world.store.log(after=before) if each.actor == "admin"]
    assert (written, await made(world)) == ([], promotions)
    again = await move(world, **{**asked, "ifRev": before})
    assert again.status_code in (201, 207), "the key was not used up"


async def test_what_does_not_decide_a_move_makes_nothing_stale(world: Pipeline) -> None:
    """A label, a look, and another Stage that moves."""
    freight = await world.freight("1.0.0")
    await world.settled()
    seen = world.store.revision()
    async with serving.client(world) as client:
        await client.post(f"/v1beta1/projects/{PROJECT}/stages/dev/refresh")
    await world.promote("auto", freight)
    await world.settled()
    answer = await move(world, stages=["dev"], freight=freight, ifRev=seen)
    assert answer.status_code == 201, answer.text


async def test_a_hold_is_a_change_and_ends_without_a_promotion(world: Pipeline) -> None:
    """Held, nothing new comes in; resumed, it does; each with its reason."""
    first = await world.freight("1.0.0")
    await world.settled()
    assert await world.held("auto") == first
    seen = world.store.revision()
    answer = await move(world, kind="hold", stages=["auto"], reason="fair week")
    assert answer.json()["targets"][0]["holds"] == {"Warehouse/main": first}, answer.text
    stale = await move(world, kind="hold", stages=["auto"], ifRev=seen)
    assert "hold: none then" in stale.json()["stale"][0]["changed"][0]
    second = await world.freight("1.0.1")
    await world.settled()
    assert await world.held("auto") == first
    async with serving.client(world) as client:
        path = f"/towpath/v1/projects/{PROJECT}/stages/auto/explain?freight={second}"
        gates = (await client.get(path)).json()["gates"]
        board = (await client.get(f"/towpath/v1/projects/{PROJECT}/board")).json()
    (held,) = [stage["hold"] for stage in board["stages"] if "hold" in stage]
    assert held[2] == "fair week"
    (hold,) = [gate for gate in gates if gate["name"] == "hold"]
    assert "fair week" in hold["reason"]
    assert "by hand" not in hold["reason"]
    assert results(await move(world, kind="resume", stages=["auto"])) == {"auto": "resumed"}
    await world.settled()
    assert await world.held("auto") == second
    kept = (await world.status(scheme.STAGE, "auto")).get("autoPromotionHolds")
    assert not kept
    refused = await move(world, kind="hold", stages=["dev"])
    assert "auto-promotion is off" in refused.json()["targets"][0]["error"]


async def test_a_hold_ends_by_itself(world: Pipeline) -> None:
    """At its time and not before; it is told until when, and once it is over nothing of it is left."""
    first = await world.freight("1.0.0")
    await world.settled()
    answer = await move(world, kind="hold", stages=["auto"], reason="fair week", until="4h")
    end = answer.json()["targets"][0]["until"]
    assert moments.read(end) == moments.later(world.clock.now(), timedelta(hours=4)).replace(
        microsecond=0
    )
    second = await world.freight("1.0.1")
    await world.settled()
    async with serving.client(world) as client:
        path = f"/towpath/v1/projects/{PROJECT}/stages/auto/explain?freight={second}"
        gates = (await client.get(path)).json()["gates"]
        board = (await client.get(f"/towpath/v1/projects/{PROJECT}/board")).json()
        (item,) = (await client.get("/towpath/v1/me/inbox")).json()["items"]
    (hold,) = [gate for gate in gates if gate["name"] == "hold"]
    assert hold["opensAt"] == end
    assert f"until {end} (fair week)" in hold["reason"]
    (held,) = [stage["hold"] for stage in board["stages"] if "hold" in stage]
    ends_at = moments.read(end)
    assert ends_at is not None
    seconds = int(ends_at.timestamp())
    assert held[2:] == ["fair week", seconds]
    assert (item["kind"], item["until"], item["msg"]) == ("hold", seconds, "fair week")
    await world.clock.advance(4 * 3600 - 60)
    await world.settled()
    assert await world.held("auto") == first
    await world.clock.advance(120)
    await world.settled()
    assert await world.held("auto") == second
    assert not (await world.status(scheme.STAGE, "auto")).get("autoPromotionHolds")
    again = await move(world, kind="hold", stages=["auto"])
    assert "until" not in again.json()["targets"][0]


async def test_a_hold_ends_though_nothing_ran_at_its_time(tmp_path: Path) -> None:
    """The server that starts later goes on as if it had been there."""
    clock = VirtualClock()
    async with running(tmp_path, clock=clock) as world:
        await world.apply(project_document("auto"), warehouse_document(), stage_document("auto"))
        await world.freight("1.0.0")
        await world.settled()
        await move(world, kind="hold", stages=["auto"], until="1h")
        second = await world.freight("1.0.1")
        await world.settled()
        assert await world.held("auto") != second
    await clock.advance(7200)
    async with running(tmp_path, clock=clock) as world:
        await world.settled()
        assert await world.held("auto") == second


async def test_an_end_that_somebody_writes_by_hand_is_a_moment(world: Pipeline) -> None:
    """Admission says which annotation is wrong, and how it is written."""
    asked = {"Warehouse/main": {"at": "2026-01-01T00:00:00Z", "freight": "f", "until": "soon"}}
    document = stage_document("auto")
    document["metadata"]["annotations"] = {HOLDS_ASKED: json.dumps(asked)}
    with pytest.raises(Invalid, match="until: 'soon' is no moment"):
        await world.apply(document)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("soon", "neither a moment"),
        ("-4h", "is not to come"),
        ("2020-01-01T00:00:00Z", "is not to come"),
        ("9000h", "more than 366 days"),
        ("9" * 90 + "h", "more than 366 days"),
        ("9999-12-31T23:59:59Z", "more than 366 days"),
        ("9" * 101, "at most 100 characters"),
    ],
)
async def test_a_hold_ends_when_it_can_be_said(world: Pipeline, until: str, said: str) -> None:
    """What is no moment to come is refused as a whole, and nothing is held."""
    answer = await move(world, kind="hold", stages=["auto"], until=until)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


async def test_a_hold_that_a_promotion_ended_does_not_come_back(world: Pipeline) -> None:
    """The request is met once."""
    await world.freight("1.0.0")
    await world.settled()
    await move(world, kind="hold", stages=["auto"])
    await world.settled()
    second = await world.freight("1.0.1")
    await move(world, stages=["auto"], freight=second)
    await world.settled()
    third = await world.freight("1.0.2")
    await world.settled()
    assert await world.held("auto") == third


async def _held_by_hand(world: Pipeline, freight: str) -> None:
    await world.promote("auto", freight)
    await world.settled()
    kept = (await world.status(scheme.STAGE, "auto"))["autoPromotionHolds"]["Warehouse/main"]
    assert kept["promotionName"]


async def test_whoever_resumed_before_resumes_again(world: Pipeline) -> None:
    """What is held now came of a Promotion, and the same person's earlier request says nothing about it."""
    first, second = await world.freight("1.0.0"), await world.freight("1.0.1")
    await world.settled()
    for _ in range(2):
        await _held_by_hand(world, first)
        assert await world.held("auto") == first
        answer = await move(world, kind="resume", stages=["auto"])
        assert answer.json()["targets"][0]["resumed"] == ["Warehouse/main"]
        await world.settled()
        assert not (await world.status(scheme.STAGE, "auto")).get("autoPromotionHolds")
        assert await world.held("auto") == second


async def test_a_resume_with_a_key_is_made_once(world: Pipeline) -> None:
    """Made again it answers the same, and leaves a hold alone that came since."""
    first = await world.freight("1.0.0")
    await world.freight("1.0.1")
    await world.settled()
    await _held_by_hand(world, first)
    answers = [await move(world, kind="resume", stages=["auto"], key="k")]
    await world.settled()
    await _held_by_hand(world, first)
    answers.append(await move(world, kind="resume", stages=["auto"], key="k"))
    assert answers[0].text == answers[1].text
    await world.settled()
    assert (await world.status(scheme.STAGE, "auto"))["autoPromotionHolds"]


async def _cut_off(world: Pipeline, monkeypatch: pytest.MonkeyPatch, **body: Any) -> None:
    """Ask for a move of which all is done and nothing is answered."""

    def ended() -> None:
        raise Unavailable("the server ends here")

    with monkeypatch.context() as patch:
        patch.setattr(once, "BEFORE_ANSWER", ended)
        assert (await move(world, **body)).status_code == 503
    await world.settled()
    await world.clock.advance(5)


@pytest.mark.parametrize("by", ["promotion", "hold"])
async def test_a_resume_that_was_cut_off_leaves_a_newer_hold_alone(
    world: Pipeline, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """The client that makes the call again does not know that somebody holds the Stage since."""
    first = await world.freight("1.0.0")
    await world.freight("1.0.1")
    await world.settled()
    await _held_by_hand(world, first)
    await world.clock.advance(5)
    asked: dict[str, Any] = {"kind": "resume", "stages": ["auto"], "key": "k"}
    await _cut_off(world, monkeypatch, **asked)
    assert not (await world.status(scheme.STAGE, "auto")).get("autoPromotionHolds")
    if by == "promotion":
        await _held_by_hand(world, first)
    else:
        await move(world, kind="hold", stages=["auto"], reason="incident")
    await world.settled()
    again = await move(world, **asked)
    assert again.status_code == 207, again.text
    [told] = again.json()["targets"]
    assert told["result"] == "refused"
    assert "after the call with this key was made first" in told["error"]
    assert "draw a new key" in told["error"]
    await world.settled()
    assert (await world.status(scheme.STAGE, "auto"))["autoPromotionHolds"]


async def test_a_hold_that_was_cut_off_is_not_made_again_where_somebody_ended_it(
    world: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody did anything since it is told as made, and is one."""
    await world.freight("1.0.0")
    await world.settled()
    asked: dict[str, Any] = {"kind": "hold", "stages": ["auto"], "key": "k"}
    await _cut_off(world, monkeypatch, **asked)
    before = (await world.get(scheme.STAGE, "auto"))["metadata"]["annotations"][HOLDS_ASKED]
    assert (await move(world, **asked)).status_code == 200
    assert (await world.get(scheme.STAGE, "auto"))["metadata"]["annotations"][HOLDS_ASKED] == before
    await _cut_off(world, monkeypatch, **{**asked, "key": "l"})
    await move(world, kind="resume", stages=["auto"])
    await world.settled()
    again = await move(world, **{**asked, "key": "l"})
    assert results(again) == {"auto": "refused"}
    assert not (await world.status(scheme.STAGE, "auto")).get("autoPromotionHolds")


async def test_a_release_that_was_cut_off_leaves_a_newer_quarantine_alone(
    world: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is older than the call is ended by it."""
    freight = await world.freight("1.0.0")
    for key, is_newer in (("k", True), ("l", False)):
        await move(world, kind="quarantine", freight=freight, reason="broken")
        await world.clock.advance(5)
        asked: dict[str, Any] = {"kind": "release", "freight": freight, "key": key}
        if is_newer:
            await _cut_off(world, monkeypatch, **asked)
            await move(world, kind="quarantine", freight=freight, reason="broken again")
        again = await move(world, **asked)
        assert again.status_code == (409 if is_newer else 200), again.text
        metadata = (await world.get(scheme.FREIGHT, freight))["metadata"]
        assert (QUARANTINE in metadata.get("annotations", {})) == is_newer


async def test_a_hold_is_asked_for_again_where_a_promotion_holds(world: Pipeline) -> None:
    """Its reason and its end are in force, though the same was asked for before; a third time it is not asked for."""
    first = await world.freight("1.0.0")
    await world.settled()
    end = moments.whole_seconds(moments.later(world.clock.now(), timedelta(hours=4)))
    wanted: dict[str, Any] = {
        "kind": "hold",
        "stages": ["auto"],
        "reason": "fair week",
        "until": end,
    }
    await move(world, **wanted)
    await world.freight("1.0.1")
    await world.settled()
    await _held_by_hand(world, first)
    await move(world, **wanted)
    await world.settled()
    kept = (await world.status(scheme.STAGE, "auto"))["autoPromotionHolds"]["Warehouse/main"]
    assert (kept["freightName"], kept.get("promotionName", "")) == (first, "")
    asked = (await world.get(scheme.STAGE, "auto"))["metadata"]["annotations"][HOLDS_ASKED]
    await move(world, **wanted)
    assert (await world.get(scheme.STAGE, "auto"))["metadata"]["annotations"][HOLDS_ASKED] == asked


async def test_quarantined_freight_goes_nowhere_until_it_is_released(world: Pipeline) -> None:
    """Neither by hand nor by itself; the gate says who keeps it back and why."""
    first = await world.freight("1.0.0")
    await world.settled()
    await move(world, kind="quarantine", freight=first, reason="CVE-1")
    answer = await move(world, stages=["dev"], freight=first)
    (gate,) = answer.json()["targets"][0]["gates"]
    assert gate["name"] == "quarantine"
    assert "CVE-1" in gate["reason"]
    assert "admin" in gate["reason"]
    assert gate["command"].startswith(f"towpath quarantine -p {PROJECT} ")
    assert gate["command"].endswith(" --release")
    assert (await move(world, kind="release", freight=first)).status_code == 200
    assert (await move(world, stages=["dev"], freight=first)).status_code == 201


async def test_an_approval_is_told_with_its_reason(world: Pipeline) -> None:
    """And history has both."""
    freight = await world.freight("1.0.0")
    answer = await move(world, kind="approve", stages=["qa-1"], freight=freight, reason="hotfix")
    assert answer.status_code == 200, answer.text
    given = await world.store.history.approvals(HistorySelection(project=PROJECT))
    assert [(each.record.stage, each.record.reason) for each in given.items] == [("qa-1", "hotfix")]
    assert (await move(world, stages=["qa-1"], freight=freight)).status_code == 201


async def test_verify_runs_the_newest_verification_again(world: Pipeline) -> None:
    """Where there is one."""
    refused = await move(world, kind="verify", stages=["dev"])
    assert "no verification" in refused.json()["targets"][0]["error"]
    await world.promote("dev", await world.freight("1.0.0"))
    await world.settled()
    assert results(await move(world, kind="verify", stages=["dev"])) == {"dev": "verifying"}


async def test_a_key_counts_once(world: Pipeline) -> None:
    """Two clicks at once and one later make one Promotion and get one answer; a day later the key is free."""
    freight = await world.freight("1.0.0")
    asked: dict[str, Any] = {"stages": ["dev", "qa-1"], "freight": freight, "key": "sheet-1"}
    async with serving.client(world) as client:  # one server
        clicks = (client.post(PATH, json=asked) for _ in range(3))
        answers = [*await asyncio.gather(*clicks)]
    await world.settled()
    answers.append(await move(world, **asked))
    assert {each.status_code for each in answers} == {207}
    assert len({each.text for each in answers}) == 1
    assert len(await world.promotions("dev")) == 1
    other = await move(world, **{**asked, "stages": ["dev"]})
    assert other.status_code == 409
    assert "key" in other.json()["error"]
    await world.clock.advance(timedelta(days=1, seconds=1).total_seconds())
    assert (await move(world, **asked)).status_code == 201
    assert len(await world.promotions("dev")) == 2


async def test_nothing_is_kept_of_a_move_that_came_to_nothing(world: Pipeline) -> None:
    """Else whoever may look fills the disk with answers to keys. The key is free, for when it is allowed."""
    freight = await world.freight("1.0.0")
    viewer = await serving.account_token(world, PROJECT, "kargo-viewer")
    asked: dict[str, Any] = {"kind": "hold", "stages": ["dev", "x" * 5_000], "key": "k"}
    assert set(results(await move(world, viewer, **asked)).values()) == {"refused"}
    other = {**asked, "stages": ["qa-1"]}
    assert set(results(await move(world, viewer, **other)).values()) == {"refused"}
    early: dict[str, Any] = {"stages": ["qa-1"], "freight": freight, "key": "early"}
    assert results(await move(world, **early)) == {"qa-1": "refused"}
    await world.promote("dev", freight)
    await world.settled()
    assert results(await move(world, **early)) == {"qa-1": "promoted"}


async def test_keys_of_others_are_their_own(world: Pipeline) -> None:
    """Somebody else's key is no way to learn what was answered."""
    freight = await world.freight("1.0.0")
    token = await serving.account_token(world, PROJECT, "kargo-promoter")
    first = await move(world, stages=["dev"], freight=freight, key="k")
    second = await move(world, token, stages=["dev"], freight=freight, key="k")
    assert first.json()["targets"][0]["promotion"] != second.json()["targets"][0]["promotion"]


async def test_rights_are_of_each_target(world: Pipeline) -> None:
    """Who may promote to one Stage promotes there alone."""
    token = await serving.granted(
        world,
        ("stages", ["get"], []),
        ("stages", ["promote"], ["dev"]),
        ("freights", ["get"], []),
        ("promotions", ["create"], []),
    )
    freight = await world.freight("1.0.0")
    answer = await move(world, token, stages=["dev", "auto"], freight=freight)
    told = {each["stage"]: each for each in answer.json()["targets"]}
    assert results(answer) == {"dev": "promoted", "auto": "refused"}
    assert told["auto"]["status"] == 403
    for kind in ("quarantine", "approve"):
        body = {"kind": kind, "freight": freight, "reason": "x"}
        stages = {"stages": ["dev"]} if kind == "approve" else {}
        assert (await move(world, token, **body, **stages)).status_code == 403


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "stages: name at least one"),
        ({"stages": "dev", "freight": "f"}, "stages: name at least one"),
        ({"stages": ["dev", 1], "freight": "f"}, "stages: each must be"),
        ({"stages": [f"s{n}" for n in range(201)], "freight": "f"}, "at most 200"),
        ({"stages": ["dev"]}, "freight: name the Freight"),
        ({"stages": ["dev"], "freight": "f", "kind": "teleport"}, "kind: 'teleport'"),
        ({"stages": ["dev"], "freight": "f", "override": True}, "override: a shut gate"),
        ({"stages": ["dev"], "freight": "f", "ifRev": "7"}, "ifRev"),
        ({"stages": ["dev"], "freight": "f", "ifRev": True}, "ifRev"),
        ({"stages": ["dev"], "freight": "f", "reason": "x" * 1025}, "reason: at most"),
        ({"stages": ["dev"], "freight": "f", "colour": "red"}, "colour: there is no such field"),
        ({"stages": ["dev"], "freight": "f", "kind": "hold"}, "leave it out"),
        ({"kind": "quarantine", "freight": "f"}, "reason: say why"),
    ],
)
async def test_bodies_that_make_no_sense_name_the_field(
    world: Pipeline, body: dict[str, Any], told: str
) -> None:
    """400, and what to write there."""
    answer = await move(world, **body)
    assert answer.status_code == 400, answer.text
    assert told in answer.json()["error"]


async def test_a_name_that_is_no_text_is_refused(world: Pipeline) -> None:
    """JSON can escape half of a character, which could be neither looked up nor answered."""
    freight = await world.freight("1.0.0")
    of_freight = {"stages": ["dev", "\ud800"], "freight": freight}
    plan = f"/towpath/v1/projects/{PROJECT}/plan"
    asked = [(PATH, of_freight), (PATH, {**of_freight, "freight": "", "kind": "hold"})]
    async with serving.client(world) as client:
        answers = [
            await client.post(path, content=json.dumps(body))
            for path, body in (*asked, (plan, of_freight))
        ]
    for answer in answers:
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"] == "stages: a lone surrogate is not text"
    assert await made(world) == 0


async def test_a_plan_that_does_not_hold_moves_nothing(world: Pipeline) -> None:
    """Outdated, of something else, or unknown."""
    freight = await world.freight("1.0.0")
    async with serving.client(world) as client:
        planned = await client.post(
            PATH.replace("moves", "plan"), json={"stage": "dev", "freight": freight}
        )
    id_ = planned.json()["id"]
    wrong = await move(world, stages=["auto"], freight=freight, planId=id_)
    assert (wrong.status_code, wrong.json()["reason"]) == (409, "outdated")
    assert (await move(world, stages=["dev"], freight=freight, planId="x")).status_code == 404
    assert await world.promotions("dev") == []
    assert (await move(world, stages=["dev"], freight=freight, planId=id_)).status_code == 201
