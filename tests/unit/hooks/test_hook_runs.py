"""Which hooks hear of what happened, whoever hands it on late or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.stores import ACTOR, document, opened
from towpath.hooks import hook_index, hook_runs
from towpath.hooks.hook_runs import HookRuns
from towpath.resources import scheme
from towpath.resources.happening import Happening
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from towpath.store.contract import Store


def _happening(name: str, revision: int, **more: Any) -> Happening:
    return Happening(
        name=name,
        type="PromotionSucceeded",
        event="promotion-succeeded",
        project="shop",
        stage="dev",
        revision=revision,
        **more,
    )


async def _hook(store: Store, name: str, **spec: Any) -> int:
    made = {
        "stageSelector": {"matchLabels": {"tier": "front"}},
        "events": ["promotion-succeeded"],
        "steps": [{"uses": "work"}],
        **spec,
    }
    return (await store.create(document(scheme.STAGE_HOOK, name, spec=made), actor=ACTOR)).revision


async def _runs(store: Store) -> list[tuple[str, str]]:
    page = await store.list(Query(kind=scheme.HOOK_RUN))
    specs = [item.document["spec"] for item in page.items]
    return sorted((spec["hook"], spec["event"]["name"]) for spec in specs)


async def test_a_hook_hears_of_what_happened_after_it_was_made(tmp_path: Path) -> None:
    """Also where what happened before is handed on only then, and whatever is handed on twice."""
    async with opened(tmp_path) as store:
        stage = document(scheme.STAGE, "dev", labels={"tier": "front"}, spec={})
        before = (await store.create(stage, actor=ACTOR)).revision
        first = await _hook(store, "first")
        between = first
        later = await _hook(store, "later")
        taking = HookRuns(store)
        happened = [
            _happening("a", before),
            _happening("b", between + 1),
            _happening("c", later + 1),
        ]
        await taking.take(happened)
        await taking.take(happened)
        await HookRuns(store).take(happened)
        assert await _runs(store) == [("first", "b"), ("first", "c"), ("later", "c")]


async def test_a_stage_that_is_gone_or_not_meant_has_nothing_run(tmp_path: Path) -> None:
    """Nor has one of another Project."""
    async with opened(tmp_path) as store:
        await store.create(document(scheme.STAGE, "dev", spec={}), actor=ACTOR)
        made = await _hook(store, "first")
        taking = HookRuns(store)
        await taking.take([_happening("a", made + 1)])
        assert await _runs(store) == []


async def test_what_is_very_long_in_a_payload_is_left_out(tmp_path: Path) -> None:
    """Steps can look it up."""
    async with opened(tmp_path) as store:
        stage = document(scheme.STAGE, "dev", labels={"tier": "front"}, spec={})
        await store.create(stage, actor=ACTOR)
        made = await _hook(store, "first")
        payload = {"freight-commits": "x" * 20_000, "actor": "a"}
        await HookRuns(store).take([_happening("a", made + 1, payload=payload)])
        [run] = (await store.list(Query(kind=scheme.HOOK_RUN))).items
        assert run.document["spec"]["event"]["payload"] == {"actor": "a"}


async def test_a_run_that_is_too_large_says_so_and_keeps_nothing_waiting(tmp_path: Path) -> None:
    """A default of a task that each of its steps gets would be stored once for each of them."""
    async with opened(tmp_path) as store:
        stage = document(scheme.STAGE, "dev", labels={"tier": "front"}, spec={})
        await store.create(stage, actor=ACTOR)
        steps = [{"uses": "work"}] * 100
        task = {"vars": [{"name": "text", "value": "x" * 100_000}], "steps": steps}
        await store.create(document(scheme.PROMOTION_TASK, "much", spec=task), actor=ACTOR)
        await _hook(store, "large", steps=[{"task": {"name": "much"}}])
        made = await _hook(store, "small")
        await HookRuns(store).take([_happening("a", made + 1, payload={"actor": "a"})])
        assert await _runs(store) == [("large", "a"), ("small", "a")]
        large, small = (await store.list(Query(kind=scheme.HOOK_RUN))).items
        assert "too large together" in large.document["spec"]["problem"]
        assert "steps" not in large.document["spec"]
        assert "problem" not in small.document["spec"]


async def test_a_condition_that_is_much_work_keeps_nobody_waiting(tmp_path: Path) -> None:
    """All that happens waits behind it: its run is made, and says why it fails."""
    async with opened(tmp_path) as store:
        stage = document(scheme.STAGE, "dev", labels={"tier": "front"}, spec={})
        await store.create(stage, actor=ACTOR)
        much = "${{ all(1..900, {all(1..900, {# > 0})}) }}"
        made = await _hook(store, "heavy", when=much)
        await HookRuns(store).take([_happening("a", made + 1)])
        [run] = (await store.list(Query(kind=scheme.HOOK_RUN))).items
        assert "more work than may be done" in run.document["spec"]["problem"]


async def test_what_hooks_run_is_kept_within_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, and however large: what is not kept is read again; all runs are made, in order."""
    monkeypatch.setattr(hook_index, "_MOST_KEPT", 300)
    monkeypatch.setattr(hook_runs, "_VALUES_AT_ONCE", 300)
    async with opened(tmp_path) as store:
        stage = document(scheme.STAGE, "dev", labels={"tier": "front"}, spec={})
        await store.create(stage, actor=ACTOR)
        steps = [{"uses": "work", "config": {f"k{each}": each for each in range(100)}}]
        made = max([await _hook(store, f"hook-{number}", steps=steps) for number in range(8)])
        taking = HookRuns(store)
        happened = [_happening("a", made + 1), _happening("b", made + 2)]
        await taking.take(happened)
        assert len(await _runs(store)) == 16
        index = taking._index
        assert index._kept == sum(each.values for each in index._steps.values()) <= 300
        assert index._steps


async def test_a_run_has_the_steps_that_hook_and_task_have_when_it_is_made(tmp_path: Path) -> None:
    """Whatever was kept of them."""
    async with opened(tmp_path) as store:
        stage = document(scheme.STAGE, "dev", labels={"tier": "front"}, spec={})
        await store.create(stage, actor=ACTOR)
        task = {"steps": [{"uses": "old"}]}
        await store.create(document(scheme.PROMOTION_TASK, "much", spec=task), actor=ACTOR)
        made = await _hook(store, "first", steps=[{"task": {"name": "much"}}])
        taking = HookRuns(store)
        await taking.take([_happening("a", made + 1)])
        changed = document(scheme.PROMOTION_TASK, "much", spec={"steps": [{"uses": "new"}]})
        await store.update(changed, actor=ACTOR)
        await taking.take([_happening("b", made + 2)])
        runs = [
            item.document["spec"] for item in (await store.list(Query(kind=scheme.HOOK_RUN))).items
        ]
        used = {run["event"]["name"]: run["steps"][0]["uses"] for run in runs}
        assert used == {"a": "old", "b": "new"}
