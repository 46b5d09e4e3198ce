"""What the handlers of the API work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.runtime import due
from towpath.runtime.evaluation import Evaluations
from towpath.server.once import ProjectTurns
from towpath.server.room import Bodies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from towpath.admission.authority import Authority
    from towpath.admission.authorizer import Authorizer
    from towpath.admission.event_recorder import EventRecorder
    from towpath.admission.gathering import Problems
    from towpath.argocd.connections import Connections
    from towpath.artifacts.attached import FreightAttachments
    from towpath.artifacts.explaining import WarehouseExplainer
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.plan.planner import Planner
    from towpath.released.reporting import ReleaseReporter
    from towpath.resources.finding import Finding
    from towpath.resources.kinds import Ref
    from towpath.runtime.aside import Aside
    from towpath.runtime.controller import WaitingKey
    from towpath.runtime.passes import Pass
    from towpath.screens.screens import Screens
    from towpath.server.auth.access import Access
    from towpath.server.auth.account_tokens import AccountTokens
    from towpath.server.open_watches import OpenWatches
    from towpath.store.contract import Store
    from towpath.transfer.sealing import PrivateKey
    from towpath.verification.jobs.logs import JobLogs
    from towpath.webhooks.receiving import Webhooks


async def _nothing_found() -> Sequence[Finding]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Handed to every handler."""

    store: Store
    writer: Authority
    clock: Clock
    authorizer: Authorizer
    accounts: AccountTokens
    access: Access
    """Who calls, and how people sign in."""
    events: EventRecorder
    credentials: Credentials
    waiting: Callable[[Ref], WaitingKey | None]
    """What an object waits for in the controllers, None if for nothing."""
    last_pass: Callable[[Ref], Pass | None] = lambda _: None
    """When an object was looked at last, None if that is not known."""
    ill: Callable[[], str | None] = lambda: None
    """Why the controllers do no work; None: they do."""
    metrics: Callable[[], str] = str
    """The metrics, as Prometheus reads them."""
    findings: Callable[[], Awaitable[Sequence[Finding]]] = _nothing_found
    """What is well with the server and what is ill."""
    problems: Problems
    """What is wrong with the steps of a Promotion, before it begins."""
    planner: Planner
    releases: ReleaseReporter
    warehouses: WarehouseExplainer
    """Says why Warehouses find what they find."""
    attachments: FreightAttachments
    """Tells what is attached to images of Freight."""
    argocd: Connections
    watches: OpenWatches
    job_logs: JobLogs
    """What the Jobs of measurements printed."""
    screens: Screens
    """What screens are drawn from."""
    transfer_key: PrivateKey
    """Opens the Secrets of Projects that come from elsewhere."""
    webhooks: Webhooks
    """Takes webhooks."""
    takes_webhooks: bool = True
    """Whether they come in where everything else does, and not at a listener of their own."""
    aside: Aside
    """Where large bodies are worked on."""
    bodies: Bodies = field(default_factory=Bodies)
    """How much of the bodies of requests is in memory."""
    turns: ProjectTurns = field(default_factory=ProjectTurns)
    """Whose turn it is to move something in a Project."""
    evaluations: Evaluations = field(default_factory=Evaluations)
    """Where expressions are evaluated that answers are made of."""

    def due(self, key: Ref) -> datetime | None:
        """Return when what waits in the controllers is looked at again (UTC); None if that is not known."""
        return due.of(self.waiting(key), self.clock)
