"""A Stage with thousands of Promotions behind it costs what waits in it, not what it has been through."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support.pipeline import PROJECT, project_document, running, warehouse_document
from tests.support.pipeline import stage_document as stage
from tests.support.serving import client
from tests.support.stores import ACTOR, document, opened
from towpath.admission import stage_promotions
from towpath.admission.event_recorder import EventRecorder
from towpath.controllers.stage import REQUESTER, HealthLooks, StageReconciler
from towpath.credentials.finder import Credentials
from towpath.health.registry import CheckerRegistry
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.rules.promotion_name import promotion_name
from towpath.rules.ulid import ulid
from towpath.store.sqlite.codec import Codec

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Store, Stored

ENDED = 3_000
_PHASES = ("Succeeded", "Failed", "Errored", "Aborted")
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the Promotions that were read from the database, which a test clears."""
    names: list[str] = []
    honest = Codec.read

    def counted(self: Codec, ref: Ref, *more: Any) -> Stored:
        if ref.kind is scheme.PROMOTION:
            names.append(ref.name)
        return honest(self, ref, *more)

    monkeypatch.setattr(Codec, "read", counted)
    return names


async def _had(store: Store, name: str, phase: str, *, freight: str = "f0") -> None:
    spec = {"stage": "dev", "freight": freight, "steps": []}
    wanted = document(scheme.PROMOTION, name, PROJECT, spec=spec)
    await store.create(wanted, actor=ACTOR)
    if phase:
        await store.update_status(wanted | {"status": {"phase": phase}}, actor=ACTOR)


def _stage(last: str, current: str) -> Stage:
    """Return a Stage that has taken in one Promotion and calls another current; "" for none."""
    status = {"lastPromotion": last, "currentPromotion": current}
    told = {key: {"name": name} for key, name in status.items() if name}
    return view(Stage, stage("dev") | {"status": told})


def _name(number: int) -> str:
    when = _LONG_AGO + timedelta(seconds=number)
    return promotion_name("dev", "f0", ulid(when, number.to_bytes(10, "big")))


@pytest.mark.slow
async def test_what_a_pass_and_an_explanation_read(tmp_path: Path, read: list[str]) -> None:
    """After 3,000 ended Promotions: a handful of rows, for the pass, the explanation and the next Promotion."""
    async with opened(tmp_path) as store:
        for begin in range(0, ENDED, 500):
            await asyncio.gather(
                *(
                    _had(store, _name(number), _PHASES[number % 4])
                    for number in range(begin, begin + 500)
                )
            )
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage("dev"))
        freight = await world.freight("1.0.0")
        await world.settled()
        assert await world.held("dev") == freight
        assert (await world.status(scheme.STAGE, "dev"))["lastPromotion"]["freight"][
            "name"
        ] == freight
        events = EventRecorder(world.store, world.clock, REQUESTER)
        looks = HealthLooks(CheckerRegistry((), world.clock), cast("Any", None), world.clock)
        reconciler = StageReconciler(
            *(world.store, world.writer, world.clock, events),
            looks=looks,
            credentials=Credentials(world.store),
        )
        read.clear()
        await reconciler.reconcile(Ref(scheme.STAGE, PROJECT, "dev"))
        assert len(read) <= 10, len(read)
        async with client(world) as asking:
            read.clear()
            answer = await asking.get(f"/towpath/v1/projects/{PROJECT}/stages/dev/explain")
            assert answer.status_code == 200
            assert answer.json()["queue"] == []
            assert len(read) <= 10, len(read)
        read.clear()
        await world.promote("dev", freight)
        assert len(read) <= 10, len(read)


async def test_what_is_found_by_ranges(tmp_path: Path) -> None:
    """What waits, what ended since the last one, the current one wherever it is; the newest end with a Freight."""
    async with opened(tmp_path) as store:
        for number, phase in enumerate(["Failed", "Succeeded", "Succeeded", "Running", "Failed"]):
            await _had(store, _name(number), phase)
        await _had(store, "by-hand", "Pending", freight="f1")
        await _had(store, "made.by-hand", "Failed", freight="f1")
        await _had(store, f"other.{_name(0).split('.')[1]}.f", "", freight="f/1")

        async def unsettled(last: str, current: str) -> set[str]:
            found = await stage_promotions.unsettled(store, _stage(last, current), purpose="none")
            return {each.metadata.name for each in found}

        waits = {_name(3), "by-hand", f"other.{_name(0).split('.')[1]}.f"}
        everything = waits | {_name(number) for number in range(5)} | {"made.by-hand"}
        assert await unsettled("", "") == everything
        assert await unsettled("made.by-hand", "") == everything
        assert await unsettled("n", "") == everything - {"made.by-hand"}
        assert await unsettled(_name(1), "") == waits | {_name(1), _name(2), _name(4)}
        assert await unsettled(_name(2), _name(0)) == waits | {_name(0), _name(2), _name(4)}
        assert await unsettled(_name(4), "gone") == waits | {_name(4)}
        assert await unsettled(_name(9), "") == waits

        async def last_with(freight: str) -> list[str]:
            found = await stage_promotions.last_with(store, PROJECT, "dev", freight, purpose="none")
            return [each.metadata.name for each in found]

        assert await last_with("f0") == [_name(4), _name(2), _name(1), _name(0)]
        assert await last_with("f1") == ["made.by-hand"]
        assert await last_with("f") == []
