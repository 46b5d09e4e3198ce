"""What a real server says of itself: each thing that can be ill, and what helps."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.stores import ACTOR, document
from tests.support.towpath_process import run, up
from towpath.app import doctor, serving
from towpath.app.settings.operator import OperatorSettings
from towpath.clock import SystemClock
from towpath.errors import NoAnswer
from towpath.resources import finding, scheme
from towpath.resources.finding import Finding, Wellness
from towpath.server.open_watches import OpenWatches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest


async def found(served: serving.RunningServer) -> dict[str, Any]:
    """Ask a server that runs here."""
    headers = {"Authorization": f"Bearer {served.token_file.read_text().strip()}"}
    async with httpx.AsyncClient(base_url=served.address, headers=headers, timeout=30) as client:
        answer = await client.get("/towpath/v1/doctor")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return {each["what"]: each for each in told["items"]} | {"ill": told["ill"]}


def settings(tmp_path: Path) -> serving.Settings:
    """Return those of a server of this test."""
    return serving.Settings(
        data=tmp_path / "data",
        key_file=tmp_path / "keys" / "key",
        host="127.0.0.1",
        port=0,
        operator=OperatorSettings(),
        programs="/usr/local/bin:/usr/bin:/bin",
    )


async def test_a_server_where_all_is_well(tmp_path: Path) -> None:
    """Says so of each thing."""
    async with serving.running(settings(tmp_path)) as served:
        told = await found(served)
    del told["event loop"]  # which is the machine's affair
    assert {name for name, each in told.items() if name != "ill" and each["is"] != "ok"} == set()
    assert {"server", "clock", "disk", "program git", "hosts", "queues", "streams"} <= set(told)


async def test_what_is_ill_is_named_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without room, hosts that are silent, Warehouses that find nothing; no list is without end."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    async with serving.running(settings(tmp_path)) as served:
        for number in range(finding.MOST_NAMED + 5):
            for _ in range(2):
                served.system.egress.health._failed(
                    (f"dead-{number}:443", ""), NoAnswer("no route"), 10**9
                )
        bad = {"conditions": [{"type": "Ready", "status": "False", "message": "x\x00y" * 5_000}]}
        await served.store.create(document(scheme.NAMESPACE, "shop"), actor=ACTOR)
        made = await served.store.create(document(scheme.MESSAGE_CHANNEL, "team"), actor=ACTOR)
        await served.store.update_status({**made.document, "status": bad}, actor=ACTOR)
        monkeypatch.setattr(
            type(served.store), "terms_hindrance", lambda _: "search.db: the disk is full"
        )
        told = await found(served)
    assert told["disk"]["is"] == "ill"
    assert told["search"]["is"] == "ill"
    assert "search.db: the disk is full" in told["search"]["said"]
    assert told["disk"]["remedy"].startswith("make room")
    assert sum(name.startswith("host dead-") for name in told) == finding.MOST_NAMED
    assert (
        told["hosts"]["said"]
        == f"{finding.MOST_NAMED + 5} are ill, of which {finding.MOST_NAMED} are named"
    )
    assert told["channel/team of shop"]["remedy"] == "towpath explain channel/team -p shop"
    assert told["message channels"]["said"] == "1 is ill"
    assert told["ill"] >= finding.MOST_NAMED + 2


async def test_a_look_that_fails_keeps_no_other_from_being_made(tmp_path: Path) -> None:
    """It says that it failed, and not why where that is nobody's business; another part's look comes last."""

    async def broken() -> AsyncIterator[Finding]:
        yield Finding("part", Wellness.OK, "it is there")
        raise RuntimeError("s3cret")

    async def webhooks() -> AsyncIterator[Finding]:
        yield Finding("receiver x", Wellness.ILL, "it is silent", "see the sender")

    async with serving.running(settings(tmp_path)) as served:
        made = doctor.Doctor(
            store=served.store,
            clock=SystemClock(),
            system=served.system,
            watches=OpenWatches(served.store),
            data=tmp_path,
            looks=(broken, webhooks),
        )
        told = await made.findings()
    assert told[-1].what == "receiver x"
    assert (told[-2].what, told[-2].wellness) == ("broken", Wellness.UNKNOWN)
    assert "s3cret" not in told[-2].said


def test_the_command_tells_what_the_server_finds(tmp_path: Path) -> None:
    """To whoever may; anonymous callers are told nothing."""
    with up(tmp_path) as server:
        assert httpx.get(f"{server.address}/towpath/v1/doctor").status_code == 401
        done = run(tmp_path, "doctor", TOWPATH_SERVER=server.address, TOWPATH_TOKEN=server.token)
    assert "the server's own look: disk" in done.stdout
    assert "the server's own look: program git" in done.stdout
