"""Changes of other objects after which a Stage must be looked at."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from towpath.controllers.stage.newest_freight import NewestFreight, freight_origin
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.store.contract import Document, Stored


def sources() -> tuple[Source, ...]:
    """Return the sources of the Stage controller: Stages, their Promotions, tasks and policies, Freight they request."""
    wanted = _Requests()
    return (
        Source(query=Query(kind=scheme.STAGE), keys=wanted.of_stage, mark=without_status),
        Source(query=Query(kind=scheme.PROMOTION), keys=_of_promotion, mark=_how_far),
        Source(
            query=Query(kind=scheme.FREIGHT),
            keys=wanted.of_freight,
            mark=without_status,
            gone=wanted.of_gone,
        ),
        Source(query=Query(kind=scheme.FREIGHT), keys=wanted.of_marked),
        Source(
            query=Query(kind=scheme.PROJECT),
            keys=lambda stored: wanted.of(stored.ref.name),
            mark=without_status,
        ),
        Source(
            query=Query(kind=scheme.PROJECT_CONFIG),
            keys=lambda stored: wanted.of(stored.ref.namespace),
            mark=without_status,
        ),
        Source(query=Query(kind=scheme.PROMOTION_TASK), keys=wanted.of_task),
        Source(query=Query(kind=scheme.CLUSTER_PROMOTION_TASK), keys=wanted.of_task),
    )


def _how_far(stored: Stored) -> object:
    """Return what of a Promotion matters to its Stage: not what its steps say."""
    document = stored.document
    metadata = document["metadata"]
    return (
        stored.uid,
        (document.get("status") or {}).get("phase"),
        metadata.get("deletionTimestamp"),
        metadata.get("annotations"),
    )


def _of_promotion(stored: Stored) -> Iterable[Ref]:
    stage = stored.document["spec"].get("stage")
    return (Ref(scheme.STAGE, stored.ref.namespace, stage),) if stage else ()


class _Requests:
    """Which Stages request Freight of which origin, and use which task, as far as Stages were seen.

    A Stage that is gone, or no longer requests an origin, costs one look too many and no more.
    """

    def __init__(self) -> None:
        self._direct: dict[tuple[str, str], tuple[Ref, ...]] = defaultdict(tuple)
        """By Project and origin; each of thousands of Freight stands for the same tuple."""
        self._behind: dict[tuple[str, str, str], set[Ref]] = defaultdict(set)
        """By Project, origin, and a Stage whose verified Freight they take."""
        self._newest = NewestFreight()
        self._projects: dict[str, set[str]] = defaultdict(set)
        self._tasks: dict[tuple[str, str, str], set[Ref]] = defaultdict(set)
        """By kind, namespace and name of a task."""

    def of_stage(self, stored: Stored) -> Iterable[Ref]:
        project, name = stored.ref.namespace, stored.ref.name
        spec = stored.document["spec"]
        self._projects[project].add(name)
        for request in spec.get("requestedFreight") or ():
            self._see_request(stored.ref, request)
        template = (spec.get("promotionTemplate") or {}).get("spec") or {}
        for step in template.get("steps") or ():
            task = step.get("task")
            if task:
                kind = task.get("kind") or scheme.PROMOTION_TASK.name
                space = project if kind == scheme.PROMOTION_TASK.name else ""
                self._tasks[kind, space, task["name"]].add(stored.ref)
        return (stored.ref,)

    def of_task(self, stored: Stored) -> Iterable[Ref]:
        ref = stored.ref
        return sorted(self._tasks.get((ref.kind.name, ref.namespace, ref.name), ()), key=str)

    def _see_request(self, stage: Ref, request: Document) -> None:
        project, origin = stage.namespace, request["origin"]["name"]
        sources = request.get("sources") or {}
        if sources.get("direct") and stage not in self._direct[project, origin]:
            self._direct[project, origin] = (*self._direct[project, origin], stage)
        for upstream in sources.get("stages") or ():
            self._behind[project, origin, upstream].add(stage)

    def of_freight(self, stored: Stored) -> Iterable[Ref]:
        """Return the Stages that Freight goes to straight from its origin: any others cannot take it before it is marked."""
        self._newest.see(stored)
        return self._direct.get(freight_origin(stored), ())

    def of_gone(self, ref: Ref, stored: Stored | None) -> Iterable[Ref] | None:
        """Return none of those where newer Freight of the origin is there: no choice of theirs was the one that is gone."""
        return () if self._newest.is_outdone(ref, stored) else None

    def of_marked(self, stored: Stored) -> Iterable[Ref]:
        """Return the Stages that the status of Freight names, and those that take what was verified in one of them."""
        project, origin = freight_origin(stored)
        status = stored.document.get("status") or {}
        verified = status.get("verifiedIn") or {}
        named = {*verified, *(status.get("currentlyIn") or {}), *(status.get("approvedFor") or {})}
        found = {Ref(scheme.STAGE, project, name) for name in named & self._projects[project]}
        for name in verified:
            found |= self._behind.get((project, origin, name), set())
        return sorted(found, key=str)

    def of(self, project: str) -> Iterable[Ref]:
        return [Ref(scheme.STAGE, project, name) for name in self._projects[project]]
