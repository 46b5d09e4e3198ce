"""The collector of owner references goes on past an object that it cannot deal with, and closing always ends."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.resources import scheme
from towpath.store.sqlite import garbage_collector
from towpath.store.sqlite import store as sqlite_store

if TYPE_CHECKING:
    from pathlib import Path


def _owned(name: str, owner: dict[str, Any]) -> dict[str, Any]:
    document = config_map(name)
    document["metadata"]["ownerReferences"] = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
        }
    ]
    return document


async def test_one_object_that_cannot_be_collected_keeps_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither its siblings nor the dependents of other owners; it is named, and tried again later."""
    honest = garbage_collector._Step._judge
    broken = True

    def judge(self: Any, dependent: Any) -> None:
        if broken and dependent.ref.name == "bad":
            raise KeyError("spec")
        honest(self, dependent)

    monkeypatch.setattr(garbage_collector._Step, "_judge", judge)
    async with opened(tmp_path) as store:
        for owner in ("one", "two"):
            made = (await store.create(config_map(owner), actor=ACTOR)).document
            for name in ("bad", f"{owner}-a", f"{owner}-z"):
                if name != "bad" or owner == "one":
                    await store.create(_owned(name, made), actor=ACTOR)
        await store.delete(ref(scheme.CONFIG_MAP, "one"), actor=ACTOR)
        await store.delete(ref(scheme.CONFIG_MAP, "two"), actor=ACTOR)
        await asyncio.wait_for(store.collected(), 20)
        for name in ("one-a", "one-z", "two-a", "two-z"):
            with pytest.raises(errors.NotFound):
                await store.get(ref(scheme.CONFIG_MAP, name))
        await store.get(ref(scheme.CONFIG_MAP, "bad"))
        assert 'configmaps "shop/bad" cannot be collected' in caplog.text
        broken = False
        await asyncio.wait_for(store.collected(), 20)
        with pytest.raises(errors.NotFound):
            await store.get(ref(scheme.CONFIG_MAP, "bad"))


async def test_closing_ends_though_the_disk_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that hangs is left to the end of the process."""
    monkeypatch.setattr(sqlite_store, "_CLOSE_SECONDS", 0.01)
    release, hangs = threading.Event(), threading.Event()

    def change(document: dict[str, Any]) -> dict[str, Any]:
        hangs.set()
        release.wait(20)
        return document

    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        writing = asyncio.create_task(store.patch(ref(scheme.CONFIG_MAP, "a"), change, actor=ACTOR))
        await asyncio.to_thread(hangs.wait, 20)
        await asyncio.wait_for(store.close(), 20)
        with pytest.raises(errors.Unavailable):
            await store.get(ref(scheme.CONFIG_MAP, "a"))
        release.set()
        await writing
