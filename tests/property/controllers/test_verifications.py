"""Whatever happens to Promotions, health, runs, requests and clocks: no verification is lost or doubled, and all have an end.

`TOWPATH_VERIFICATION_WORLDS` says how many worlds are lived through; each has its seed, so that one that fails can be
looked at again.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    warehouse_document,
)
from tests.support.serving import client
from tests.support.verifying import TEMPLATE, verified_stage
from tests.support.well_being import WellBeing, left, turn
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, REVERIFY, UNVERIFIED_SKIP, VERIFICATION
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clock import VirtualClock
    from towpath.store.contract import Document

_SOAKS: Final = bool(os.environ.get("TOWPATH_SOAK"))
WORLDS: Final = int(os.environ.get("TOWPATH_VERIFICATION_WORLDS", "500" if _SOAKS else "6"))
_MOVES: Final = 9
"""Of one life: no more than a Stage keeps collections and verifications."""
_LIVES: Final = 2
_ENDS: Final = ("Successful", "Failed", "Error", "Inconclusive")
_OPEN: Final = ("Pending", "Running")


class World:
    """One Stage, and what may happen to it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.checks = WellBeing()
        self.made = Counter[str]()
        self.deleted = set[str]()
        self.forbids = chance.random() < 0.5
        self.number = 0

    def documents(self) -> list[Document]:
        """Return what it begins with."""
        config = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "ProjectConfig",
            "metadata": {
                "name": PROJECT,
                "namespace": PROJECT,
                "annotations": {UNVERIFIED_SKIP: "Forbid" if self.forbids else "Allow"},
            },
            "spec": {},
        }
        smoke = "url: http://a.example" if self.chance.random() < 0.5 else ""
        stage = verified_stage("web", url="u", smoke=smoke)
        return [project_document(), warehouse_document(), config, TEMPLATE, stage]

    async def move(self, pipeline: Pipeline) -> None:
        """Have something happen."""
        moves = (
            self._promote,
            self._promote,
            self._turn,
            self._turn,
            self._end,
            self._end,
            self._end,
            self._abort,
            self._verify,
            self._delete_run,
            self._template,
            self._wait,
        )
        await self.chance.choice(moves)(pipeline)
        await pipeline.settled()

    async def _promote(self, pipeline: Pipeline) -> None:
        self.number += 1
        await pipeline.promote("dev", await pipeline.freight(f"1.{self.number}.0"))

    async def _turn(self, pipeline: Pipeline) -> None:
        states = ("Healthy", "Healthy", "Progressing", "Unhealthy", "Unknown", "NotApplicable")
        await turn(pipeline, self.checks, "dev", self.chance.choice(states))

    async def _end(self, pipeline: Pipeline) -> None:
        for run in await _runs(pipeline):
            if (run.get("status") or {}).get("phase", "") in ("", *_OPEN):
                name = run["metadata"]["name"]
                phase = self.chance.choice((*_ENDS, "Running", "Successful"))
                ref = Ref(scheme.ANALYSIS_RUN, PROJECT, name)
                status = {"phase": phase, "message": f"{phase} it is"}
                await pipeline.writer.set_status(ref, partial(_became, status), USER)
                return

    async def _abort(self, pipeline: Pipeline) -> None:
        await self._ask(pipeline, ABORT)

    async def _verify(self, pipeline: Pipeline) -> None:
        await self._ask(pipeline, REVERIFY)

    async def _ask(self, pipeline: Pipeline, annotation: str) -> None:
        entries = [each for held in await _history(pipeline) for each in held]
        if entries:
            id_ = entries[0]["id"] if self.chance.random() < 0.8 else entries[-1]["id"]
            stage = Ref(scheme.STAGE, PROJECT, "dev")
            await pipeline.writer.annotate(stage, {annotation: id_}, USER)

    async def _delete_run(self, pipeline: Pipeline) -> None:
        found = await _runs(pipeline)
        if found:
            name = self.chance.choice(found)["metadata"]["name"]
            self.deleted.add(name)
            await pipeline.writer.delete(Ref(scheme.ANALYSIS_RUN, PROJECT, name), USER)

    async def _template(self, pipeline: Pipeline) -> None:
        ref = Ref(scheme.ANALYSIS_TEMPLATE, PROJECT, "web")
        try:
            await pipeline.writer.delete(ref, USER)
        except NotFound:
            await pipeline.apply(TEMPLATE)

    async def _wait(self, pipeline: Pipeline) -> None:
        await pipeline.clock.advance(self.chance.choice((3, 61, 700)))

    async def hold(self, pipeline: Pipeline) -> None:
        """Fail unless all is as it must be, whatever has happened."""
        history = await _history(pipeline)
        status = await pipeline.status(scheme.STAGE, "dev")
        entries = [each for held in history for each in held]
        ids = Counter(each["id"] for each in entries)
        assert not [id_ for id_, count in ids.items() if count > 1]
        for number, each in enumerate(entries):
            is_open = each["phase"] in _OPEN
            assert not is_open or (number == 0 and bool(history[0]))
            assert ("finishTime" in each) is not is_open
            assert is_open or each["phase"] in (*_ENDS, "Aborted")
        runs = await _runs(pipeline)
        by_entry = Counter(each["metadata"]["annotations"][VERIFICATION] for each in runs)
        assert not [id_ for id_, count in by_entry.items() if count > 1]
        assert by_entry.keys() <= ids.keys()
        named = {each["analysisRun"]["name"] for each in entries if "analysisRun" in each}
        assert named - {each["metadata"]["name"] for each in runs} <= self.deleted
        for each in runs:
            entry = next(
                one for one in entries if one["id"] == each["metadata"]["annotations"][VERIFICATION]
            )
            assert entry["analysisRun"]["name"] == each["metadata"]["name"]
            if entry["phase"] == "Aborted":
                assert each["spec"]["terminate"] is True
        await self._freight(pipeline, status, history)
        await self._events(pipeline, entries)
        await self._debt(pipeline)

    async def _freight(
        self, pipeline: Pipeline, status: Document, history: list[list[Document]]
    ) -> None:
        """What is marked as verified was found good, and what was found good is marked once the Stage is well."""
        for number, held in enumerate(status.get("freightHistory") or ()):
            good = any(each["phase"] == "Successful" for each in history[number])
            [reference] = held["items"].values()
            found = await pipeline.status(scheme.FREIGHT, reference["name"])
            is_marked = "dev" in found.get("verifiedIn", {})
            assert good or not is_marked
            newest = history[number][0]["phase"] if history[number] else ""
            is_well = (status.get("health") or {}).get("status") == "Healthy"
            if number == 0 and newest == "Successful" and is_well:
                assert is_marked

    async def _events(self, pipeline: Pipeline, entries: list[Document]) -> None:
        """Each end is told once."""
        listed = (await pipeline.store.list(Query(kind=scheme.EVENT))).items
        told = Counter(
            str(item.document["reason"])
            for item in listed
            if str(item.document["reason"]).startswith("FreightVerification")
        )
        words = {"Successful": "Succeeded", "Error": "Errored"}
        wanted = Counter(
            f"FreightVerification{words.get(each['phase'], each['phase'])}"
            for each in entries
            if each["phase"] not in _OPEN
        )
        assert told == wanted

    async def _debt(self, pipeline: Pipeline) -> None:
        """Each stay has a verdict or a reason for none; where the Project forbids it, none is passed by."""
        async with client(pipeline) as asking:
            answer = await asking.get(f"/towpath/v1/projects/{PROJECT}/debt")
        for each in answer.json()["items"]:
            assert bool(each["verdict"]) != bool(each["reason"])
            assert each["verdict"] or each["message"]
            assert not (self.forbids and each["reason"] == "Superseded")


def _became(status: Document, before: Document) -> Document:
    del before
    return status


async def _history(pipeline: Pipeline) -> list[list[Document]]:
    status = await pipeline.status(scheme.STAGE, "dev")
    return [
        list(held.get("verificationHistory") or ()) for held in status.get("freightHistory") or ()
    ]


async def _runs(pipeline: Pipeline) -> list[Document]:
    found = (await pipeline.store.list(Query(kind=scheme.ANALYSIS_RUN))).items
    return [item.document for item in found]


@pytest.mark.parametrize("seed", range(WORLDS))
async def test_no_verification_is_lost_or_doubled(tmp_path: Path, seed: int) -> None:
    """Through everything that can happen, and through a restart of the controllers."""
    world = World(random.Random(seed))
    clock: VirtualClock | None = None
    told = list[Any]()
    for life in range(_LIVES):
        async with running(
            tmp_path, measuring=False, checkers=[world.checks], clock=clock
        ) as pipeline:
            clock = pipeline.clock
            left(pipeline, "dev")
            if not life:
                await pipeline.apply(*world.documents())
            await pipeline.settled()
            for _ in range(_MOVES // _LIVES + 1):
                with suppress(NotFound):
                    await world.move(pipeline)
                await world.hold(pipeline)
            told.append(await _history(pipeline))
    assert told
