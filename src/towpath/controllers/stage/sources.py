"""Changes of other objects after which a Stage must be looked at."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from towpath.controllers.stage import freight_waking
from towpath.controllers.stage.freight_waking import FreightWaking
from towpath.controllers.stage.own_marks import OwnMarks
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.store.contract import Document, Stored


def sources(own: OwnMarks | None = None) -> tuple[Source, ...]:
    """Return the sources of the Stage controller: Stages, their Promotions, tasks and policies, Freight they request.

    `own`: what Stages say of themselves on Freight, which is no news to them.
    """
    known = _Stages()
    freight = FreightWaking(own if own is not None else OwnMarks())

    def of_stage(stored: Stored) -> Iterable[Ref]:
        spec = stored.document["spec"]
        known.see(stored.ref, spec)
        freight.see_stage(stored.ref, spec.get("requestedFreight") or ())
        return (stored.ref,)

    return (
        Source(query=Query(kind=scheme.STAGE), keys=of_stage, mark=without_status),
        Source(query=Query(kind=scheme.PROMOTION), keys=_of_promotion, mark=_how_far),
        Source(
            query=Query(kind=scheme.FREIGHT), mark=freight_waking.mark, concerns=freight.concerns
        ),
        Source(
            query=Query(kind=scheme.PROJECT),
            keys=lambda stored: known.of(stored.ref.name),
            mark=without_status,
        ),
        Source(
            query=Query(kind=scheme.PROJECT_CONFIG),
            keys=lambda stored: known.of(stored.ref.namespace),
            mark=without_status,
        ),
        Source(query=Query(kind=scheme.PROMOTION_TASK), keys=known.of_task),
        Source(query=Query(kind=scheme.CLUSTER_PROMOTION_TASK), keys=known.of_task),
    )


def _how_far(stored: Stored) -> object:
    """Return what of a Promotion matters to its Stage: how it ended, once it has, and not how far its steps are."""
    document = stored.document
    metadata = document["metadata"]
    phase = (document.get("status") or {}).get("phase")
    has_ended = isinstance(phase, str) and bool(phase) and PromotionPhase(phase).is_terminal
    return (
        stored.uid,
        phase if has_ended else "",
        metadata.get("deletionTimestamp"),
        metadata.get("annotations"),
    )


def _of_promotion(stored: Stored) -> Iterable[Ref]:
    stage = stored.document["spec"].get("stage")
    return (Ref(scheme.STAGE, stored.ref.namespace, stage),) if stage else ()


class _Stages:
    """Which Stages a Project has, and which use which task, as far as Stages were seen."""

    def __init__(self) -> None:
        self._projects: dict[str, dict[str, None]] = defaultdict(dict)
        self._tasks: dict[tuple[str, str, str], dict[Ref, None]] = defaultdict(dict)
        """By kind, namespace and name of a task."""

    def see(self, stage: Ref, spec: Document) -> None:
        """Take note of a Stage. One that is gone, or uses a task no longer, costs one look too many and no more."""
        self._projects[stage.namespace][stage.name] = None
        template = (spec.get("promotionTemplate") or {}).get("spec") or {}
        for step in template.get("steps") or ():
            task = step.get("task")
            if task:
                kind = task.get("kind") or scheme.PROMOTION_TASK.name
                space = stage.namespace if kind == scheme.PROMOTION_TASK.name else ""
                self._tasks[kind, space, task["name"]][stage] = None

    def of_task(self, stored: Stored) -> Iterable[Ref]:
        """Return the Stages that use a task."""
        ref = stored.ref
        return tuple(self._tasks.get((ref.kind.name, ref.namespace, ref.name), ()))

    def of(self, project: str) -> Iterable[Ref]:
        """Return the Stages of a Project."""
        return [Ref(scheme.STAGE, project, name) for name in self._projects.get(project, ())]
