"""The table of rules: which kind is admitted by which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.analysis_templates import AnalysisTemplateRules
from towpath.admission.event_recorder import EventRules
from towpath.admission.event_routers import ChannelRules, EventRouterRules
from towpath.admission.freight import FreightRules
from towpath.admission.hooks import HookRunRules, StageHookRules
from towpath.admission.messages import MessageRules
from towpath.admission.namespaces import NamespaceRules
from towpath.admission.project_configs import ClusterConfigRules, ProjectConfigRules
from towpath.admission.projects import ProjectRules
from towpath.admission.promotions import PromotionRules
from towpath.admission.roles import BindingRules, RoleRules
from towpath.admission.secrets import ConfigMapRules, SecretRules
from towpath.admission.service_accounts import ServiceAccountRules
from towpath.admission.stages import StageRules
from towpath.admission.tasks import TaskRules
from towpath.admission.unheeded_kinds import UnheededKindRules
from towpath.admission.warehouses import WarehouseRules
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.kind_rules import KindRules
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Schema
    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Store


def rules_by_kind(
    store: Store,
    *,
    clock: Clock,
    authorizer: Authorizer,
    known_steps: Mapping[str, StepKind],
    known_subscriptions: Mapping[str, Schema | None],
    randomness: Callable[[int], bytes],
) -> Mapping[Kind, KindRules]:
    """Return the rules of every kind that has some; see `Writer` for the arguments."""
    channels = ChannelRules()
    roles, tasks = RoleRules(store, authorizer), TaskRules(known_steps)
    return {
        scheme.PROJECT: ProjectRules(store, authorizer),
        scheme.PROJECT_CONFIG: ProjectConfigRules(store, authorizer),
        scheme.CLUSTER_CONFIG: ClusterConfigRules(),
        scheme.WAREHOUSE: WarehouseRules(known_subscriptions),
        scheme.FREIGHT: FreightRules(store, clock, authorizer, randomness),
        scheme.STAGE: StageRules(store, authorizer, known_steps),
        scheme.PROMOTION: PromotionRules(store, clock, authorizer, randomness, known_steps),
        scheme.PROMOTION_TASK: tasks,
        scheme.CLUSTER_PROMOTION_TASK: tasks,
        scheme.ANALYSIS_TEMPLATE: AnalysisTemplateRules(),
        scheme.CLUSTER_ANALYSIS_TEMPLATE: AnalysisTemplateRules(),
        scheme.STAGE_HOOK: StageHookRules(store, authorizer, known_steps),
        scheme.HOOK_RUN: HookRunRules(),
        scheme.SECRET: SecretRules(store, authorizer),
        scheme.CONFIG_MAP: ConfigMapRules(),
        scheme.NAMESPACE: NamespaceRules(),
        scheme.EVENT: EventRules(),
        scheme.MESSAGE: MessageRules(store, clock),
        scheme.MESSAGE_CHANNEL: channels,
        scheme.CLUSTER_MESSAGE_CHANNEL: channels,
        scheme.EVENT_ROUTER: EventRouterRules(store),
        scheme.SERVICE_ACCOUNT: ServiceAccountRules(store, authorizer),
        scheme.ROLE: roles,
        scheme.CLUSTER_ROLE: roles,
        scheme.ROLE_BINDING: BindingRules(store, authorizer),
        scheme.CLUSTER_ROLE_BINDING: BindingRules(store, authorizer),
        scheme.TARGET: UnheededKindRules(),
        scheme.PROMOTION_REQUEST: UnheededKindRules(),
    }
