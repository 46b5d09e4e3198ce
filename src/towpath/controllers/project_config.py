"""ProjectConfigs and the ClusterConfig: are they in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.requester import Requester
from towpath.resources import moments, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.configuration import ConfigStatus
from towpath.resources.meta import Condition, with_condition
from towpath.resources.structs import to_document, view
from towpath.rules.older_forms import with_deprecated
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store

REQUESTER: Final = Requester("controller:project-config-controller", is_controller=True)


def sources() -> tuple[Source, ...]:
    """Return the sources of the controller."""
    return (
        Source(query=Query(kind=scheme.PROJECT_CONFIG), mark=without_status),
        Source(query=Query(kind=scheme.CLUSTER_CONFIG), mark=without_status),
    )


class ConfigReconciler:
    """Reconciles ProjectConfigs and the ClusterConfig."""

    def __init__(self, store: Store, writer: SystemAuthority, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock

    async def reconcile(self, request: Ref) -> Done:
        """Say in the status whether all of the configuration is in force."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            return Done()
        document, now = stored.document, self._clock.now()
        status = view(ConfigStatus, document.get("status") or {})
        receivers = (document.get("spec") or {}).get("webhookReceivers") or []
        generation = int(document["metadata"].get("generation") or 0)
        ready = Condition(
            type="Ready",
            status="False" if receivers else "True",
            reason="SyncWebhookReceiversFailed" if receivers else "Synced",
            message=(
                "spec.webhookReceivers: this version receives no webhooks; Warehouses are refreshed by their "
                "interval and by `towpath refresh`"
                if receivers
                else "the configuration is in force"
            ),
            last_transition_time=moments.whole_seconds(now),
            observed_generation=generation,
        )
        status.conditions = with_condition(
            with_deprecated(status.conditions, request.kind.name, document, now), ready
        )
        status.observed_generation = generation
        annotations = document["metadata"].get("annotations") or {}
        status.last_handled_refresh = annotations.get(REFRESH, "")
        wanted = to_document(status)
        await self._writer.set_status(request, lambda _: wanted, REQUESTER)
        return Done()
