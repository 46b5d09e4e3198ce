"""Projects: the namespace of each, what is in it when the Project goes, and how its parts fare."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath import errors, messages
from towpath.admission import contents, finalizers, namespaces, policies
from towpath.admission.projects import ensure_namespace
from towpath.admission.requester import Requester
from towpath.resources import booleans, moments, scheme
from towpath.resources.annotations import CREATE_ACTOR, KEEP_NAMESPACE
from towpath.resources.kinds import Ref
from towpath.resources.labels import PROJECT_LABEL
from towpath.resources.meta import Condition, condition, with_condition
from towpath.resources.project import HealthStats, KindStats, Project, ProjectStats, ProjectStatus
from towpath.resources.stage import Stage
from towpath.resources.structs import to_document
from towpath.resources.warehouse import Warehouse
from towpath.rules import project_roles
from towpath.rules.older_forms import with_deprecated
from towpath.rules.policies import matches_any, selectable
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source, without_status
from towpath.runtime.unchanged import Unchanged
from towpath.store.contract import Query
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store, Stored

REQUESTER: Final = Requester("controller:project-controller", is_controller=True)
_MOST_TOLD: Final = 20
"""Places of policies in one message."""
_NOT_COUNTED: Final = "its health is not counted in the status of its Project"
_STATS_SECONDS: Final = 5.0
"""How long after a change of a part the counts may lag behind."""
_WHAT_COUNTS_AT_ONCE: Final = (scheme.PROJECT, scheme.NAMESPACE, scheme.PROJECT_CONFIG)


def sources() -> tuple[Source, ...]:
    """Return the sources of the Project controller: Projects, their namespaces, and their parts for the counts."""
    return (
        Source(query=Query(kind=scheme.PROJECT), mark=without_status),
        Source(query=Query(kind=scheme.NAMESPACE), keys=_of_namespace),
        Source(query=Query(kind=scheme.WAREHOUSE), keys=_of_part, mark=_how_it_fares),
        Source(query=Query(kind=scheme.STAGE), keys=_of_part, mark=_how_it_fares),
        Source(query=Query(kind=scheme.PROJECT_CONFIG), keys=_of_part),
    )


def _how_it_fares(stored: Stored) -> object:
    """Return what a Project's status depends on in one of its objects: its generation, and whether it is healthy."""
    document = stored.document
    found = (document.get("status") or {}).get("conditions") or ()
    healthy = [each["status"] for each in found if each["type"] == "Healthy"]
    return document["metadata"].get("generation"), healthy


def _of_namespace(stored: Stored) -> Iterable[Ref]:
    labels = stored.document["metadata"].get("labels") or {}
    is_project = booleans.is_set(labels, PROJECT_LABEL)
    return (Ref(scheme.PROJECT, "", stored.ref.name),) if is_project else ()


def _of_part(stored: Stored) -> Iterable[Ref]:
    return (Ref(scheme.PROJECT, "", stored.ref.namespace),)


class ProjectReconciler:
    """Reconciles Projects."""

    def __init__(
        self, store: Store, writer: SystemAuthority, clock: Clock, *, kinds: Iterable[Kind]
    ) -> None:
        """`kinds`: every kind; those of a namespace go with it."""
        self._store = store
        self._writer = writer
        self._clock = clock
        self._kinds = tuple(kind for kind in kinds if kind.namespaced)
        self._counted: dict[Ref, float] = {}
        self._in_line: dict[Ref, int] = {}
        """By Project: the revision of Projects, namespaces and configurations at which all but the counts was in line."""
        self._unchanged = Unchanged()
        self._granted: dict[Ref, int] = {}
        """By Project: the revision for which its accounts and roles were brought in line."""

    async def reconcile(self, request: Ref) -> Done:
        """Bring a Project, or what is left of its namespace, in line."""
        changed = self._store.changed(_WHAT_COUNTS_AT_ONCE)
        since = self._clock.monotonic() - self._counted.get(request, float("-inf"))
        if since < _STATS_SECONDS and self._in_line.get(request) == changed:
            return _to_be_counted(since)  # a part has changed, as with each Promotion
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            return await self._without_project(request.name)
        if stored.document["metadata"].get("deletionTimestamp"):
            return await self._finalize(stored)
        space = await self._namespace(request.name)
        if space is not None and space.document["metadata"].get("deletionTimestamp"):
            # The namespace was deleted: the Project goes with it.
            await self._writer.delete(request, REQUESTER)
            return Done()
        if space is not None and not _is_projects(space):
            await self._stall(stored)
            return Done(waiting_for="the label of its namespace")
        if space is None or not finalizers.is_on(space.document):
            await ensure_namespace(self._store, request.name, REQUESTER.actor)
        if not finalizers.is_on(stored.document):
            stored = await self._writer.modify(request, finalizers.added, REQUESTER)
        if self._granted.get(request) != stored.revision:
            await self._grant(stored)
            self._granted[request] = stored.revision
        # Counting takes reading all parts: at most every few seconds, and once more after the last change.
        if since < _STATS_SECONDS and stored.view(Project).status is not None:
            self._in_line[request] = changed
            return _to_be_counted(since)
        await self._report(stored)
        self._counted[request] = self._clock.monotonic()
        return Done()

    async def _grant(self, stored: Stored) -> None:
        """Make the Project's accounts and roles, and set those back that somebody has changed."""
        annotations = stored.document["metadata"].get("annotations") or {}
        for wanted in project_roles.documents(stored.ref.name, annotations.get(CREATE_ACTOR, "")):
            kind = scheme.find(wanted["apiVersion"], wanted["kind"])
            metadata = wanted["metadata"]
            if kind is None:
                raise errors.Unsupported(f"there is no kind {wanted['kind']}")
            ref = Ref(kind, metadata.get("namespace", ""), metadata["name"])
            try:
                found = (await self._store.get(ref)).document
            except errors.NotFound:
                try:
                    await self._writer.create(wanted, REQUESTER)
                except errors.AlreadyExists:
                    continue
            else:
                if project_roles.differs(found, wanted):
                    await self._writer.update(project_roles.updated(found, wanted), REQUESTER)

    async def _stall(self, stored: Stored) -> None:
        """Say that the namespace of the Project's name is not for a Project."""
        project = stored.view(Project)
        status = project.status or ProjectStatus()
        message = (
            f"namespace {stored.ref.name!r} is not that of a Project: give it the label "
            f'{PROJECT_LABEL}: "true" to have it adopted'
        )
        for type_, value in (("Ready", "False"), ("Stalled", "True")):
            wanted = Condition(
                type=type_,
                status=value,
                reason="ExistingNamespaceMissingLabel",
                message=message,
                last_transition_time=moments.whole_seconds(self._clock.now()),
                observed_generation=project.metadata.generation or 0,
            )
            status.conditions = with_condition(status.conditions, wanted)
        document = to_document(status)
        await self._writer.set_status(stored.ref, lambda _: document, REQUESTER)

    async def _namespace(self, name: str) -> Stored | None:
        try:
            return await self._store.get(Ref(scheme.NAMESPACE, "", name), fresh=True)
        except errors.NotFound:
            return None

    async def _report(self, stored: Stored) -> None:
        """Write the status: counts, and whether all is in order."""
        project, now = stored.view(Project), self._clock.now()
        status = project.status or ProjectStatus()
        stages, warehouses = [], KindStats(count=0, health=HealthStats())
        async for batch in self._store.scan(
            Query(kind=scheme.WAREHOUSE, namespace=stored.ref.name)
        ):
            warehouses.count += len(batch)
            for _, warehouse in views(batch, Warehouse, purpose=_NOT_COUNTED):
                found = warehouse.status
                healthy = condition(found.conditions, "Healthy") if found else None
                if healthy is not None and healthy.status == "True" and warehouses.health:
                    warehouses.health.healthy += 1
        counted = KindStats(count=0, health=HealthStats())
        async for batch in self._store.scan(Query(kind=scheme.STAGE, namespace=stored.ref.name)):
            for _, stage in views(batch, Stage, purpose=_NOT_COUNTED):
                stages.append(selectable(stage.metadata))
                if stage.controls_flow_only:
                    continue
                counted.count += 1
                healthy = condition(stage.status.conditions, "Healthy") if stage.status else None
                if healthy is not None and healthy.status == "True" and counted.health:
                    counted.health.healthy += 1
        status.stats = ProjectStats(warehouses=warehouses, stages=counted)
        in_force = (await policies.in_force(self._store, stored.ref.name)).policies
        idle = []
        for place, policy in enumerate(in_force):
            if not matches_any(policy, stages):
                idle.append(place)
            await asyncio.sleep(0)  # of thousands of policies and Stages each pair is looked at
        message = "the Project is in order"
        if idle and stages:
            places = messages.first([str(place) for place in idle], _MOST_TOLD)
            message = f"promotionPolicies ({places}) match no Stage of the Project"
        ready = Condition(
            type="Ready",
            status="True",
            reason="Synced",
            message=message,
            last_transition_time=moments.whole_seconds(now),
            observed_generation=project.metadata.generation or 0,
        )
        status.conditions = [each for each in status.conditions if each.type != "Stalled"]
        status.conditions = with_condition(
            with_deprecated(status.conditions, scheme.PROJECT.name, stored.document, now), ready
        )
        wanted = to_document(status)
        await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)

    # Going

    async def _finalize(self, stored: Stored) -> Done:
        """Delete the namespace with all that is in it, then let the Project go."""
        space = await self._namespace(stored.ref.name)
        keep = _keeps(stored) or (space is not None and (_keeps(space) or _is_systems(space)))
        if space is not None and not keep:
            if not space.document["metadata"].get("deletionTimestamp"):
                await self._writer.delete(space.ref, REQUESTER)
            left = await self._empty(stored.ref.name)
            if left:
                return self._waiting(stored.ref, left)
        self._unchanged.forget(stored.ref)
        for wanted in project_roles.of_cluster(stored.ref.name):
            kind = scheme.find(wanted["apiVersion"], wanted["kind"])
            if kind is not None:
                await self._remove(Ref(kind, "", wanted["metadata"]["name"]))
        if space is not None:
            await self._let_go(space.ref)
        await self._let_go(stored.ref)
        return Done()

    async def _without_project(self, name: str) -> Done:
        """Finish the deletion of a namespace whose Project is gone already."""
        space = await self._namespace(name)
        if space is None or not space.document["metadata"].get("deletionTimestamp"):
            return Done()
        left = await self._empty(name)
        project = Ref(scheme.PROJECT, "", name)
        if left:
            return self._waiting(project, left)
        self._unchanged.forget(project)
        await self._let_go(space.ref)
        return Done()

    def _waiting(self, project: Ref, left: list[str]) -> Done:
        waiting_for = f"{', '.join(left)} in it to be deleted"
        again = self._unchanged.seconds(project, waiting_for)
        return Done(again_seconds=again, waiting_for=waiting_for)

    async def _empty(self, name: str) -> list[str]:
        return await contents.empty(self._store, self._writer, self._kinds, name, REQUESTER)

    async def _remove(self, ref: Ref) -> None:
        try:
            await self._writer.delete(ref, REQUESTER)
        except errors.NotFound:
            return

    async def _let_go(self, ref: Ref) -> None:
        try:
            await self._writer.modify(ref, finalizers.removed, REQUESTER)
        except errors.NotFound:
            return


def _to_be_counted(since: float) -> Done:
    return Done(again_seconds=_STATS_SECONDS - since, waiting_for="parts to be counted")


def _is_projects(space: Stored) -> bool:
    labels = space.document["metadata"].get("labels") or {}
    return booleans.is_set(labels, PROJECT_LABEL)


def _is_systems(space: Stored) -> bool:
    """Whether the namespace would stay: a Project of an earlier version may have such a name."""
    return space.ref.name in namespaces.PROTECTED


def _keeps(stored: Stored) -> bool:
    return booleans.is_set(stored.document["metadata"].get("annotations"), KEEP_NAMESPACE)
