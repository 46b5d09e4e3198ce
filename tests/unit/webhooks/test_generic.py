"""Generic receivers of many actions and targets: what they cost the others, and payloads that are no text."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from tests.support.deliveries import (
    config_document,
    git_warehouse,
    path_of,
    receiver,
    secret_document,
)
from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    project_document,
    running,
    warehouse_document,
)
from tests.support.serving import client
from towpath.admission import namespaces
from towpath.resources import scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx
    import pytest

    from tests.support.pipeline import Pipeline

_PATH = path_of("generic")
_MOST = 50
"""Targets that an action may have, and actions that a receiver may."""


@contextlib.asynccontextmanager
async def _world(
    folder: Path, targets: list[dict[str, Any]], *, actions: int = 1
) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    action = {
        "action": "Refresh",
        "targetSelectionCriteria": [{"kind": "Warehouse", **each} for each in targets],
    }
    async with running(folder) as world, client(world, "") as stranger:
        await namespaces.ensure_system(world.store, actor="test")
        await world.apply(project_document(), secret_document())
        await world.apply(config_document(receiver("generic", actions=[action] * actions)))
        await world.apply(*(git_warehouse(f"w{number}") for number in range(3)))
        await world.settled()
        yield world, stranger


async def _woken(world: Pipeline) -> list[str]:
    found = []
    for number in range(3):
        stored = await world.store.get(Ref(scheme.WAREHOUSE, PROJECT, f"w{number}"))
        if (stored.document["metadata"].get("annotations") or {}).get(REFRESH):
            found.append(stored.ref.name)
    return found


async def test_warehouses_are_gone_through_once_for_all_targets_of_an_action(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,500 targets by labels and 200 Warehouses held the event loop for seconds."""
    targets = [{"labelSelector": {"matchLabels": {"a": f"{each}"}}} for each in range(_MOST - 1)]
    named = {"labelSelector": {"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}}
    async with _world(tmp_path, [*targets, named]) as (world, stranger):
        asked, listed = 0, world.store.list

        async def counted(query: Any, *given: Any, **more: Any) -> Any:
            nonlocal asked
            asked += query.kind is scheme.WAREHOUSE
            return await listed(query, *given, **more)

        monkeypatch.setattr(world.store, "list", counted)
        answer = await stranger.post(_PATH, content=b"{}")
        assert answer.json()["results"][0]["summary"] == "refreshed 3 warehouse(s)"
        assert asked == 1
        assert await _woken(world) == ["w0", "w1", "w2"]


async def test_others_have_turns_however_many_targets_there_are(tmp_path: Path) -> None:
    """The store answers at once: nothing else lets go of the event loop."""
    targets = [{"name": f"nobody-{each}"} for each in range(_MOST)]
    async with _world(tmp_path, targets, actions=4) as (_, stranger):
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        task = asyncio.create_task(others())
        answer = await stranger.post(_PATH, content=b"{}")
        task.cancel()
        assert answer.status_code == 200
        assert turns >= 4 * _MOST


async def test_what_is_wrong_with_a_target_keeps_none_before_it_from_being_asked(
    tmp_path: Path,
) -> None:
    """The action's result is the error all the same."""
    wrong = {"name": "${{ request.body.there.is.none }}"}
    async with _world(tmp_path, [{"name": "w1"}, wrong, {"name": "w2"}]) as (world, stranger):
        answer = await stranger.post(_PATH, content=b"{}")
        assert answer.status_code == 500
        assert answer.json()["results"][0]["result"] == "Error"
        assert await _woken(world) == ["w1"]


async def test_what_is_known_of_images_is_doubted_whole(tmp_path: Path) -> None:
    """A generic sender says that somebody is to look, not at what."""
    async with _world(tmp_path, [{"name": "image"}]) as (world, stranger):
        await world.apply(warehouse_document("image"))
        await stranger.post(_PATH, json={})
        assert world.doubted == [(IMAGE, ())]


async def test_halves_of_pairs_in_a_payload_are_no_fault(tmp_path: Path) -> None:
    """As senders leave that cut a text anywhere: they came to the database, which takes text only."""
    targets = [{"name": "${{ request.body.name }}"}]
    async with _world(tmp_path, targets) as (_, stranger):
        answer = await stranger.post(_PATH, content=json.dumps({"name": "\ud800"}).encode())
        assert answer.json()["results"][0]["summary"] == "refreshed 0 warehouse(s)"
