"""ProjectConfigs and the ClusterConfig: are they in force, where do their receivers of webhooks listen, and which are silent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.admission.requester import Requester
from towpath.resources import moments, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.configuration import ConfigStatus, WebhookReceiverDetails
from towpath.resources.meta import Condition, with_condition
from towpath.resources.structs import to_document, view
from towpath.rules.older_forms import with_deprecated
from towpath.rules.webhooks import silence
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query
from towpath.webhooks import receivers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store, Stored
    from towpath.webhooks.receivers import ListeningReceiver, Receivers

REQUESTER: Final = Requester("controller:project-config-controller", is_controller=True)
_MOMENT: Final = timedelta(seconds=1)
"""After what may be borne: only then is it too long."""
_UNHEARD: Final = "SyncWebhookReceiversFailed"
SILENT: Final = "WebhooksSilent"
"""The condition that names receivers to which nothing has come for too long; it is there only while there are some."""
_SILENCE: Final = "ReceiverSilent"
_MOST_TOLD: Final = 5


class ConfigReconciler:
    """Reconciles ProjectConfigs and the ClusterConfig."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        receivers_: Receivers,
        url: str = "",
    ) -> None:
        """`url`: where senders of webhooks reach this server; empty: nobody has said it, and no addresses are told, only paths."""
        self._store = store
        self._writer = writer
        self._clock = clock
        self._receivers = receivers_
        self._url = url.rstrip("/")
        self._secrets: dict[Ref, frozenset[Ref]] = {}
        """The Secrets of each configuration's receivers."""
        self._uids: dict[Ref, str] = {}
        self._awaited: dict[Ref, frozenset[str]] = {}
        """Receivers of each configuration of which a delivery changes what is said, or when it is looked at again."""
        self._add: Callable[[Ref], None] | None = None
        receivers_.follow(self._heard)

    def follow(self, add: Callable[[Ref], None]) -> None:
        """Have configurations looked at, by `add`, when a receiver hears again that was silent."""
        self._add = add

    def _heard(self, receiver: ListeningReceiver) -> None:
        if self._add is not None and receiver.name in self._awaited.get(receiver.config, ()):
            self._add(receiver.config)

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the controller."""
        return (
            Source(query=Query(kind=scheme.PROJECT_CONFIG), mark=without_status),
            Source(query=Query(kind=scheme.CLUSTER_CONFIG), mark=without_status),
            Source(
                query=Query(kind=scheme.SECRET),
                keys=self._of_secret,
                mark=lambda stored: stored.revision,
            ),
        )

    def _of_secret(self, secret: Stored) -> Iterable[Ref]:
        """Return the configurations whose receivers have their secret in it."""
        return [config for config, used in self._secrets.items() if secret.ref in used]

    async def reconcile(self, request: Ref) -> Done:
        """Say in the status whether all of the configuration is in force, where its receivers listen, and which are silent."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            self._secrets.pop(request, None)
            self._awaited.pop(request, None)
            gone = self._uids.pop(request, "")
            if gone:  # of those that went while nobody looked, age takes what came
                await self._store.receipts.forget(gone)
            return Done()
        self._uids[request] = stored.uid
        document, now = stored.document, self._clock.now()
        status = view(ConfigStatus, document.get("status") or {})
        status.webhook_receivers, wrong = await self._listening(stored)
        generation = int(document["metadata"].get("generation") or 0)
        ready = Condition(
            type="Ready",
            status="False" if wrong else "True",
            reason=_UNHEARD if wrong else "Synced",
            message=messages.statements(wrong, _MOST_TOLD)
            if wrong
            else "the configuration is in force",
            last_transition_time=moments.whole_seconds(now),
            observed_generation=generation,
        )
        told = with_condition(
            with_deprecated(status.conditions, request.kind.name, document, now), ready
        )
        silent, again_at = await self._silent(stored, status.webhook_receivers, now)
        status.conditions = [each for each in told if each.type != SILENT]
        if silent:
            warning = Condition(
                type=SILENT,
                status="True",
                reason=_SILENCE,
                message=f"{messages.statements(silent, _MOST_TOLD)}: {silence.REMEDY}",
                last_transition_time=moments.whole_seconds(now),
                observed_generation=generation,
            )
            status.conditions = with_condition(told, warning)
        status.observed_generation = generation
        annotations = document["metadata"].get("annotations") or {}
        status.last_handled_refresh = annotations.get(REFRESH, "")
        wanted: dict[str, Any] = to_document(status)
        await self._writer.set_status(request, lambda _: wanted, REQUESTER)
        return Done(again_at=again_at)

    async def _silent(
        self, stored: Stored, listening: Iterable[WebhookReceiverDetails], now: datetime
    ) -> tuple[list[str], datetime | None]:
        """Return which receivers have been silent for too long, in words, and when the next one may be."""
        names = [each.name for each in listening]
        # What comes while it is looked at has the configuration looked at again.
        self._awaited[stored.ref] = frozenset(names)
        if not names:
            return [], None
        heard = await self._store.receipts.times(stored.uid)
        silent: list[str] = []
        awaited: set[str] = set()
        due: list[datetime] = []
        for name in names:
            times = [each.time for each in heard if each.receiver == name and each.is_taken]
            until = silence.bearable_until(times)
            found = silence.silence(times, now)
            if found is not None:
                silent.append(f"spec.webhookReceivers {name}: {found.lasting}")
            if found is not None or until is None:
                awaited.add(name)
            else:
                due.append(moments.later(until, _MOMENT))
        self._awaited[stored.ref] = frozenset(awaited)
        return silent, min(due, default=None)

    async def _listening(self, stored: Stored) -> tuple[list[WebhookReceiverDetails], list[str]]:
        """Return where receivers listen, and why others do not."""
        found = receivers.of_config(stored)
        # A Secret that changes while it is opened has the configuration looked at again.
        self._secrets[stored.ref] = frozenset(each.secret for each in found)
        listening, wrong = [], []
        for each in found:
            try:
                opened = await self._receivers.open(each)
            except errors.Invalid as error:
                wrong.append(f"spec.webhookReceivers {each.name}: {error.message}")
                continue
            url = f"{self._url}{opened.path}" if self._url else ""
            listening.append(WebhookReceiverDetails(name=each.name, path=opened.path, url=url))
        return listening, wrong
