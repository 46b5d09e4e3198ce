"""Events that were not handed on stay, and so do runs that hold something up, or whose Event may come again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import ACTOR, document, opened
from towpath.admission.writer import Writer
from towpath.clock import VirtualClock
from towpath.controllers.retention import RetentionReconciler
from towpath.resources import scheme
from towpath.resources.hook_run import HookRun
from towpath.resources.kinds import Ref
from towpath.resources.structs import view
from towpath.rules.retention import Retention, hook_runs_to_delete
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path


def _run(number: int, phase: str = "Succeeded", *, blocking: bool = False) -> HookRun:
    made = VirtualClock().now() + timedelta(hours=number)
    found: dict[str, Any] = {
        "metadata": {"name": f"r{number}", "creationTimestamp": made.isoformat()},
        "spec": {
            "hook": "h",
            "stage": "dev",
            "event": {"name": "e", "type": "t", "revision": number},
            "blocking": blocking,
        },
        "status": {"phase": phase},
    }
    return view(HookRun, found)


def test_the_newest_and_the_young_stay_and_so_does_what_has_not_ended_or_blocks() -> None:
    """Of very many, the young go as well."""
    now = VirtualClock().now() + timedelta(days=30)
    keeping = Retention(newest=2, minimum_age_seconds=29 * 86400.0, most_runs=5)
    runs = [_run(number) for number in range(30)]
    runs += [_run(40, "Running"), _run(1, "Failed", blocking=True), _run(2, "Pending")]
    gone = {run.metadata.name for run in hook_runs_to_delete(runs, now=now, retention=keeping)}
    assert gone == {f"r{number}" for number in range(25)}
    held_up = [_run(1, "Failed", blocking=True), *(_run(number) for number in range(10, 20))]
    gone = {run.metadata.name for run in hook_runs_to_delete(held_up, now=now, retention=keeping)}
    assert "r1" not in gone


@pytest.mark.parametrize("is_handed_on", [False, True])
async def test_an_old_event_goes_only_when_it_was_handed_on(
    tmp_path: Path, *, is_handed_on: bool
) -> None:
    """However old it is."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(document(scheme.PROJECT, "shop"), actor=ACTOR)
        await store.create(document(scheme.EVENT, "e", reason="PromotionSucceeded"), actor=ACTOR)
        writer = Writer(store, clock=clock, known_steps={}, known_subscriptions={})
        place = store.revision() if is_handed_on else 0
        collecting = RetentionReconciler(store, writer, clock, dispatched=lambda: place)
        await clock.advance(8 * 86400)
        await collecting.reconcile(Ref(scheme.PROJECT, "", "shop"))
        assert await store.count(Query(kind=scheme.EVENT)) == (0 if is_handed_on else 1)
