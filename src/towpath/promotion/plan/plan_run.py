"""One run of the engine through the steps of a plan, with doors that only record."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.disk import removal
from towpath.promotion import checkouts
from towpath.promotion.confidence import Confidence
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.doors.recording.factory import RecordingDoors
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.journal import Journal
from towpath.promotion.needs import Loader
from towpath.promotion.plan import account, workbench
from towpath.promotion.plan.directory import PlannedDirectory
from towpath.promotion.plan.made import Variant
from towpath.promotion.plan.rehearsing import PlanRehearsal
from towpath.promotion.step_scope import Facts
from towpath.promotion.work import Work
from towpath.resources.freight import Freight
from towpath.resources.promotion import PromotionStatus
from towpath.resources.stage import Stage
from towpath.resources.structs import to_document
from towpath.rules.freight_collection import collection_for
from towpath.rules.inflation import alias_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.doors.recording.recorder import PlanBase
    from towpath.promotion.plan.allowance import PlanAllowance
    from towpath.promotion.plan.workbench import Workbench
    from towpath.rules.gates.steps import InflatedTemplate
    from towpath.store.contract import Stored


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a run came to."""

    variant: Variant
    open: Sequence[str]
    """Aliases of steps whose `if` is not known, and was taken to hold."""
    bases: Sequence[PlanBase]
    disclosed: Disclosed
    """What the run was told in confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRun:
    """One run."""

    bench: Workbench
    stage: Stored
    freight: Stored
    template: InflatedTemplate
    actor: str
    allow_reads: bool
    assumed: Mapping[str, bool]
    """What is taken to hold of each `if` that is not known yet, by alias."""

    async def rehearsed(self, allowance: PlanAllowance) -> Rehearsed:
        """Run the steps. What is different is kept as far as the plan's allowance goes."""
        bench, recorder, confidence = self.bench, Recorder(), Confidence()
        root = bench.folder / secrets.token_hex(8) / "files"
        root.mkdir(parents=True, mode=0o700)
        room = DiskRoom(root, bench.around.bytes_each, is_empty=True)
        directory = PlannedDirectory(root, recorder, room=room, programs=bench.around.programs)
        rehearsal = PlanRehearsal(recorder, directory, self.assumed)
        try:
            work = await self._work(directory, recorder, rehearsal, confidence)
            status = PromotionStatus()
            await bench.around.engine.advance(work, status)
            variant = await self._variant(work, status, recorder, rehearsal, directory, allowance)
            return Rehearsed(variant, list(rehearsal.open), recorder.bases, work.disclosed)
        finally:
            await asyncio.shield(self._cleared(directory))

    async def _variant(
        self,
        work: Work,
        status: PromotionStatus,
        recorder: Recorder,
        rehearsal: PlanRehearsal,
        directory: PlannedDirectory,
        allowance: PlanAllowance,
    ) -> Variant:
        """Write down what happened, without what is secret."""
        told = await account.pushed(
            recorder, allowance, aside=self.bench.aside, project=self.stage.ref.namespace
        )
        left = await account.left(directory, recorder)
        document = {
            "assumes": [
                {"step": alias, "if": self._condition(alias), "holds": holds}
                for alias, holds in self.assumed.items()
            ],
            "result": str(status.phase),
            "message": status.message,
            "steps": account.steps(self.template.steps, status, rehearsal),
            "pushes": told.pushes,
            "files": [account.shown_file(id_, each) for id_, each in told.files.items()],
            "objects": [account.shown_object(id_, each) for id_, each in told.objects.items()],
            "calls": recorder.document(),
            "notes": [*told.notes, *left],
        }
        masked = Variant(document=work.disclosed.masked(document), files={}, objects={})
        for id_, file in told.files.items():
            masked.files[id_] = account.masked_file(file, work.disclosed)
            await asyncio.sleep(0)  # others have a turn
        for id_, each in told.objects.items():
            masked.objects[id_] = account.masked_object(each, work.disclosed)
            await asyncio.sleep(0)
        return masked

    async def _work(
        self,
        directory: PlannedDirectory,
        recorder: Recorder,
        rehearsal: PlanRehearsal,
        confidence: Confidence,
    ) -> Work:
        bench, project = self.bench, self.stage.ref.namespace
        stage, freight = self.stage.view(Stage), self.freight.view(Freight)
        names = (stage.metadata.name, freight.metadata.name)
        name, whom = workbench.name(*names), workbench.purpose(*names)
        recorder.provisional[name] = "the Promotion is created"
        journal = Journal(name, bench.around.clock, confidence)
        held = collection_for(stage, freight).items

        async def save(_: PromotionStatus) -> None:
            """Write nothing."""

        return Work(
            facts=Facts(
                project=project,
                stage=stage.metadata.name,
                promotion=name,
                actor=self.actor,
                is_rollback=False,
                freight_name=freight.metadata.name,
                freight_alias=freight.alias,
                origin_name=freight.origin.name,
                variables=list(self.template.variables),
                requests=to_document(stage.spec.requested_freight),
                references=[to_document(each) for each in held.values()],
                ui_base_url=bench.around.outside.ui_url,
            ),
            steps=list(self.template.steps),
            directory=directory,
            effects=RecordingDoors(
                recorder=recorder,
                outside=bench.around.outside,
                git=await bench.git(project, *names, confidence, self.actor),
                charts=bench.around.outside.charts.of(
                    project, confidence.disclosed, actor=self.actor, whom=whom
                ),
                trackers=bench.around.outside.trackers.of(
                    project, confidence.disclosed, actor=self.actor, whom=whom
                ),
                store=bench.around.store,
                journal=journal,
                stage=stage.metadata.name,
                clock=bench.around.clock,
                allow_reads=self.allow_reads,
            ),
            journal=journal,
            load=Loader(
                bench.around.store,
                bench.around.credentials,
                confidence.disclosed,
                actor=self.actor,
                whom=whom,
                releases=bench.around.outside.releases,
            ),
            save=save,
            rehearsal=rehearsal,
        )

    def _condition(self, alias: str) -> str:
        for number, step in enumerate(self.template.steps):
            if alias_of(step, number) == alias:
                return str(step.get("if") or "")
        return ""

    async def _cleared(self, directory: PlannedDirectory) -> None:
        directory.is_secret = True  # whatever a plan wrote, nobody gets it
        await checkouts.release(directory, self.bench.around.repositories)
        await asyncio.to_thread(removal.remove, directory.root.parent)
