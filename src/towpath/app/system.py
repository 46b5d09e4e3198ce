"""What runs over a store, as the servers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.admission.authority import Authority
    from towpath.admission.authorizer import Authorizer
    from towpath.admission.gathering import Problems
    from towpath.app.health import ServerHealth
    from towpath.argocd.connections import Connections
    from towpath.artifacts.attached import FreightAttachments
    from towpath.artifacts.explaining import WarehouseExplainer
    from towpath.clients.http import Egress
    from towpath.clients.http.tally import RequestTally
    from towpath.controllers.analysis_run import AnalysisRunReconciler
    from towpath.controllers.hook_run import HookRunReconciler
    from towpath.controllers.promotion.tally import Tally
    from towpath.hooks.dispatcher import Dispatcher
    from towpath.hooks.outbox.tally import MessageTally
    from towpath.promotion.plan.planner import Planner
    from towpath.released.reporting import ReleaseReporter
    from towpath.resources.kinds import Ref
    from towpath.runtime.aside import Aside
    from towpath.runtime.controller import Controller, WaitingKey
    from towpath.runtime.heartbeat import Heartbeat
    from towpath.runtime.manager import Manager
    from towpath.runtime.passes import Pass
    from towpath.runtime.waking import Waking
    from towpath.telemetry.durations import DurationsByName
    from towpath.verification.jobs.logs import JobLogs
    from towpath.verification.tally import MeasurementTally
    from towpath.webhooks.receiving import Webhooks


@dataclass(frozen=True, slots=True)
class System:
    """What runs over a store."""

    webhooks: Webhooks
    """Takes webhooks."""
    writer: Authority
    authorizer: Authorizer
    manager: Manager
    controllers: tuple[Controller, ...]
    aside: Aside
    heartbeat: Heartbeat
    health: ServerHealth
    tally: Tally
    messages: MessageTally
    measurements: MeasurementTally
    hook_runs: HookRunReconciler
    dispatcher: Dispatcher
    analysis_runs: AnalysisRunReconciler
    job_logs: JobLogs
    problems: Problems
    """What is wrong with the steps of a Promotion, before it begins."""
    planner: Planner
    releases: ReleaseReporter
    warehouses: WarehouseExplainer
    attachments: FreightAttachments
    waking: Waking
    """Wakes what waits for an event."""
    argocd: Connections
    outgoing: RequestTally
    """What was asked of other servers."""
    step_times: DurationsByName
    egress: Egress

    def last_pass(self, key: Ref) -> Pass | None:
        """Return the last pass over an object, of the controller that saw it last; None if it is not known."""
        found = [each for one in self.controllers if (each := one.passes.find(key)) is not None]
        return max(found, key=lambda each: each.ended, default=None)

    def waiting(self, key: Ref) -> WaitingKey | None:
        """Return what an object waits for in the controllers, None if for nothing."""
        for controller in self.controllers:
            found = controller.waiting(key)
            if found is not None:
                return found
        return None
