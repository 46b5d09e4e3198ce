"""Warehouses: look for artifacts when it is time or somebody asks, and make Freight of the newest."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.requester import Requester
from towpath.artifacts import criteria, hosts
from towpath.artifacts.discoverer import DiscoveryFailed
from towpath.artifacts.host_visits import HostVisits
from towpath.expressions import ExpressionError
from towpath.resources import moments, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.meta import condition
from towpath.resources.shared_namespaces import SHARED
from towpath.resources.structs import to_document, view
from towpath.resources.warehouse import Warehouse, WarehouseStatus
from towpath.rules import bursts, discovery, polling
from towpath.rules.discovery import Conditions
from towpath.rules.freight_contents import freight_of
from towpath.rules.freight_name import freight_name
from towpath.rules.older_forms import with_deprecated
from towpath.runtime.evaluation import Evaluations
from towpath.runtime.reconcile import Done, Retry, Terminal
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.event_recorder import EventRecorder
    from towpath.artifacts.discoverer import Discovered, Discoverer
    from towpath.clock import Clock
    from towpath.resources.warehouse import DiscoveredArtifacts
    from towpath.rules.bursts import Burst
    from towpath.store.contract import Document, Store, Stored

REQUESTER: Final = Requester("controller:warehouse-controller", is_controller=True)
_FAILED: Final = "DiscoveryFailed"
_LET_IN: Final = "another Secret, or the next look for artifacts"
_UNMADE: Final = "FreightCreationFailure"
_UNFINISHED: Final = frozenset({_UNMADE, "ReconcileError"})
"""Reasons of the condition Ready that say that the last pass did not come to its end."""


class WarehouseReconciler:
    """Reconciles Warehouses."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        events: EventRecorder,
        discoverer: Discoverer,
        *,
        minimum_seconds: Callable[[], float] = float,
        visits: HostVisits | None = None,
    ) -> None:
        """`minimum_seconds`: the shortest interval the operator allows at present."""
        self.visits = visits or HostVisits()
        """Whose turn it is at each host; whoever runs this follows it."""
        self._store = store
        self._writer = writer
        self._clock = clock
        self._events = events
        self._discoverer = discoverer
        self._minimum = minimum_seconds
        self._evaluations = Evaluations()
        self._refused: set[Ref] = set()
        """Warehouses that wait for another Secret."""

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the controller."""
        return (
            Source(query=Query(kind=scheme.WAREHOUSE), mark=without_status),
            Source(
                query=Query(kind=scheme.SECRET),
                keys=self._of_secret,
                mark=lambda stored: stored.revision,
            ),
        )

    def _of_secret(self, secret: Stored) -> Iterable[Ref]:
        """Return the Warehouses that a Secret may help."""
        place = secret.ref.namespace
        return [each for each in self._refused if place in (each.namespace, SHARED)]

    async def reconcile(self, request: Ref) -> Done:
        """Look for artifacts if it is time, and make Freight.

        Raises Retry when a subscription could not be looked at or Freight not be made, Terminal when that will stay
        so until the Warehouse changes.
        """
        try:
            return await self._look(request)
        finally:
            self.visits.leave(request)

    async def _look(self, request: Ref) -> Done:
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            self._refused.discard(request)
            return Done()
        warehouse = stored.view(Warehouse)
        if stored.document["metadata"].get("deletionTimestamp"):
            self._refused.discard(request)
            return Done()
        now = self._clock.now()
        token = warehouse.metadata.annotations.get(REFRESH, "")
        is_asked = bool(token) and token != _handled(warehouse)
        heard = polling.heard_at(token) if is_asked else polling.unmet(warehouse, token)
        due = polling.due_at(warehouse, minimum_seconds=self._minimum(), now=now)
        if not is_asked and not _is_due(warehouse, due, now):
            return _waiting(warehouse, due)
        crowded = self.visits.enter(request, hosts.of_warehouse(warehouse), hurries=is_asked)
        if crowded is not None:
            return Done(waiting_for=f"its turn at {crowded}, which other Warehouses are asking")
        status = warehouse.status or WarehouseStatus()
        generation = warehouse.metadata.generation or 0
        conditions = Conditions(
            status.conditions, at=moments.whole_seconds(now), generation=generation
        )
        conditions.all = with_deprecated(
            conditions.all, scheme.WAREHOUSE.name, stored.document, now
        )
        status.last_handled_refresh = token
        self._refused.add(request)  # a Secret may change while its former self is being refused
        try:
            discovered = await self._discoverer.discover(
                warehouse, now=now, manual=is_asked and heard is None, heard=heard
            )
        except DiscoveryFailed as error:
            again = not error.is_final
            conditions.failed(_FAILED, "DiscoveryFailure", str(error), again=again)
            await self._write(stored, status, conditions)
            if not error.is_refused:
                self._refused.discard(request)
            if error.is_refused:
                later = polling.interval_of(warehouse, minimum_seconds=self._minimum())
                return Done(again_at=moments.later(now, later), waiting_for=_LET_IN)
            if again and error.seconds is not None:
                return Done(
                    again_at=polling.left_alone_until(warehouse, error.seconds, now=now),
                    waiting_for="the end of the pause that a host has asked for",
                )
            raise (Retry(str(error)) if again else Terminal(str(error), told=True)) from error
        self._refused.discard(request)
        before = _named(warehouse, status.discovered_artifacts)
        status.discovered_artifacts = discovered.artifacts
        status.observed_generation = generation
        failure = await self._make_freight(
            stored, warehouse, status, discovered, conditions, before
        )
        written = await self._write(stored, status, conditions)
        if failure is not None and not isinstance(failure, errors.Invalid):
            raise Retry(failure.message) from failure
        looked = written.view(Warehouse)
        due = polling.due_at(looked, minimum_seconds=self._minimum(), now=now)
        return _waiting(looked, due)

    async def _make_freight(
        self,
        stored: Stored,
        warehouse: Warehouse,
        status: WarehouseStatus,
        discovered: Discovered,
        conditions: Conditions,
        before: str,
    ) -> errors.TowpathError | None:
        """Make Freight of the newest of everything; return what is to be tried again, None if nothing.

        `before`: the name of the Freight that would have been made at the last look.
        """
        found = discovered.artifacts
        burst = bursts.burst_of(conditions.all)
        conditions.drop(
            discovery.RECONCILING, discovery.CREATED, discovery.SATISFIED, discovery.SETTLING
        )
        lacking = discovery.shortfall(found)
        if lacking is not None:
            said = "; ".join((lacking.message, *discovered.notes))
            conditions.failed(lacking.healthy, lacking.ready, said, again=False)
            return None
        if warehouse.spec.freight_creation_policy == "Automatic":
            try:
                is_wanted = await criteria.met(
                    warehouse, found, self._evaluations, self._clock.now()
                )
            except ExpressionError as error:
                said = f"spec.freightCreationCriteria.expression: {error}"
                reason = "CriteriaEvaluationFailed"
                conditions.failed(reason, reason, said, again=False)
                return None
            if is_wanted:
                failure = None
                if not await self._settles(warehouse, found, conditions, burst, before):
                    failure = await self._create(stored, warehouse, status, found, conditions)
                if failure is not None:
                    return failure
            else:
                conditions.put(
                    discovery.SATISFIED,
                    "False",
                    "CriteriaNotSatisfied",
                    "what was found does not meet spec.freightCreationCriteria",
                )
        conditions.put(
            discovery.HEALTHY, "True", "ReconciliationSucceeded", "artifacts were looked for"
        )
        conditions.put(discovery.READY, "True", "ArtifactsDiscovered", _summary(discovered))
        return None

    async def _settles(
        self,
        warehouse: Warehouse,
        found: DiscoveredArtifacts,
        conditions: Conditions,
        burst: Burst | None,
        before: str,
    ) -> bool:
        """Whether Freight of what was found has to wait for the end of a burst of pushes; conditions are told that."""
        span, name = bursts.span_of(warehouse), _named(warehouse, found)
        if span is None or not name:
            return False
        freight = Ref(scheme.FREIGHT, warehouse.metadata.namespace, name)
        with contextlib.suppress(errors.NotFound):
            await self._store.get(freight)
            return False
        now = self._clock.now()
        goes_on = bursts.goes_on(burst, span, is_same=name == before, now=now)
        if goes_on is None:
            return False
        said = bursts.waits(goes_on, span, name)
        conditions.put(discovery.SETTLING, "True", "NewArtifacts", said, since=goes_on.changed)
        conditions.put(discovery.CREATED, "False", discovery.SETTLING, said, since=goes_on.began)
        return True

    async def _create(
        self,
        stored: Stored,
        warehouse: Warehouse,
        status: WarehouseStatus,
        found: DiscoveredArtifacts,
        conditions: Conditions,
    ) -> errors.TowpathError | None:
        document = freight_of(warehouse, found)
        if document is None:
            return None
        document["metadata"]["namespace"] = stored.ref.namespace
        name = freight_name(view(Freight, document))
        try:
            made = await self._writer.create(document, REQUESTER)
        except errors.AlreadyExists:
            conditions.put(
                discovery.CREATED, "False", "AlreadyExists", f"Freight {name} was there already"
            )
        except errors.TowpathError as error:
            # What is invalid stays so: other artifacts may help, and are looked for when it is time.
            again = not isinstance(error, errors.Invalid)
            conditions.failed(_UNMADE, _UNMADE, error.message, again=again)
            return error
        else:
            said = f"Freight {name} ({made.stored.document.get('alias')}) was made"
            conditions.put(discovery.CREATED, "True", "NewFreight", said)
            await self._events.freight_created(made.stored)
        status.last_freight_id = name
        return None

    async def _write(
        self, stored: Stored, status: WarehouseStatus, conditions: Conditions
    ) -> Stored:
        status.conditions = conditions.all
        wanted: Document = to_document(status)
        return await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)


def _waiting(warehouse: Warehouse, due: datetime | None) -> Done:
    """Return what a Warehouse waits for: the end of a burst, or the next look."""
    settled = bursts.due_at(warehouse)
    if settled is not None and (due is None or settled < due):
        return Done(again_at=settled, waiting_for="what was found to settle")
    return Done(again_at=due, waiting_for="the next look for artifacts")


def _named(warehouse: Warehouse, found: DiscoveredArtifacts | None) -> str:
    """Return how Freight of what was found is called; empty where none can be made of it."""
    document = freight_of(warehouse, found) if found is not None else None
    return freight_name(view(Freight, document)) if document is not None else ""


def _handled(warehouse: Warehouse) -> str:
    return warehouse.status.last_handled_refresh if warehouse.status else ""


def _is_due(warehouse: Warehouse, due: datetime | None, now: datetime) -> bool:
    status = warehouse.status
    if status is None or due is None or due <= now:
        return True
    settled = bursts.due_at(warehouse)
    if settled is not None and settled <= now:
        return True
    if (warehouse.metadata.generation or 0) > status.observed_generation:
        return True
    healthy, ready = (
        condition(status.conditions, type_) for type_ in (discovery.HEALTHY, discovery.READY)
    )
    has_failed = healthy is not None and healthy.reason == _FAILED
    return has_failed or (ready is not None and ready.reason in _UNFINISHED)


def _summary(discovered: Discovered) -> str:
    found = discovered.artifacts
    counts = (
        (sum(len(each.commits) for each in found.git), "commits"),
        (sum(len(each.references) for each in found.images), "image references"),
        (sum(len(each.versions) for each in found.charts), "chart versions"),
        (sum(len(each.artifact_references) for each in found.results), "other artifacts"),
    )
    said = "found " + ", ".join(f"{count} {what}" for count, what in counts if count)
    return "; ".join((said, *discovered.notes))
