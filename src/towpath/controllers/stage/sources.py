"""Changes of other objects after which a Stage must be looked at."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from towpath.controllers.stage import freight_waking
from towpath.controllers.stage.freight_waking import FreightWaking
from towpath.controllers.stage.occupied import Occupied
from towpath.controllers.stage.own_marks import OwnMarks
from towpath.resources import scheme
from towpath.resources.fields import Struct
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.rules.verifying.run_document import stage_of
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.store.contract import Document, Stored


def sources(own: OwnMarks | None = None, occupied: Occupied | None = None) -> tuple[Source, ...]:
    """Return the sources of the Stage controller: Stages, their Promotions, tasks, policies and windows, Freight they request.

    `own`: what Stages say of themselves on Freight, which is no news to them; `occupied`: Stages that only wait for their
    current Promotion to end.
    """
    known = _Stages()
    waiting = occupied if occupied is not None else Occupied()
    freight = FreightWaking(own if own is not None else OwnMarks())

    def of_stage(stored: Stored) -> Iterable[Ref]:
        spec = stored.document["spec"]
        known.see(stored.ref, spec)
        freight.see_stage(stored.ref, spec.get("requestedFreight") or ())
        return (stored.ref,)

    def of_promotion(ref: Ref, before: _HowFar | None, after: _HowFar | None) -> Iterable[Ref]:
        of = after or before
        if of is None or not of.stage:
            return
        stage = Ref(scheme.STAGE, ref.namespace, of.stage)
        is_asked_for = before is None and after is not None and not after.phase
        if not (is_asked_for and stage in waiting):
            yield stage

    def of_run(ref: Ref, before: _Verdict | None, after: _Verdict | None) -> Iterable[Ref]:
        of = after or before
        if of is not None and of.stage:
            yield Ref(scheme.STAGE, ref.namespace, of.stage)

    return (
        Source(query=Query(kind=scheme.STAGE), keys=of_stage, mark=without_status),
        Source(query=Query(kind=scheme.PROMOTION), mark=_how_far, concerns=of_promotion),
        Source(query=Query(kind=scheme.ANALYSIS_RUN), mark=_verdict, concerns=of_run),
        Source(query=Query(kind=scheme.HOOK_RUN), mark=_held_up, concerns=_of_hook_run),
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
        Source(
            query=Query(kind=scheme.CLUSTER_CONFIG),
            keys=lambda _: known.all(),
            mark=_windows,
        ),
        Source(query=Query(kind=scheme.PROMOTION_TASK), keys=known.of_task),
        Source(query=Query(kind=scheme.CLUSTER_PROMOTION_TASK), keys=known.of_task),
    )


class _Metadata(Struct):
    deletion_timestamp: Any = None
    annotations: Any = None
    labels: Any = None


class _Spec(Struct):
    stage: str = ""


class _Status(Struct):
    phase: str = ""


class _Run(Struct):
    """What is read of a Promotion: every write of it is looked at."""

    metadata: _Metadata
    spec: _Spec | None = None
    status: _Status | None = None


class _Measuring(Struct):
    """What is read of an AnalysisRun: every measurement is a write of it."""

    metadata: _Metadata
    status: _Status | None = None


class _Verdict(NamedTuple):
    """What of an AnalysisRun matters to its Stage: how far it is, and not what was measured."""

    uid: str
    stage: str
    phase: str


def _verdict(stored: Stored) -> _Verdict:
    run = stored.view(_Measuring)
    metadata = {"annotations": run.metadata.annotations, "labels": run.metadata.labels}
    phase = run.status.phase if run.status is not None else ""
    return _Verdict(stored.uid, stage_of(metadata), phase)


class _Blocking(Struct):
    """What is read of the spec of a HookRun."""

    stage: str = ""
    blocking: bool = False


def _windows(stored: Stored) -> Any:
    """Return what of the ClusterConfig matters to Stages: its promotion windows."""
    spec = stored.document.get("spec") or {}
    return spec.get("promotionWindows"), spec.get("promotionPolicies")


class _HookRun(Struct):
    """What is read of a HookRun: most hold nothing up."""

    spec: _Blocking | None = None
    status: _Status | None = None


def _held_up(stored: Stored) -> tuple[str, str] | None:
    """Return the Stage that a run may hold up, and how far the run is."""
    run = stored.view(_HookRun)
    if run.spec is None or not run.spec.blocking:
        return None
    return run.spec.stage, run.status.phase if run.status is not None else ""


def _of_hook_run(
    ref: Ref, before: tuple[str, str] | None, after: tuple[str, str] | None
) -> Iterable[Ref]:
    of = after or before
    if of is not None:
        yield Ref(scheme.STAGE, ref.namespace, of[0])


class _HowFar(NamedTuple):
    """What of a Promotion matters to its Stage: how it ended, once it has, and not how far its steps are."""

    uid: str
    stage: str
    phase: str
    """Empty while it has not ended."""
    deleted: Any
    annotations: Any


def _how_far(stored: Stored) -> _HowFar:
    run = stored.view(_Run)
    phase = run.status.phase if run.status is not None else ""
    has_ended = bool(phase) and PromotionPhase(phase).is_terminal
    return _HowFar(
        stored.uid,
        run.spec.stage if run.spec is not None else "",
        phase if has_ended else "",
        run.metadata.deletion_timestamp,
        run.metadata.annotations,
    )


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

    def all(self) -> Iterable[Ref]:
        """Return the Stages of all Projects."""
        return [
            Ref(scheme.STAGE, project, name)
            for project, of in self._projects.items()
            for name in of
        ]

    def of(self, project: str) -> Iterable[Ref]:
        """Return the Stages of a Project."""
        return [Ref(scheme.STAGE, project, name) for name in self._projects.get(project, ())]
