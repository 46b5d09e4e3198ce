"""What has changed since a plan was made: it is looked up whenever somebody asks, so that the answer is never older than that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath import errors, messages
from towpath.admission import gathering
from towpath.clients.git import git_errors
from towpath.promotion.confidence import Confidence
from towpath.promotion.plan import inputs
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.promotion.doors.recording.recorder import PlanBase
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.plan.made import Plan
    from towpath.promotion.plan.workbench import Workbench
    from towpath.store.contract import Stored


@dataclass(frozen=True, slots=True)
class Confided:
    """What a plan was built on whose addresses are partly secret, as long as this process knows it."""

    bases: Sequence[PlanBase]
    """Those of the plan in their order, with their true addresses."""
    values: Sequence[str]
    """What is secret."""


@dataclass(frozen=True, slots=True)
class Outdating:
    """Looks at what plans were made of."""

    bench: Workbench
    _looks: dict[PlanBase, asyncio.Task[str]] = field(default_factory=dict)
    """What is looked up already: plans that are looked at together often were built on the same."""

    async def since(
        self, plan: Plan, known: Confided | None, *, actor: str, seconds: float
    ) -> list[str]:
        """Return what has changed since a plan was made, and what cannot be told; nothing: it still holds.

        `actor`: in whose name credentials are opened. `seconds`: how long each repository may take to answer.
        """
        confidence = Confidence()
        bases = plan.bases
        if known is not None:
            bases = list(known.bases)
            confidence.disclosed.learn(*known.values)
        git = await self.bench.git(plan.project, plan.stage, plan.freight, confidence, actor)
        moved = await asyncio.gather(
            *(self._look(git, each, seconds) for each in bases if not each.commit)
        )
        # The objects last: whoever promotes now finds them as they are here.
        changed = await self._changed(plan)
        return changed + [confidence.disclosed.said(each) for each in moved if each]

    async def _changed(self, plan: Plan) -> list[str]:
        """Return which objects have changed."""
        stage = await self._found(scheme.STAGE, plan.project, plan.stage)
        freight = await self._found(scheme.FREIGHT, plan.project, plan.freight)
        if stage is None or freight is None:
            gone = f"Stage {plan.stage}" if stage is None else f"Freight {plan.freight}"
            return [f"{gone} is not there any more"]
        template = await gathering.template(self.bench.around.store, plan.project, stage.document)
        now = inputs.seen(stage, freight, template)
        return [
            f"{what} has changed" for what, before in plan.seen.items() if now.get(what) != before
        ]

    async def _found(self, kind: Any, project: str, name: str) -> Stored | None:
        try:
            return await self.bench.around.store.get(Ref(kind, project, name), fresh=True)
        except errors.NotFound:
            return None

    async def _look(self, git: GitClient, base: PlanBase, seconds: float) -> str:
        if base not in self._looks:
            self._looks[base] = asyncio.create_task(self._moved(git, base, seconds))
        return await self._looks[base]

    async def _moved(self, git: GitClient, base: PlanBase, seconds: float) -> str:
        """Return where a branch or tag is now, if that is not where it was; empty if it is."""
        shown = base.branch or base.tag or "the default branch"
        untold = f"it cannot be told whether {shown} of {base.url} has moved"
        if base.is_secret:
            return f"{untold}: something of its address is secret, and that is forgotten when the server stops; plan again"
        try:
            repository = await git.open(base.url, insecure=base.insecure, blobless=base.blobless)
            looking = repository.resolve(branch=base.branch or None, tag=base.tag or None)
            found = await within(
                self.bench.around.clock, seconds, looking, what=f"a look at {shown}"
            )
        except (git_errors.RefNotFound, git_errors.EmptyRepository):
            return f"{shown} is not there any more"
        except OutOfTime:
            return f"{untold}: the server has not answered within {seconds:g} s"
        except errors.TowpathError as error:
            return f"{untold}: {error.message}"
        if found.commit == base.found:
            return ""
        return (
            f"{shown} of {repository} has moved from {messages.short_id(base.found)} to "
            f"{messages.short_id(found.commit)}"
        )
