"""Whatever breaks off whoever hands on what happened: each thing is run for once, and runs are made in order."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.stores import ACTOR, opened
from towpath.admission import namespaces
from towpath.clock import VirtualClock
from towpath.hooks.dispatcher import Dispatcher
from towpath.hooks.hook_runs import HookRuns
from towpath.resources import scheme
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.happening import Happening
    from towpath.store.contract import Store


class _Crashing:
    """Takes as hooks do, and is cut off before, in the middle or after."""

    name = HookRuns.name

    def __init__(self, store: Store, crash: str, cut: asyncio.Event) -> None:
        self._real = HookRuns(store)
        self._crash = crash
        self._cut = cut

    async def take(self, happened: Sequence[Happening]) -> None:
        """Take some or all of it; then nothing more happens in this life."""
        if self._crash == "before":
            await self._stop()
        if self._crash == "middle":
            await self._real.take(happened[: len(happened) // 2])
            await self._stop()
        await self._real.take(happened)
        if self._crash == "after":
            await self._stop()

    async def _stop(self) -> None:
        self._cut.set()
        await asyncio.get_running_loop().create_future()


def _event(number: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"e{(number * 7) % 101}",
            "namespace": "shop",
            "annotations": {"event.kargo.akuity.io/stage-name": "dev"},
        },
        "involvedObject": {"kind": "Promotion", "name": "p", "namespace": "shop"},
        "reason": "PromotionSucceeded",
        "firstTimestamp": "2026-01-01T00:00:00Z",
    }


def _hook(name: str) -> dict[str, Any]:
    return {
        "apiVersion": scheme.STAGE_HOOK.api_version,
        "kind": "StageHook",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "stageSelector": {"name": "dev"},
            "events": ["promotion-succeeded"],
            "steps": [{"uses": "compose-output"}],
        },
    }


_LIVES = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(["before", "middle", "after", "none"]), st.booleans()
    ),
    min_size=1,
    max_size=6,
)


async def _live(store: Store, crash: str, *, keeps: bool) -> None:
    """Hand on what happened until cut off, or until all is taken; perhaps the place is written down."""
    cut = asyncio.Event()
    dispatcher = Dispatcher(store, VirtualClock(), [_Crashing(store, crash, cut)])
    await dispatcher.load()
    [dispatch] = dispatcher.dispatches
    task = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(20):
        while not cut.is_set() and dispatch.reached < dispatch.newest:
            await asyncio.sleep(0)
    if keeps:
        await dispatch.keep()
    task.cancel()
    await asyncio.wait([task])


@given(_LIVES)
@settings(max_examples=25, deadline=None)
def test_each_thing_is_run_for_once_whatever_breaks_off(lives: list[tuple[int, str, bool]]) -> None:
    """By every hook that was there, and by none that came later."""
    asyncio.run(_lives(lives))


async def _lives(lives: list[tuple[int, str, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as store:
            await namespaces.ensure_system(store, actor=ACTOR)
            stage = {
                "apiVersion": scheme.STAGE.api_version,
                "kind": "Stage",
                "metadata": {"name": "dev", "namespace": "shop"},
                "spec": {"requestedFreight": []},
            }
            await store.create(stage, actor=ACTOR)
            await store.create(_hook("first"), actor=ACTOR)
            number, expected = 0, list[str]()
            await _live(store, "none", keeps=True)
            for count, crash, keeps in lives:
                for _ in range(count):
                    document = _event(number)
                    expected.append(document["metadata"]["name"])
                    await store.create(document, actor=ACTOR)
                    number += 1
                await _live(store, crash, keeps=keeps)
            await store.create(_hook("later"), actor=ACTOR)
            await _live(store, "none", keeps=True)
            page = await store.list(Query(kind=scheme.HOOK_RUN))
            runs = [item.document["spec"] for item in sorted(page.items, key=lambda i: i.revision)]
    assert [run["event"]["name"] for run in runs] == expected
    assert {run["hook"] for run in runs} <= {"first"}
