"""Each thing that hooks can hear of reaches one once, from the controllers and servers that make it happen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hooking import hook_document
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import client
from tests.support.verifying import (
    TEMPLATE,
    ask,
    come_to,
    entries,
    verified_stage,
)
from tests.support.well_being import WellBeing, left, turn
from towpath.app.metrics import hooks as hook_metrics
from towpath.promotion.step import Errored, Failed, Outcome
from towpath.resources import scheme
from towpath.resources.annotations import ABORT
from towpath.resources.happening import NAMES
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document

OWN = f"/towpath/v1/projects/{PROJECT}"
VERDICTS = {
    "verification-succeeded": "Successful",
    "verification-failed": "Failed",
    "verification-errored": "Error",
    "verification-inconclusive": "Inconclusive",
}
UNHEARD = {"verification-unknown"}
"""No controller of ours comes to it: it is there for a phase that somebody else wrote."""


def all_ears() -> Document:
    """Return a hook that hears of everything."""
    return hook_document("ears", events=list(NAMES))


async def heard(world: Pipeline) -> Counter[str]:
    """Return how often the hook heard of what."""
    await world.settled()
    page = await world.store.list(Query(kind=scheme.HOOK_RUN, namespace=PROJECT))
    assert {item.document["status"]["phase"] for item in page.items} <= {"Succeeded"}
    return Counter(item.document["spec"]["event"]["event"] for item in page.items)


@pytest.mark.parametrize("event", VERDICTS)
async def test_each_verdict_is_heard_of_once(tmp_path: Path, event: str) -> None:
    """With the Promotion's own beginning and end."""
    async with running(tmp_path, measuring=False) as world:
        stage = verified_stage("web", url="u")
        await world.apply(project_document(), warehouse_document(), TEMPLATE, stage, all_ears())
        await world.promote("dev", await world.freight("1"))
        await world.settled()
        await come_to(world, VERDICTS[event])
        found = await heard(world)
    promoted = dict.fromkeys(
        ("promotion-created", "promotion-started", "promotion-succeeded", event), 1
    )
    assert found == promoted


async def test_a_verification_that_is_given_up_is_heard_of_once(tmp_path: Path) -> None:
    """By a user."""
    async with running(tmp_path, measuring=False) as world:
        stage = verified_stage("web", url="u")
        await world.apply(project_document(), warehouse_document(), TEMPLATE, stage, all_ears())
        await world.promote("dev", await world.freight("1"))
        await world.settled()
        await ask(world, ABORT, (await entries(world))[0]["id"])
        found = await heard(world)
    assert found["verification-aborted"] == 1
    assert sum(found.values()) == 4


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ("promotion-failed", Failed(message="no")),
        ("promotion-errored", Errored(message="no", final=True)),
    ],
)
async def test_each_end_of_a_promotion_is_heard_of_once(
    tmp_path: Path, event: str, outcome: Outcome
) -> None:
    """After which nobody knows the Stage's health, which is heard of as well."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(), warehouse_document(), stage_document("dev"), all_ears()
        )
        world.work.outcomes["step-1"] = lambda: outcome
        await world.promote("dev", await world.freight("1"))
        found = await heard(world)
    assert found == dict.fromkeys(
        ("promotion-created", "promotion-started", event, "health-changed"), 1
    )


async def test_a_promotion_that_is_ended_is_heard_of_once(tmp_path: Path) -> None:
    """Before its turn has come."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(), warehouse_document(), stage_document("dev"), all_ears()
        )
        name = await world.promote("dev", await world.freight("1"))
        ref = Ref(scheme.PROMOTION, PROJECT, name)
        await world.writer.annotate(ref, {ABORT: '{"action": "terminate"}'}, USER)
        found = await heard(world)
    assert found["promotion-aborted"] == 1
    assert "promotion-succeeded" not in found


async def test_a_health_that_changes_is_heard_of_once_for_each_change(tmp_path: Path) -> None:
    """There and back."""
    checks = WellBeing()
    async with running(tmp_path, checkers=[checks]) as world:
        left(world, "dev")
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            hook_document("ears", events=["health-changed"], steps=[_say("ears")]),
        )
        await world.promote("dev", await world.freight("1"))
        await world.settled()
        assert await heard(world) == {}
        await turn(world, checks, "dev", "Unhealthy")
        await turn(world, checks, "dev", "Unhealthy")
        assert await heard(world) == {"health-changed": 1}
        await turn(world, checks, "dev", "Healthy")
        assert await heard(world) == {"health-changed": 2}


async def test_a_hold_its_end_and_an_approval_are_heard_of_once(tmp_path: Path) -> None:
    """Holds of auto-promotion come of Promotions by hand; somebody approves over the API."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            stage_document("dev"),
            hook_document("ears", events=["held", "resumed", "freight-approved"]),
        )
        older, newest = await world.freight("1"), await world.freight("2")
        await world.settled()
        await world.promote("dev", older)
        assert await heard(world) == {"held": 1}
        await world.promote("dev", newest)
        assert await heard(world) == {"held": 1, "resumed": 1}
        async with client(world) as http:
            for _ in range(2):
                path = f"/v1beta1/projects/{PROJECT}/freight/{older}/approve?stage=dev"
                assert (await http.post(path)).status_code == 200
        assert await heard(world) == {"held": 1, "resumed": 1, "freight-approved": 1}


def test_all_that_hooks_can_hear_of_is_here() -> None:
    """But what nobody says."""
    here = {
        *VERDICTS,
        *("verification-aborted", "promotion-created", "promotion-started", "promotion-succeeded"),
        *("promotion-failed", "promotion-errored", "promotion-aborted", "health-changed"),
        *("held", "resumed", "freight-approved"),
    }
    assert here | UNHEARD == set(NAMES)


def _say(alias: str) -> dict[str, Any]:
    return {"uses": "compose-output", "as": alias, "config": {"heard": "${{ ctx.event.type }}"}}


async def test_the_log_the_explanation_and_the_metrics_tell_of_runs(tmp_path: Path) -> None:
    """Of one that goes wrong, until it has gone well; then the Stage's explanation is silent of it."""
    async with running(tmp_path) as world:
        hook = hook_document(blocking=True, retry={"attempts": 2, "backOff": "1m"})
        await world.apply(project_document(), warehouse_document(), stage_document("dev"), hook)
        world.work.outcomes["tell"] = lambda: Failed(message="the page is down")
        await world.promote("dev", await world.freight("1"))
        await world.settled()
        [run] = (await world.store.list(Query(kind=scheme.HOOK_RUN))).items
        path = f"{OWN}/hookruns/{run.ref.name}/log"
        async with client(world) as http:
            told = (await http.get(f"{OWN}/stages/dev/explain")).json()["hooks"]
            log = (await http.get(path)).json()
            assert (await http.get(f"{OWN}/hookruns/none/log")).status_code == 404
            stranger = await http.get(path, headers={"Authorization": "Bearer other"})
            assert stranger.status_code == 401
        assert _numbers(world)["towpath_hook_runs_waiting", ""] == 1
        assert _numbers(world)["towpath_hook_runs_retried_total", ""] == 1
        assert (told[0]["run"], told[0]["hook"], told[0]["event"]) == (
            run.ref.name,
            "tell",
            "promotion-succeeded",
        )
        assert (told[0]["phase"], told[0]["blocking"]) == ("Pending", True)
        assert "the page is down" in told[0]["message"]
        assert log["done"] is False
        assert log["lines"][0]["message"].startswith("PromotionSucceeded")
        assert [line["status"] for line in log["lines"]][-1] == "Failed"
        del world.work.outcomes["tell"]
        await world.clock.advance(55)
        numbers = _numbers(world)
        assert numbers["towpath_hook_runs_oldest_seconds", ""] >= 55
        await world.clock.advance(6)
        await world.settled()
        async with client(world) as http:
            assert "hooks" not in (await http.get(f"{OWN}/stages/dev/explain")).json()
            log = (await http.get(path)).json()
        assert log["done"] is True
        assert log["lines"][-1]["status"] == "Succeeded"
        numbers = _numbers(world)
    assert numbers["towpath_hook_runs_waiting", ""] == 0
    assert numbers["towpath_hook_runs_oldest_seconds", ""] == 0
    assert numbers["towpath_hook_runs_total", "Succeeded"] == 1
    assert numbers["towpath_happenings_taken_total", "hooks"] > 0
    assert numbers["towpath_happenings_passed_over_total", "hooks"] == 0
    assert numbers["towpath_happenings_waiting_seconds", "hooks"] == 0


def _numbers(world: Pipeline) -> dict[tuple[str, str], float]:
    found = hook_metrics.families(world.hook_runs, world.dispatcher, world.clock.now())
    return {
        (family.name, "".join(labels.values())): value
        for family in found
        for labels, value in family.samples
    }
