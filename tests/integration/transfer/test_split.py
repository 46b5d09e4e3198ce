"""A Project that goes from one instance to another: nothing is promoted or verified again, nothing is lost, history answers."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.departing import KEY, OURS, VALUE, archive, everything, source, taken_in, told
from tests.support.pipeline import PROJECT, running
from towpath.resources import scheme
from towpath.resources.annotations import FROZEN, IMPORTED
from towpath.resources.kinds import Ref
from towpath.transfer import sealing

if TYPE_CHECKING:
    from pathlib import Path


async def test_everything_goes_and_nothing_happens_twice(tmp_path: Path) -> None:
    """Objects and history are the same on the other side, where auto-promotion is on and looks at them."""
    async with source(tmp_path / "a") as here:
        content = await archive(here.world)
        before, past = await everything(here.world), await told(here.world)
        values = await here.world.store.reveal(
            Ref(scheme.SECRET, PROJECT, "repo"), actor="test", reason="test"
        )
        now = here.world.clock.now()
    assert past["auto/freight"]
    assert past["soaking/approvals"]
    assert VALUE.encode() not in gzip.decompress(content)
    (tmp_path / "b").mkdir()
    async with running(tmp_path / "b") as there:
        await there.clock.advance((now - there.clock.now()).total_seconds() + 60)
        done = await taken_in(there, content)
        assert done["isNew"]
        assert done["objects"] == len(before) + 2
        await there.settled()
        await there.clock.advance(600)
        await there.settled()
        assert there.work.ran == []
        after = await everything(there)
        assert set(after) == set(before)
        for name in before:
            if "Secret" not in name:
                assert after[name]["metadata"] == before[name]["metadata"], name
        for kind in ("stages", "freights", "promotions"):
            names = [name for name in before if kind in name]
            assert names
            for name in names:
                assert after[name].get("spec") == before[name].get("spec")
                assert steady(after[name]) == steady(before[name])
        assert await told(there) == past
        ref = Ref(scheme.SECRET, PROJECT, "repo")
        assert (await there.store.reveal(ref, actor="test", reason="test"))["data"] == values[
            "data"
        ]
        project = await there.get(scheme.PROJECT, PROJECT)
        assert project["metadata"]["annotations"][IMPORTED] == done["archive"]
        assert FROZEN not in project["metadata"]["annotations"]
        # It goes on: what is new moves, and what soaks has not begun anew.
        assert not (await taken_in(there, content))["isNew"]
        third = await there.freight("v3")
        await there.settled()
        await there.promote("dev", third)
        await there.settled()
        assert await there.held("dev") == third
        assert [stage for stage, _ in there.work.ran] == ["dev"]
        assert len((await told(there))["dev/freight"]) == len(past["dev/freight"]) + 1


def steady(document: dict[str, Any]) -> dict[str, Any]:
    """Return a status without what says when it was looked at last."""
    status = dict(document.get("status") or {})
    status.pop("health", None)
    return status


async def test_frozen_is_said_everywhere_and_ends(tmp_path: Path) -> None:
    """Nobody promotes or changes anything, `explain` says why and what opens it; released, all goes on."""
    async with source(tmp_path / "a") as here:
        world = here.world
        async with serving.client(world) as client:
            refused = await client.post(f"{OURS}/export", json={"key": KEY})
            assert refused.status_code == 409
            assert "freeze it first" in refused.text
            removed = await client.post(f"{OURS}/remove")
            assert removed.status_code == 409
            await client.post(f"{OURS}/freeze", json={"reason": "it moves"})
            third = {"stage": "dev", "freight": here.second}
            moved = await client.post(
                f"/v1beta1/projects/{PROJECT}/stages/dev/promotions", json=third
            )
            assert moved.status_code == 403, moved.text
            assert "is frozen since" in moved.text
            assert "(it moves)" in moved.text
            assert "towpath export project shop --release" in moved.text
            shown = await client.get(f"{OURS}/stages/dev/explain?freight={here.second}")
            [gate] = [each for each in shown.json()["gates"] if each["name"] == "stage"]
            assert not gate["open"]
            assert gate["command"] == "towpath export project shop --release"
            await client.delete(f"{OURS}/freeze")
            moved = await client.post(
                f"/v1beta1/projects/{PROJECT}/stages/dev/promotions", json=third
            )
            assert moved.status_code == 201, moved.text
        await world.settled()
        assert await world.held("dev") == here.second


async def test_what_runs_is_waited_for_and_what_waits_goes_along(tmp_path: Path) -> None:
    """A Promotion under way keeps the Project from leaving; the one behind it does not begin, and begins on the other side."""
    async with source(tmp_path / "a") as here:
        world, gate = here.world, here.world.work
        gate.gate, gate.begun = asyncio.Event(), asyncio.Event()
        running_one = await world.promote("dev", here.second)
        await gate.begun.wait()
        waiting_one = await world.promote("dev", here.first)
        async with serving.client(world) as client:
            frozen = await client.post(f"{OURS}/freeze")
            assert frozen.json()["underWay"] == [f"Promotion {running_one} is under way"]
            refused = await client.post(f"{OURS}/export", json={"key": KEY})
            assert refused.status_code == 409
            assert running_one in refused.text
        gate.gate.set()
        await world.settled()
        gate.gate = None
        content = await archive(world)
        assert (await world.status(scheme.PROMOTION, waiting_one)).get("phase") in (None, "Pending")
        assert await world.held("dev") == here.second
        now = world.clock.now()
        async with serving.client(world) as client:
            await client.delete(f"{OURS}/freeze")
        await world.settled()
        assert world.work.ran[-1] == ("dev", waiting_one), "released, it goes on here"
    (tmp_path / "b").mkdir()
    async with running(tmp_path / "b") as there:
        await there.clock.advance((now - there.clock.now()).total_seconds())
        await taken_in(there, content)
        await there.settled()
        assert there.work.ran == [("dev", waiting_one)]
        assert await there.held("dev") == here.first


async def test_the_source_is_removed_and_may_come_back(tmp_path: Path) -> None:
    """Its history stays when it is gone, and is whole once the Project returns."""
    async with source(tmp_path / "a") as here:
        world = here.world
        content = await archive(world)
        past = await told(world)
        async with serving.client(world) as client:
            assert (await client.post(f"{OURS}/remove")).status_code == 200
        await world.settled()
        await world.store.collected()
        await world.settled()
        assert await everything(world) == {}
        done = await taken_in(world, content)
        assert done["isNew"]
        await world.settled()
        assert await told(world) == past


async def test_soaking_goes_on(tmp_path: Path) -> None:
    """Freight that had soaked for half of its time needs the other half alone."""
    async with source(tmp_path / "a") as here:
        await here.world.clock.advance(1800)
        content = await archive(here.world)
        now = here.world.clock.now()
    (tmp_path / "b").mkdir()
    async with running(tmp_path / "b") as there:
        await there.clock.advance((now - there.clock.now()).total_seconds())
        await taken_in(there, content)
        await there.settled()
        async with serving.client(there) as client:
            shown = await client.get(f"{OURS}/stages/soaking/explain?freight={here.first}")
            [gate] = [each for each in shown.json()["gates"] if each["name"] == "soaked"]
            assert not gate["open"]
            opens = datetime.fromisoformat(gate["opensAt"])
            assert opens - there.clock.now() <= timedelta(minutes=30)


async def test_what_is_wrong_with_an_archive_is_said(tmp_path: Path) -> None:
    """Cut off, changed, of another key, newer, no archive, or of a Project that exists: nothing of it comes in."""
    async with source(tmp_path / "a") as here:
        await here.world.clock.advance(3600)  # ahead of the other side
        await here.world.promote("dev", here.second)
        await here.world.settled()
        content = await archive(here.world)
        other = sealing.PrivateKey(b"o" * 32).recipient.text
        async with serving.client(here.world) as client:
            foreign = (await client.post(f"{OURS}/export", json={"key": other})).content
            wrong = await client.post(f"{OURS}/export", json={"key": "towpath-import-1:AAAA"})
            assert wrong.status_code == 400
            assert "it is no key of `towpath import --request`" in wrong.text
        said = await taken_in(here.world, content, 409)
        assert '"shop" already exists, and did not come in this archive' in str(said)
    lines = gzip.decompress(content).splitlines(keepends=True)
    header = json.loads(lines[0])
    newer = json.dumps({**header, "version": 2, "by": "towpath 99"}).encode() + b"\n"
    changed = lines[3].replace(b"shop", b"shap")
    assert changed != lines[3]
    cases = (
        (content[: len(content) // 2], "it ends too early"),
        (gzip.compress(b"".join(lines[:-1])), "it ends too early"),
        (gzip.compress(b"".join([*lines[:3], *lines[4:]])), "is damaged or was changed"),
        (gzip.compress(b"".join([*lines[:3], changed, *lines[4:]])), "shap"),
        (gzip.compress(b"".join([newer, *lines[1:]])), "made by towpath 99"),
        (gzip.compress(b"".join([*lines, lines[3]])), "something comes after its end"),
        (foreign, "its Secrets are sealed with key"),
        (b"PK\x03\x04 a zip", "it is no archive of a Project"),
        (b"", "it ends too early"),
        (gzip.compress(b'{"format": "other"}\n'), "it is no archive of a Project"),
    )
    (tmp_path / "b").mkdir()
    async with running(tmp_path / "b") as there:
        said = await taken_in(there, content, 400)
        assert "which is yet to come" in str(said)
        await there.clock.advance(7200)
        for broken, why in cases:
            said = await taken_in(there, broken, 400)
            assert why in str(said), (why, said)
        assert await everything(there) == {}
        with pytest.raises(Exception, match="not found"):
            await there.get(scheme.PROJECT, PROJECT)
