"""What verifications wait for, what waits for them, soak by healthy time, and what is owed in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

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
    come_to,
    entries,
    run_of,
    runs,
    verified_stage,
)
from tests.support.well_being import WellBeing, left, turn
from towpath.cli.why.explain import stage_lines
from towpath.errors import Invalid
from towpath.resources import moments, scheme
from towpath.resources.annotations import HEALTH_DEADLINE, SOAK, UNVERIFIED_SKIP

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document


async def _begun(world: Pipeline, checks: WellBeing, stage: Document, *more: Document) -> None:
    left(world, "dev")
    checks.states["dev"] = "Progressing"
    await world.apply(project_document(), warehouse_document(), TEMPLATE, stage, *more)


async def _debt(world: Pipeline, query: str = "") -> list[dict[str, Any]]:
    async with client(world) as asking:
        answer = await asking.get(f"/towpath/v1/projects/{PROJECT}/debt{query}")
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


async def _verified(world: Pipeline) -> tuple[str, str]:
    _, reason, message = await world.condition(scheme.STAGE, "dev", "Verified")
    return reason, message


async def test_it_waits_for_health_until_a_deadline(tmp_path: Path) -> None:
    """What is waited for and until when is said; after it, why there is no verdict; it begins all the same once it is well."""
    checks = WellBeing()
    async with running(tmp_path, measuring=False, checkers=[checks]) as world:
        stage = verified_stage("web", url="u")
        stage["metadata"]["annotations"] = {HEALTH_DEADLINE: "2m"}
        await _begun(world, checks, stage)
        await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        reason, message = await _verified(world)
        until = moments.whole_seconds(world.clock.now().replace(microsecond=0))
        assert reason == "WaitingForHealth"
        assert "Progressing: dev is progressing" in message
        assert "2m0s (towpath.dev/health-deadline)" in message
        assert until < message.partition("until ")[2]
        async with client(world) as asking:
            base = f"/towpath/v1/projects/{PROJECT}/stages/dev"
            told = (await asking.get(f"{base}/explain")).json()
        assert told["verification"]["reason"] == "WaitingForHealth"
        assert told["verification"]["until"]
        assert "Verification: WaitingForHealth" in "\n".join(stage_lines(told))
        [standing] = await _debt(world)
        assert (standing["reason"], standing["owed"]) == ("Waiting", False)
        await world.clock.advance(121)
        await world.settled()
        reason, message = await _verified(world)
        assert reason == "HealthNotSettled"
        assert await runs(world) == []
        [standing] = await _debt(world, "?owed=true")
        assert (standing["reason"], standing["owed"]) == ("HealthNotSettled", True)
        await turn(world, checks, "dev", "Healthy")
        assert (await entries(world))[0]["phase"] == "Pending"
        await come_to(world, "Successful")
        [standing] = await _debt(world)
        assert (standing["verdict"], standing["owed"]) == ("Successful", False)
        assert standing["analysisRun"] == (await run_of(world)).name


async def test_a_stage_that_is_not_well_takes_the_next_one_unverified(tmp_path: Path) -> None:
    """As in Kargo; and what passed so is owed a verdict for ever."""
    checks = WellBeing()
    async with running(tmp_path, measuring=False, checkers=[checks]) as world:
        await _begun(world, checks, verified_stage("web", url="u"))
        first, second = await world.freight("1.0.0"), await world.freight("1.1.0")
        await world.promote("dev", first)
        await world.settled()
        await world.clock.advance(1)
        name = await world.promote("dev", second)
        await world.settled()
        assert await world.held("dev") == second
        await turn(world, checks, "dev", "Healthy")
        await come_to(world, "Failed", "it is broken")
        latest, passed = await _debt(world)
        assert (latest["freight"], latest["verdict"], latest["owed"]) == (second, "Failed", False)
        assert (passed["freight"], passed["reason"], passed["owed"]) == (first, "Superseded", True)
        assert f"Promotion {name}" in passed["message"]
        async with client(world) as asking:
            base = f"/towpath/v1/projects/{PROJECT}/stages/dev"
            told = (await asking.get(f"{base}/explain")).json()
        lines = "\n".join(stage_lines(told))
        assert "Freight that was here without a verdict:" in lines
        assert f"{first}  Superseded" in lines


@pytest.mark.parametrize("settles", [True, False])
async def test_a_project_may_forbid_that(tmp_path: Path, settles: bool) -> None:
    """Then the next Promotion waits until the verdict, or the deadline; the gate says which, and when."""
    checks = WellBeing()
    config = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "ProjectConfig",
        "metadata": {
            "name": PROJECT,
            "namespace": PROJECT,
            "annotations": {UNVERIFIED_SKIP: "Forbid"},
        },
        "spec": {},
    }
    async with running(tmp_path, measuring=False, checkers=[checks]) as world:
        await _begun(world, checks, verified_stage("web", url="u"), config)
        first, second = await world.freight("1.0.0"), await world.freight("1.1.0")
        await world.promote("dev", first)
        await world.settled()
        async with client(world) as asking:
            base = f"/towpath/v1/projects/{PROJECT}/stages/dev"
            told = (await asking.get(f"{base}/explain?freight={second}")).json()
            gate = next(each for each in told["gates"] if each["name"] == "turn")
            assert not gate["open"]
            assert "towpath.dev/unverifiedSkip: Forbid" in gate["reason"]
            assert gate["opensAt"]
        await world.promote("dev", second)
        await world.settled()
        assert await world.held("dev") == first
        if settles:
            await turn(world, checks, "dev", "Healthy")
            assert await world.held("dev") == first
            await come_to(world, "Failed")
        else:
            await world.clock.advance(599)
            await world.settled()
            assert await world.held("dev") == first
            await world.clock.advance(2)
            await world.settled()
        assert await world.held("dev") == second


async def test_a_wrong_policy_is_refused(tmp_path: Path) -> None:
    """With the words there are."""
    config = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "ProjectConfig",
        "metadata": {"name": PROJECT, "namespace": PROJECT, "annotations": {UNVERIFIED_SKIP: "no"}},
        "spec": {},
    }
    stage = stage_document("dev")
    stage["metadata"]["annotations"] = {SOAK: "wealthy", HEALTH_DEADLINE: "soon"}
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        with pytest.raises(Invalid, match='supported values: "Forbid", "Allow"'):
            await world.apply(config)
        with pytest.raises(Invalid) as caught:
            await world.apply(stage)
        assert 'supported values: "healthy", "all"' in str(caught.value)
        assert "health-deadline" in str(caught.value)


async def test_soak_counts_healthy_time_and_says_why_it_began_anew(tmp_path: Path) -> None:
    """The clock stands while the Stage is not well; it survives a restart of the server."""
    checks = WellBeing()
    soaking = stage_document("dev")
    soaking["metadata"]["annotations"] = {SOAK: "healthy"}
    downstream = stage_document("prod", "dev", soak="10m")

    async def gate(world: Pipeline, freight: str) -> dict[str, Any]:
        async with client(world) as asking:
            base = f"/towpath/v1/projects/{PROJECT}/stages/prod"
            told = (await asking.get(f"{base}/explain?freight={freight}")).json()
        found: dict[str, Any] = next(each for each in told["gates"] if each["name"] == "soaked")
        return found

    async with running(tmp_path, measuring=False, checkers=[checks]) as world:
        left(world, "dev")
        await world.apply(project_document(), warehouse_document(), soaking, downstream)
        freight = await world.freight("1.0.0")
        await world.promote("dev", freight)
        await world.settled()
        await world.clock.advance(480)
        await world.settled()
        shut = await gate(world, freight)
        assert not shut["open"]
        assert shut["opensAt"]
        assert "dev (8m0s of 10m0s, healthy since" in shut["reason"]
        await turn(world, checks, "dev", "Unhealthy")
        stands = await gate(world, freight)
        assert not stands["opensAt"]
        assert "its clock stands since" in stands["reason"]
        assert "after 1 restart: health Unhealthy: dev is unhealthy" in stands["reason"]
        await world.clock.advance(600)
        await world.settled()
        assert not (await gate(world, freight))["open"]
        await turn(world, checks, "dev", "Healthy")
        with pytest.raises(Invalid, match="soaked"):
            await world.promote("prod", freight)
    async with running(tmp_path, measuring=False, checkers=[checks], clock=world.clock) as world:
        left(world, "dev")
        await world.settled()
        runs_again = await gate(world, freight)
        assert "after 1 restart: health Unhealthy" in runs_again["reason"]
        await world.clock.advance(601)
        await world.settled()
        assert (await gate(world, freight))["open"]
        await world.promote("prod", freight)
        await world.settled()
        assert await world.held("prod") == freight


async def test_what_it_had_soaked_is_kept_when_it_leaves(tmp_path: Path) -> None:
    """Of healthy time alone; and the clock goes with it, as it does when the Stage counts all time again."""
    checks = WellBeing()
    soaking = stage_document("dev")
    soaking["metadata"]["annotations"] = {SOAK: "healthy"}
    async with running(tmp_path, measuring=False, checkers=[checks]) as world:
        left(world, "dev")
        await world.apply(project_document(), warehouse_document(), soaking)
        first = await world.freight("1.0.0")
        await world.promote("dev", first)
        await world.settled()
        await world.clock.advance(100)
        await turn(world, checks, "dev", "Unhealthy")
        await turn(world, checks, "dev", "Healthy")
        await world.clock.advance(48)
        second = await world.freight("1.1.0")
        await world.promote("dev", second)
        await world.settled()
        status = await world.status(scheme.FREIGHT, first)
        soaked = status["verifiedIn"]["dev"]["longestSoak"]
        # From when it was recorded well again, seven seconds before the 48, to the Promotion one second after them.
        assert soaked == "56s"
        assert "metadata" not in status
        assert "dev" in (await world.status(scheme.FREIGHT, second))["metadata"][SOAK]
        metadata = {**soaking["metadata"], "annotations": {}}
        await world.writer.update({**soaking, "metadata": metadata}, USER)
        await world.settled()
        assert SOAK not in (
            (await world.get(scheme.STAGE, "dev"))["metadata"].get("annotations") or {}
        )
        assert "metadata" not in await world.status(scheme.FREIGHT, second)
