"""`explain` tells the gates that admission and auto-promotion go by, in the same words, and no more than one may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.cli.why.explain import stage_lines
from towpath.promotion.step import Waiting
from towpath.resources import moments, scheme
from towpath.resources.annotations import CLAIMS
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from towpath.store.contract import Document

Gates = dict[str, dict[str, Any]]
FIELDS = {"name", "open", "reason", "bars", "means", "since", "opensAt", "opensBy", "command"}


async def _gates(
    world: Pipeline, stage: str, freight: str = "", token: str = serving.TOKEN
) -> Gates:
    query = f"?freight={freight}" if freight else ""
    async with serving.client(world, token) as client:
        path = f"/towpath/v1/projects/{PROJECT}/stages/{stage}/explain{query}"
        told = (await client.get(path)).json()
    assert all(set(gate) - {"remedy", "who", "evidence"} == FIELDS for gate in told["gates"])
    assert not any(gate["open"] and "remedy" in gate for gate in told["gates"])
    return {gate["name"]: gate for gate in told["gates"]}


def _shut(gates: Gates, *bars: str) -> list[str]:
    return [name for name, gate in gates.items() if not gate["open"] and gate["bars"] in bars]


def _with_steps(*steps: Document) -> Document:
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = list(steps)
    return stage


async def _nothing(_: Pipeline, __: str) -> None:
    """Nothing is in the way: the Stage has taken it."""


async def _failed(world: Pipeline, _: str) -> None:
    world.work.fail("dev")


CASES: dict[str, tuple[list[Document], Callable[[Pipeline, str], Awaitable[None]], list[str]]] = {
    "taken": ([project_document("dev"), stage_document("dev")], _nothing, ["present"]),
    "off": ([project_document("dve"), stage_document("dev")], _nothing, ["policy"]),
    "failed": ([project_document("dev"), stage_document("dev")], _failed, ["tried"]),
    "no task": (
        [project_document("dev"), _with_steps({"task": {"name": "deploy"}})],
        _nothing,
        ["tasks", "refusal"],
    ),
    "no step": (
        [project_document("dev"), _with_steps({"uses": "wrok"})],
        _nothing,
        ["tried", "steps"],
    ),
    "not verified": (
        [project_document("dev"), stage_document("dev", "first"), stage_document("first")],
        _nothing,
        ["verified"],
    ),
    "upstream gone": (
        [project_document("dev"), stage_document("dev", "frist")],
        _nothing,
        ["verified", "sources"],
    ),
    "soaking": (
        [
            project_document("dev", "first"),
            stage_document("dev", "first", soak="1h"),
            stage_document("first"),
        ],
        _nothing,
        ["soaked"],
    ),
    "flow": ([project_document("dev"), stage_document("dev", steps=False)], _nothing, ["stage"]),
}


async def _same_in_lens_and_terminal(world: Pipeline, freight: str, gates: Gates) -> None:
    """Whoever looks at the board, asks why, or types a command reads of the same gate, in the same words.

    But that a Stage which controls the flow alone has no steps: it keeps nothing from what it lets through.
    """
    async with serving.client(world) as client:
        path = f"/towpath/v1/projects/{PROJECT}"
        row = (await client.get(f"{path}/lens?freight={freight}")).json()["stages"]["dev"]
        told = (await client.get(f"{path}/stages/dev/explain?freight={freight}")).json()
    typed = "\n".join(stage_lines(told))
    state, first, opens_at = [*row, *("", "", 0)[len(row) :]][:3]
    barred = _shut(gates, "promotion")
    if "only controls the flow" in gates["stage"]["reason"]:
        barred.remove("stage")
    if state in ("waits", "was", "failed") and barred:
        gate = gates[barred[0]]
        assert first == gate["name"]
        known = moments.read(gate["opensAt"])
        assert opens_at == (int(known.timestamp()) if known is not None else 0)
    for gate in gates.values():
        assert gate["open"] or gate["reason"] in typed
    if told.get("then"):
        assert told["then"][0]["stage"] == "dev"


@pytest.mark.parametrize("case", CASES)
async def test_what_is_told_is_what_is_done(tmp_path: Path, case: str) -> None:
    """The Stage took the Freight unless a gate kept it; admission refuses while one bars everybody, naming it."""
    documents, prepare, wanted = CASES[case]
    async with running(tmp_path) as world:
        project, *others = documents
        await world.apply(project, warehouse_document(), *others)
        await prepare(world, "dev")
        freight = await world.freight("1.0.0")
        await world.settled()
        gates = await _gates(world, "dev", freight)
        assert _shut(gates, "promotion", "autoPromotion", "success") + _shut(
            {"sources": gates["sources"]}, "newFreight"
        ) == [name for name in gates if name in wanted]
        await _same_in_lens_and_terminal(world, freight, gates)
        promotions = await world.promotions("dev")
        if promotions:
            assert not _shut(gates, "promotion")
            assert _shut(gates, "autoPromotion")  # or it would be promoted again
        barred = _shut(gates, "promotion")
        if not barred:
            await world.promote("dev", freight)
            return
        with pytest.raises(errors.Invalid) as refused:
            await world.promote("dev", freight)
        for name in barred:
            assert f"{name}: {gates[name]['reason']}" in str(refused.value)


async def test_policies_say_which_stage_they_miss(tmp_path: Path) -> None:
    """A slip of the pen is told where it is looked for."""
    async with running(tmp_path) as world:
        await world.apply(
            *(project_document("tset", "dev"), warehouse_document()),
            *(stage_document("test"), stage_document("dev")),
        )
        await world.freight("1.0.0")
        gate = (await _gates(world, "test"))["policy"]
        assert gate["reason"] == (
            "auto-promotion is off here: no policy matches Stage test; tset matches no Stage"
        )
        assert gate["command"] == f"towpath get projectconfig -p {PROJECT} -o yaml"


async def test_what_failed_before_is_told_however_long_ago(tmp_path: Path) -> None:
    """Others came and succeeded since."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        world.work.fail("dev")
        first = await world.freight("1.0.0")
        await world.settled()
        world.work.outcomes.clear()
        for tag in ("1.1.0", "1.2.0"):
            await world.freight(tag)
            await world.settled()
        gates = await _gates(world, "dev", first)
        assert _shut(gates, "promotion", "autoPromotion") == ["newest", "tried"]


async def test_a_hold_is_opened_by_its_command(tmp_path: Path) -> None:
    """Older Freight is promoted by hand: the newest waits, and says who asked for that and what resumes."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        first = await world.freight("1.0.0")
        await world.settled()
        await world.freight("1.1.0")
        await world.settled()
        by_hand = await world.promote("dev", first)
        await world.settled()
        gates = await _gates(world, "dev")
        assert _shut(gates, "promotion", "autoPromotion") == ["hold"]
        held = [{"kind": "Promotion", "name": by_hand}, {"kind": "Freight", "name": first}]
        assert gates["hold"]["evidence"] == held
        assert "was promoted by hand by" in gates["hold"]["reason"]
        assert gates["hold"]["since"]
        assert gates["hold"]["command"] == (
            f"towpath promote -p {PROJECT} --stage dev --warehouse main"
        )
        older = await _gates(world, "dev", first)
        assert _shut(older, "promotion", "autoPromotion") == ["hold", "newest", "present"]


async def test_time_opens_the_gate_it_names(tmp_path: Path) -> None:
    """At that moment, without anything else."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev", "prod"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev", soak="1h"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        gate = (await _gates(world, "prod"))["soaked"]
        assert gate["since"] < gate["opensAt"]
        assert gate["opensBy"] == [
            "time",
            "who may promote to Stage prod, by approving the Freight for it",
        ]
        await world.clock.advance(3_600)
        await world.settled()
        assert await world.held("prod") == freight
        assert (await _gates(world, "prod"))["soaked"]["open"]


async def test_a_warehouse_that_is_not_there_and_one_that_cannot_look(tmp_path: Path) -> None:
    """The first is named with what is like it, the second with its condition and its next try."""
    async with running(tmp_path) as world:
        lost = stage_document("lost")
        lost["spec"]["requestedFreight"][0]["origin"]["name"] = "mian"
        world.images.error = errors.Forbidden("the registry wants a password")
        await world.apply(
            project_document(), warehouse_document(automatic=True), stage_document("dev"), lost
        )
        await world.settled()
        gate = (await _gates(world, "lost"))["warehouse"]
        assert gate["reason"] == "Warehouse mian does not exist; there is main"
        gates = await _gates(world, "dev")
        assert gates["exists"]["reason"] == "there is no Freight of Warehouse/main yet"
        assert (
            "the registry wants a password; the next look is at 2" in gates["warehouse"]["reason"]
        )
        assert gates["warehouse"]["since"]
        assert gates["warehouse"]["evidence"] == [{"kind": "Warehouse", "name": "main"}]
        world.images.error, world.images.tags = None, ["1.0.0"]
        await world.clock.advance(400)
        await world.settled()
        assert (await _gates(world, "dev"))["warehouse"]["open"]


async def test_a_promotion_under_way_has_its_turn_first(tmp_path: Path) -> None:
    """Another can be asked for, and waits."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        world.work.outcomes["dev"] = lambda: Waiting(waiting_for="ever")
        name = await world.promote("dev", freight)
        await world.settled()
        gates = await _gates(world, "dev")
        assert gates["turn"]["reason"] == f"Promotion {name} is under way"
        assert gates["turn"]["command"] == f"towpath explain promotion/{name} -p {PROJECT}"
        assert gates["carried"]["reason"].startswith(f"Promotion {name} carries Freight")
        for gate in (gates["turn"], gates["carried"]):
            assert gate["evidence"] == [{"kind": "Promotion", "name": name}]
        assert _shut(gates, "promotion") == []


async def test_what_one_may_not_see_is_not_told(tmp_path: Path) -> None:
    """That a gate is shut is told to who may see the Stage; why, to who may see what it is about."""
    async with running(tmp_path) as world:
        world.images.error = errors.Forbidden("the registry wants a password")
        await world.apply(
            project_document(), warehouse_document(automatic=True), stage_document("dev")
        )
        await world.freight("1.0.0")
        await world.settled()
        few: tuple[tuple[str, list[str], list[str]], ...] = (
            ("stages", ["get"], ["dev"]),
            ("freights", ["list"], []),
            ("promotions", ["list"], []),
        )
        token = await serving.granted(world, *few)
        gates = await _gates(world, "dev", token=token)
        for name, plural in (("warehouse", "warehouses"), ("policy", "projectconfigs")):
            gate = gates[name]
            assert not gate["open"]
            assert gate["reason"] == f"it is told to who may get {plural} of Project {PROJECT}"
            assert (gate["opensBy"], gate["command"]) == ([], "")
        token = await serving.granted(
            world, *few, ("warehouses", ["get"], []), account="of-warehouses"
        )
        gates = await _gates(world, "dev", token=token)
        assert "wants a password" in gates["warehouse"]["reason"]
        assert gates["policy"]["reason"].startswith("it is told to")


async def test_what_a_verification_above_came_to_is_told_to_who_may_see_its_stage(
    tmp_path: Path,
) -> None:
    """Nobody has to look for the Stage that holds Freight back, or for why."""
    async with running(tmp_path, measuring=False) as world:
        dev = stage_document("dev")
        dev["metadata"]["annotations"] = {"towpath.dev/smoke": "url: https://dev.example.com/"}
        await world.apply(
            project_document(), warehouse_document(), dev, stage_document("prod", "dev")
        )
        await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        told = "not verified in dev yet (dev: its verification is under way)"
        gate = (await _gates(world, "prod"))["verified"]
        assert gate["reason"] == told
        assert [each["kind"] for each in gate["evidence"]] == ["AnalysisRun", "Stage"]
        assert gate["evidence"][1]["name"] == "dev"
        token = await serving.granted(
            world,
            ("stages", ["get"], ["prod"]),
            ("freights", ["list"], []),
            ("promotions", ["list"], []),
        )
        gates = await _gates(world, "prod", token=token)
        assert gates["verified"]["reason"] == "not verified in dev yet"
        assert "evidence" not in gates["verified"]


async def test_runs_of_hooks_that_have_not_succeeded_are_told(tmp_path: Path) -> None:
    """With why, also of a hook that blocks nothing; not to who may not list them."""
    async with running(tmp_path) as world:
        hook: Document = {
            "apiVersion": "towpath.dev/v1alpha1",
            "kind": "StageHook",
            "metadata": {"name": "tell", "namespace": PROJECT},
            "spec": {
                "stageSelector": {"name": "dev"},
                "events": ["promotion-succeeded"],
                "retry": {"attempts": 1},
                "steps": [{"uses": "work", "as": "tell"}],
            },
        }
        world.work.fail("tell")
        await world.apply(project_document(), warehouse_document(), stage_document("dev"), hook)
        freight = await world.freight("1.0.0")
        await world.settled()
        path = f"/towpath/v1/projects/{PROJECT}/stages/dev/explain"
        async with serving.client(world) as client:
            assert "hooks" not in (await client.get(path)).json()
            await world.promote("dev", freight)
            await world.settled()
            [told] = (await client.get(path)).json()["hooks"]
        assert (told["hook"], told["event"]) == ("tell", "promotion-succeeded")
        assert told["phase"] in ("Failed", "Errored")
        assert "the step said no" in told["message"]
        assert not told["blocking"]
        token = await serving.granted(
            world,
            ("stages", ["get"], []),
            ("freights", ["list"], []),
            ("promotions", ["list"], []),
        )
        async with serving.client(world, token) as client:
            assert "hooks" not in (await client.get(path)).json()


async def test_downstream_names_the_gates_of_every_stage(tmp_path: Path) -> None:
    """A task that is missing in one keeps all from being promoted to, as an unverified Freight does."""
    async with running(tmp_path) as world:
        broken = stage_document("broken", "dev")
        broken["spec"]["promotionTemplate"]["spec"]["steps"] = [{"task": {"name": "gone"}}]
        await world.apply(
            project_document("dev"), warehouse_document(), stage_document("dev"), broken
        )
        await world.apply(stage_document("good", "dev"))
        freight = await world.freight("1.0.0")
        await world.settled()
        path = f"/v1beta1/projects/{PROJECT}/stages/dev/promotions/downstream"
        async with serving.client(world) as client:
            refused = await client.post(path, json={"freight": freight})
        assert refused.status_code == 400
        gate = (await _gates(world, "broken", freight))["tasks"]
        assert f"broken: tasks: {gate['reason']}" in refused.json()["error"]
        assert await world.promotions("good") == []


async def test_who_can_open_a_gate_is_told_and_what_comes_then(tmp_path: Path) -> None:
    """By bindings as they are now; people who are mapped to an account are told by their claims. Then: all Stages behind."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("first"),
            stage_document("dev", "first"),
            stage_document("last", "dev"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        await serving.granted(world, ("stages", ["promote"], ["dev"]), account="managers")
        before = (await _gates(world, "dev", freight))["verified"]
        ref = Ref(scheme.SERVICE_ACCOUNT, PROJECT, "managers")
        claims = '{"groups": ["release-managers"]}'
        await world.writer.annotate(ref, {CLAIMS: claims}, USER)
        gates = await _gates(world, "dev", freight)
        other = await _gates(world, "last", freight)
        async with serving.client(world) as client:
            path = f"/towpath/v1/projects/{PROJECT}/stages/first/explain?freight={freight}"
            answer = await client.get(path)
            small = await client.get(f"{path}&only=shut")
            assert (await client.get(f"{path}&only=x")).status_code == 400
    assert len(small.content) <= 3072
    assert small.json()["gates"] == [each for each in answer.json()["gates"] if not each["open"]]
    assert "ServiceAccount/managers" in before["who"]
    assert "groups/release-managers" in gates["verified"]["who"]
    assert "ServiceAccount/managers" not in gates["verified"]["who"]
    assert "groups/release-managers" not in other["verified"]["who"]
    assert gates["verified"]["remedy"]["verb"] == "approve"
    assert gates["verified"]["remedy"]["url"].endswith("/moves")
    assert gates["verified"]["remedy"]["command"] == gates["verified"]["command"]
    then = answer.json()["then"]
    assert [each["stage"] for each in then] == ["first", "dev", "last"]
    assert then[0]["state"] == "can"
    assert [each["gate"] for each in then[1:]] == ["verified", "verified"]
    assert then[0]["earliest"] <= then[1]["earliest"] <= then[2]["earliest"]
    assert not any("latest" in each for each in then), "somebody must act first"
