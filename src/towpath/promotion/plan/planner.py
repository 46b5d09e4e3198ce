"""Makes plans and keeps the newest: what a Promotion of some Freight to a Stage would do, and whether that still holds."""

from __future__ import annotations

import asyncio
import collections
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.admission import gathering
from towpath.caller_turns import CallerTurns
from towpath.disk import removal
from towpath.promotion.plan import inputs
from towpath.promotion.plan.allowance import PlanAllowance
from towpath.promotion.plan.made import Gone, Plan, PlanSet, Unplanned, Variant
from towpath.promotion.plan.outcome import PlanOutcome
from towpath.promotion.plan.outdating import Confided, Outdating
from towpath.promotion.plan.plan_run import PlanRun
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.doors.recording.recorder import PlanBase
    from towpath.promotion.plan.kept import KeptPlans
    from towpath.promotion.plan.workbench import Workbench
    from towpath.rules.gates.steps import InflatedTemplate
    from towpath.store.contract import Stored

MOST_VARIANTS: Final = 8
LOOK_SECONDS: Final = 2.0
"""How long a repository may take to say where its branch is, to whoever looks at a plan."""
DECISION_SECONDS: Final = 30.0
"""The same, to whoever promotes what was planned."""
_AT_ONCE: Final = 4
_OF_ONE: Final = 2
"""Of one Project's: however long its repositories take, a turn is left for the next."""
_WAITING_OF_ONE: Final = 16
_WAITING: Final = 64
MOST_STAGES: Final = 50
"""Of one set of plans."""
_SECONDS: Final = 300.0
_MOST_CONFIDED: Final = 200


@dataclass(slots=True, kw_only=True)
class Planner:
    """Makes and keeps plans."""

    bench: Workbench
    kept: KeptPlans
    _confided: collections.OrderedDict[str, Confided] = field(
        default_factory=collections.OrderedDict
    )
    """By the id of a plan, where something of the addresses that it was built on is secret. It is written nowhere."""
    _turns: CallerTurns = field(
        default_factory=lambda: CallerTurns(
            _AT_ONCE, _OF_ONE, most_of_one=_WAITING_OF_ONE, most=_WAITING, leaves_room=True
        )
    )

    async def start(self) -> None:
        """Remove what a former process left unfinished, and take up what it kept."""
        await asyncio.to_thread(removal.remove, self.bench.folder)
        self.bench.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self.kept.start()

    async def plan(
        self, stage: Stored, freight: Stored, *, actor: str, allow_reads: bool = False
    ) -> Plan:
        """Make a plan; a few are made at once, Project by Project.

        Raises Invalid for a Stage without steps, TooManyRequests where many wait already, Timeout, Unavailable, and what
        reading the store raises.
        """
        plan = await self._planned(stage, freight, actor, allow_reads=allow_reads)
        await self.kept.keep(plan)
        return plan

    async def plan_several(
        self,
        stages: Sequence[Stored],
        freight: Stored,
        *,
        actor: str,
        allow_reads: bool = False,
        unplanned: Sequence[Unplanned] = (),
    ) -> PlanSet:
        """Make plans for several Stages, each as if it were alone, and keep them as one. `unplanned`: those that were refused.

        A Stage that cannot be planned is told in the set; what keeps the server from planning raises as `plan` does.
        """
        turns, refused = asyncio.Semaphore(_OF_ONE), list(unplanned)

        async def planned(stage: Stored) -> Plan | None:
            async with turns:
                try:
                    return await self._planned(stage, freight, actor, allow_reads=allow_reads)
                except errors.TowpathError as error:
                    if error.status >= 500 or isinstance(error, errors.TooManyRequests):
                        raise
                    told = Unplanned(stage=stage.ref.name, status=error.status, error=error.message)
                    refused.append(told)
                    return None

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(planned(each)) for each in stages]
        except BaseExceptionGroup as several:  # the others were given up for the first
            raise several.exceptions[0] from None
        project = freight.ref.namespace
        found = PlanSet(
            id=secrets.token_hex(8),
            project=project,
            project_uid=await self._uid(project),
            freight=freight.ref.name,
            actor=actor,
            made=self.bench.around.clock.now(),
            plans=[plan for task in tasks if (plan := task.result()) is not None],
            unplanned=sorted(refused, key=lambda each: each.stage),
        )
        await self.kept.keep(found)
        return found

    async def _planned(
        self, stage: Stored, freight: Stored, actor: str, *, allow_reads: bool
    ) -> Plan:
        template = await gathering.template(
            self.bench.around.store, stage.ref.namespace, stage.document
        )
        if not template.steps:
            raise errors.Invalid(
                f"Stage {stage.ref.name} has no steps to plan: give it promotionTemplate.spec.steps"
            )
        async with self._turns.turn(stage.ref.namespace):
            making = self._made(stage, freight, template, actor, allow_reads=allow_reads)
            try:
                return await within(
                    self.bench.around.clock, _SECONDS, making, what=f"the plan for {stage.ref}"
                )
            except OutOfTime:
                raise errors.Timeout(
                    f"the plan for Stage {stage.ref.name} took more than {_SECONDS:g} s and was given up"
                ) from None

    async def find(self, project: str, id: str) -> Plan | PlanSet | Gone:  # noqa: A002 - the field's name
        """Return a plan of a Project, a set of them, or what is known of one that is not kept any more. Raises NotFound.

        Plans of another Project are not found, nor those of one that had the same name before.
        """
        found = await self.kept.find(id)
        if found is None or (found.project, found.project_uid) != (
            project,
            await self._uid(project),
        ):
            raise errors.NotFound(
                f"there is no plan {messages.cut(id, messages.FOREIGN_BYTES)} in Project {project}; plan again, with "
                "towpath plan"
            )
        return found

    async def outdated(self, plan: Plan, *, actor: str, seconds: float = LOOK_SECONDS) -> list[str]:
        """Return what has changed since a plan was made, as it is now, and what cannot be told; nothing: it still holds."""
        known = self._confided.get(plan.id)
        return await Outdating(self.bench).since(plan, known, actor=actor, seconds=seconds)

    async def all_outdated(
        self, plans: Sequence[Plan], *, actor: str, seconds: float = LOOK_SECONDS
    ) -> dict[str, list[str]]:
        """Return the same of several plans, by Stage; those that hold are left out. A branch is looked up once for all."""
        outdating = Outdating(self.bench)
        found = await asyncio.gather(
            *(
                outdating.since(each, self._confided.get(each.id), actor=actor, seconds=seconds)
                for each in plans
            )
        )
        return {plan.stage: told for plan, told in zip(plans, found, strict=True) if told}

    async def outcome(
        self, plan: Plan, state: Mapping[str, Any], *, actor: str
    ) -> list[dict[str, Any]]:
        """Return of each push of a plan what became of it in a Promotion with these outputs."""
        return await PlanOutcome(self.bench).compared(plan, state, actor=actor)

    async def _uid(self, project: str) -> str:
        try:
            return (await self.bench.around.store.get(Ref(scheme.PROJECT, "", project))).uid
        except errors.NotFound:
            return ""

    async def _made(
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
        bases: list[PlanBase] = []
        shown: list[PlanBase] = []
        secret: set[str] = set()
        allowance = PlanAllowance()
        while pending and len(variants) < MOST_VARIANTS:
            assumed = pending.pop(0)
            run = await PlanRun(
                bench=self.bench,
                stage=stage,
                freight=freight,
                template=template,
                actor=actor,
                allow_reads=allow_reads,
                assumed=assumed,
            ).rehearsed(allowance)
            for base in run.bases:
                if base not in bases:
                    bases.append(base)
                    shown.append(_masked(base, run.disclosed))
                    secret.update(run.disclosed.kept)
            if run.open:
                first = run.open[0]
                pending[:0] = [{**assumed, first: True}, {**assumed, first: False}]
                continue
            variants.append(run.variant)
        if shown != bases:
            self._confide(id_, Confided(bases, sorted(secret)))
        project = stage.ref.namespace
        return Plan(
            id=id_,
            project=project,
            project_uid=await self._uid(project),
            stage=stage.ref.name,
            freight=freight.ref.name,
            actor=actor,
            made=self.bench.around.clock.now(),
            variants=variants,
            bases=shown,
            seen=inputs.seen(stage, freight, template),
            is_cut=bool(pending),
        )

    def _confide(self, id_: str, known: Confided) -> None:
        self._confided[id_] = known
        if len(self._confided) > _MOST_CONFIDED:
            self._confided.popitem(last=False)


def _masked(base: PlanBase, disclosed: Disclosed) -> PlanBase:
    """Return what was built on without what is secret."""
    names = (base.url, base.branch, base.tag, base.commit)
    if not disclosed.holds(list(names)):
        return base
    url, branch, tag, commit = (disclosed.masked(each) for each in names)
    return replace(base, url=url, branch=branch, tag=tag, commit=commit, is_secret=True)
