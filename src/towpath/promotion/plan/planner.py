"""Makes plans and keeps the newest: what a Promotion of some Freight to a Stage would do, and whether that still holds."""

from __future__ import annotations

import asyncio
import collections
import itertools
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.admission import gathering
from towpath.clients.git import git_errors, patches
from towpath.disk import removal
from towpath.promotion import checkouts, git_client
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.doors.recording.factory import RecordingDoors
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.journal import Confidence, RehearsedJournal
from towpath.promotion.needs import Loader
from towpath.promotion.plan.directory import PlannedDirectory
from towpath.promotion.plan.made import Plan, Variant
from towpath.promotion.plan.rehearsing import PlanRehearsal, as_texts
from towpath.promotion.step_scope import Facts
from towpath.promotion.work import Work
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionStatus
from towpath.resources.stage import Stage
from towpath.resources.structs import to_document
from towpath.rules.freight_collection import collection_for
from towpath.rules.inflation import alias_of
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.clients.git.patches import ChangedFile
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.doors.factory import Outside
    from towpath.promotion.engine import Engine
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.programs import Programs
    from towpath.rules.gates.steps import InflatedTemplate
    from towpath.store.contract import Store, Stored

MOST_PLANS: Final = 200
MOST_BYTES: Final = 64 << 20
"""Of hunks, that are kept of all plans."""
MOST_VARIANTS: Final = 8
_AT_ONCE: Final = 4
_SECONDS: Final = 300.0
_NAME: Final = "00000000000000000000000000"
"""Stands for the part of a Promotion's name that is drawn when it is created."""


@dataclass(slots=True, kw_only=True)
class Planner:
    """Makes and keeps plans."""

    store: Store
    clock: Clock
    engine: Engine
    repositories: Repositories
    credentials: Credentials
    outside: Outside
    folder: Path
    """Where plans have their work directories, while they are made."""
    bytes_each: int
    programs: Programs
    _plans: collections.OrderedDict[str, Plan] = field(default_factory=collections.OrderedDict)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def start(self) -> None:
        """Remove what a former process left."""
        await asyncio.to_thread(removal.remove, self.folder)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def plan(
        self, stage: Stored, freight: Stored, *, actor: str, allow_reads: bool = False
    ) -> Plan:
        """Make a plan. Raises Invalid for a Stage without steps, Timeout, and what reading the store raises."""
        template = await gathering.template(self.store, stage.ref.namespace, stage.document)
        if not template.steps:
            raise errors.Invalid(
                f"Stage {stage.ref.name} has no steps to plan: give it promotionTemplate.spec.steps"
            )
        making = self._variants(stage, freight, template, actor, allow_reads=allow_reads)
        async with self._turns:
            try:
                plan = await within(self.clock, _SECONDS, making, what=f"the plan for {stage.ref}")
            except OutOfTime:
                raise errors.Timeout(
                    f"the plan for Stage {stage.ref.name} took more than {_SECONDS:g} s and was given up"
                ) from None
        self._keep(plan)
        return plan

    def find(self, project: str, id: str) -> Plan:  # noqa: A002 - the field's name
        """Return a plan of a Project. Raises NotFound, also for one that is not kept any more."""
        plan = self._plans.get(id)
        if plan is None or plan.project != project:
            raise errors.NotFound(
                f"there is no plan {messages.cut(id, messages.FOREIGN_BYTES)}: the newest {MOST_PLANS} are kept until the "
                "server stops; plan again"
            )
        return plan

    async def outdated(self, plan: Plan) -> list[str]:
        """Return what has changed since a plan was made, as it is now; nothing: it still holds."""
        said = []
        stage = await self._found(scheme.STAGE, plan.project, plan.stage)
        freight = await self._found(scheme.FREIGHT, plan.project, plan.freight)
        if stage is None or freight is None:
            gone = f"Stage {plan.stage}" if stage is None else f"Freight {plan.freight}"
            return [f"{gone} is not there any more"]
        template = await gathering.template(self.store, plan.project, stage.document)
        now = _seen(stage, freight, template)
        said += [f"{what} has changed" for what, before in plan.seen.items() if now[what] != before]
        client = await self._client(
            plan.project, plan.stage, plan.freight, Confidence(), plan.actor
        )
        for base in plan.bases:
            if base.commit:
                continue
            shown = base.branch or base.tag or "the default branch"
            try:
                repository = await client.open(
                    base.url, insecure=base.insecure, blobless=base.blobless
                )
                found = await repository.resolve(branch=base.branch or None, tag=base.tag or None)
            except (git_errors.RefNotFound, git_errors.EmptyRepository):
                said.append(f"{shown} is not there any more")
                continue
            if found.commit != base.found:
                said.append(
                    f"{shown} of {repository} has moved from {messages.short_id(base.found)} to "
                    f"{messages.short_id(found.commit)}"
                )
        return said

    async def _found(self, kind: Any, project: str, name: str) -> Stored | None:
        try:
            return await self.store.get(Ref(kind, project, name), fresh=True)
        except errors.NotFound:
            return None

    async def _client(
        self, project: str, stage: str, freight: str, confidence: Confidence, actor: str
    ) -> GitClient:
        return await git_client.made(
            Ref(scheme.PROMOTION, project, _name(stage, freight)),
            confidence.disclosed,
            store=self.store,
            repositories=self.repositories,
            credentials=self.credentials,
            actor=actor,
            is_signing=False,
        )

    async def _variants(
        self,
        stage: Stored,
        freight: Stored,
        template: InflatedTemplate,
        actor: str,
        *,
        allow_reads: bool,
    ) -> Plan:
        """Plan both ways of each `if` that is not known yet."""
        id_ = secrets.token_hex(8)
        pending: list[dict[str, bool]] = [{}]
        variants: list[Variant] = []
        bases = []
        numbers = itertools.count(1)
        while pending and len(variants) < MOST_VARIANTS:
            assumed = pending.pop(0)
            run = _Run(self, stage, freight, template, actor, assumed, allow_reads=allow_reads)
            variant, opened, built_on = await run.planned(numbers)
            bases += [each for each in built_on if each not in bases]
            if opened:
                first = next(iter(opened))
                pending[:0] = [{**assumed, first: True}, {**assumed, first: False}]
                continue
            variants.append(variant)
        return Plan(
            id=id_,
            project=stage.ref.namespace,
            stage=stage.ref.name,
            freight=freight.ref.name,
            actor=actor,
            made=self.clock.now(),
            variants=variants,
            bases=bases,
            seen=_seen(stage, freight, template),
            is_cut=bool(pending),
        )

    def _keep(self, plan: Plan) -> None:
        self._plans[plan.id] = plan
        size = sum(each.size for each in self._plans.values())
        while len(self._plans) > 1 and (len(self._plans) > MOST_PLANS or size > MOST_BYTES):
            _, gone = self._plans.popitem(last=False)
            size -= gone.size


@dataclass(slots=True)
class _Run:
    """One run through the steps."""

    planner: Planner
    stage: Stored
    freight: Stored
    template: InflatedTemplate
    actor: str
    assumed: Mapping[str, bool]
    allow_reads: bool = field(kw_only=True)

    async def planned(self, numbers: Any) -> tuple[Variant, dict[str, str], list[Any]]:
        """Return what would happen, the steps whose `if` is open, and what was built on."""
        planner = self.planner
        root = planner.folder / secrets.token_hex(8) / "files"
        root.mkdir(parents=True, mode=0o700)
        directory = PlannedDirectory(
            root, room=DiskRoom(root, planner.bytes_each, is_empty=True), programs=planner.programs
        )
        recorder = Recorder()
        rehearsal = PlanRehearsal(recorder, directory, self.assumed)
        confidence = Confidence()
        try:
            work = await self._work(directory, recorder, rehearsal, confidence)
            status = PromotionStatus()
            await planner.engine.advance(work, status)
            files, pushes = await self._pushes(recorder, numbers)
            notes = await _left(directory, recorder)
            document = {
                "assumes": [
                    {"step": alias, "if": self._condition(alias), "holds": holds}
                    for alias, holds in self.assumed.items()
                ],
                "result": str(status.phase),
                "message": status.message,
                "steps": self._steps(status, rehearsal),
                "pushes": pushes,
                "files": [_shown(id_, each) for id_, each in files.items()],
                "calls": recorder.document(),
                "notes": notes,
            }
            masked = confidence.disclosed.masked(document)
            hidden = {id_: _masked(each, confidence) for id_, each in files.items()}
            return Variant(document=masked, files=hidden), rehearsal.open, recorder.bases
        finally:
            await asyncio.shield(self._cleared(directory))

    async def _work(
        self,
        directory: PlannedDirectory,
        recorder: Recorder,
        rehearsal: PlanRehearsal,
        confidence: Confidence,
    ) -> Work:
        planner, stage = self.planner, self.stage.view(Stage)
        freight = self.freight.view(Freight)
        name = _name(stage.metadata.name, freight.metadata.name)
        ref = Ref(scheme.PROMOTION, self.stage.ref.namespace, name)
        recorder.provisional[name] = "the Promotion is created"
        journal = RehearsedJournal(confidence, planner.clock)
        held = collection_for(stage, freight).items

        async def save(_: PromotionStatus) -> None:
            """Write nothing."""

        return Work(
            facts=Facts(
                project=ref.namespace,
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
            ),
            steps=list(self.template.steps),
            directory=directory,
            effects=RecordingDoors(
                recorder=recorder,
                outside=planner.outside,
                git=await planner._client(  # noqa: SLF001 - the two are one
                    ref.namespace,
                    stage.metadata.name,
                    freight.metadata.name,
                    confidence,
                    self.actor,
                ),
                charts=planner.outside.charts.of(ref, confidence.disclosed, actor=self.actor),
                store=planner.store,
                journal=journal,
                allow_reads=self.allow_reads,
            ),
            journal=journal,
            load=Loader(
                planner.store,
                planner.credentials,
                confidence.disclosed,
                actor=self.actor,
                promotion=f"that is planned, {name}",
            ),
            save=save,
            rehearsal=rehearsal,
        )

    def _condition(self, alias: str) -> str:
        for number, step in enumerate(self.template.steps):
            if alias_of(step, number) == alias:
                return str(step.get("if") or "")
        return ""

    def _steps(self, status: PromotionStatus, rehearsal: PlanRehearsal) -> list[dict[str, Any]]:
        shown = []
        state = status.state if isinstance(status.state, dict) else {}
        for step, meta in zip(self.template.steps, status.step_execution_metadata, strict=False):
            known = rehearsal.steps.get(meta.alias)
            shown.append(
                {
                    "step": meta.alias,
                    "uses": str(step.get("uses") or ""),
                    "result": str(meta.status),
                    "message": meta.message,
                    "config": as_texts(known.config) if known else None,
                    "output": as_texts(state.get(meta.alias)),
                    "changes": bool(known and known.changes),
                    "waitsFor": known.waits_for if known else "",
                    "unknown": known.unknown if known else "",
                }
            )
        return shown

    async def _pushes(
        self, recorder: Recorder, numbers: Any
    ) -> tuple[dict[str, ChangedFile], list[dict[str, Any]]]:
        files: dict[str, ChangedFile] = {}
        pushes = []
        for push in recorder.pushes:
            changed = await patches.between(push.mirror, push.base, push.head)
            ids = {f"f{next(numbers)}": each for each in changed}
            files |= ids
            pushes.append(
                {
                    "step": push.step,
                    "repository": push.repository,
                    "branch": push.branch,
                    "base": push.base or "",
                    "force": push.force,
                    "files": list(ids),
                }
            )
        return files, pushes

    async def _cleared(self, directory: PlannedDirectory) -> None:
        directory.is_secret = True  # whatever a plan wrote, nobody gets it
        await checkouts.release(directory, self.planner.repositories)
        await asyncio.to_thread(removal.remove, directory.root.parent)


async def _left(directory: PlannedDirectory, recorder: Recorder) -> list[str]:
    """Return what of the work trees would reach nobody."""
    notes = []
    pushed = {push.head for push in recorder.pushes}
    for path, tree in directory.trees.items():
        shown = f"./{directory.named(path)}"
        if tree.opaque or tree.touched:
            commit = await patches.between(tree.mirror, tree.head, await tree.stage())
            if commit:
                notes.append(f"{shown} has {len(commit)} changed files that no step commits")
        if tree.head in recorder.provisional and tree.head not in pushed:
            notes.append(f"{shown} has a commit that no step pushes")
    return notes


def _name(stage: str, freight: str) -> str:
    return f"{stage}.{_NAME}.{freight[:7]}"


def _seen(stage: Stored, freight: Stored, template: InflatedTemplate) -> dict[str, Any]:
    document = {
        key: value for key, value in freight.document.items() if key not in ("metadata", "status")
    }
    return {
        "the Stage": (stage.uid, stage.document.get("spec")),
        "the Freight": (freight.uid, document),
        "a task of its steps": (list(template.steps), list(template.variables)),
    }


def _shown(id_: str, file: ChangedFile) -> dict[str, Any]:
    return {
        "id": id_,
        "path": file.path,
        "added": file.added,
        "removed": file.removed,
        "isBinary": file.is_binary,
    }


def _masked(file: ChangedFile, confidence: Confidence) -> ChangedFile:
    return type(file)(
        path=confidence.disclosed.masked(file.path),
        added=file.added,
        removed=file.removed,
        is_binary=file.is_binary,
        patch=confidence.disclosed.masked(file.patch),
        is_cut=file.is_cut,
    )
