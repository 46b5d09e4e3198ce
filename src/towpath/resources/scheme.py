"""The table of kinds: what exists, what it is called, how it is printed and selected.

To add a kind, add its module and its row here; docs/contributing/add-a-kind.md is the way, step by step.
"""

from __future__ import annotations

import copyreg
from typing import Final

from towpath import messages
from towpath.resources import (
    analysis_run,
    analysis_template,
    argocd_connection,
    claims,
    cluster_config,
    config_map,
    event,
    event_router,
    freight,
    freight_order,
    freight_stages,
    hook_run,
    lease,
    message,
    message_channel,
    namespace,
    project,
    project_config,
    promotion,
    promotion_journal,
    promotion_queue,
    promotion_request,
    promotion_task,
    role,
    role_binding,
    search_terms,
    secret,
    service_account,
    stage,
    stage_hook,
    subscribed,
    target,
    warehouse,
)
from towpath.resources.configuration import RECEIVER_PATHS
from towpath.resources.kinds import Destination, Index, Kind, PrinterColumn
from towpath.resources.labels import CREDENTIAL_TYPE

KARGO: Final = "kargo.akuity.io"
KARGO_EE: Final = message_channel.GROUP
ARGO: Final = "argoproj.io"
TOWPATH: Final = "towpath.dev"
RBAC: Final = "rbac.authorization.k8s.io"
COORDINATION: Final = "coordination.k8s.io"
BUILT_IN: Final = ("", RBAC, COORDINATION)
"""Groups whose kinds Kubernetes has itself: they need no CRD and have no `metadata.generation`."""

_LONGEST_WORD: Final = 100
"""Of what a document says it is, in a message."""
_READY: Final = PrinterColumn("Ready", '.status.conditions[?(@.type=="Ready")].status')
_STATUS: Final = PrinterColumn("Status", '.status.conditions[?(@.type=="Ready")].message')


def _columns(**paths: str) -> tuple[PrinterColumn, ...]:
    return tuple(PrinterColumn(name, path) for name, path in paths.items())


def _indexes(*paths: str) -> tuple[Index, ...]:
    return tuple(Index(path) for path in paths)


PROJECT: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Project",
    plural="projects",
    namespaced=False,
    type=project.Project,
    columns=(_READY, _STATUS),
    terms=search_terms.OF_NAMES,
    status=True,
    generation=True,
)
PROJECT_CONFIG: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="ProjectConfig",
    plural="projectconfigs",
    namespaced=True,
    type=project_config.ProjectConfig,
    columns=(_READY, _STATUS),
    indexes=_indexes(RECEIVER_PATHS),
    status=True,
    generation=True,
)
CLUSTER_CONFIG: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="ClusterConfig",
    plural="clusterconfigs",
    namespaced=False,
    type=cluster_config.ClusterConfig,
    short_names=("clusterconfig", "clusterconfigs"),
    columns=(_READY, _STATUS),
    indexes=_indexes(RECEIVER_PATHS),
    status=True,
    generation=True,
)
WAREHOUSE: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Warehouse",
    plural="warehouses",
    namespaced=True,
    type=warehouse.Warehouse,
    columns=_columns(Shard=".spec.shard"),
    indexes=(
        *_indexes("spec.shard"),
        Index(subscribed.URLS, derive_each=subscribed.urls),
    ),
    status=True,
    generation=True,
)
FREIGHT: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Freight",
    plural="freights",
    namespaced=True,
    type=freight.Freight,
    columns=(
        PrinterColumn("Alias", r".metadata.labels.kargo\.akuity\.io/alias"),
        PrinterColumn("Origin (Kind)", ".origin.kind"),
        PrinterColumn("Origin (Name)", ".origin.name"),
    ),
    indexes=(
        Index("origin.name"),
        Index("alias", unique=True),
        *_indexes("discoveredAt", "metadata.creationTimestamp"),
        Index(freight_stages.NAMED, derive_each=freight_stages.named),
        Index(freight_stages.WHERE_VERIFIED, derive_each=freight_stages.verified),
        Index(freight_stages.WHERE_APPROVED, derive_each=freight_stages.approved),
        Index(freight_order.DISCOVERED, derive=freight_order.discovered),
    ),
    terms=search_terms.OF_FREIGHT,
    status=True,
    generation=True,
)
STAGE: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Stage",
    plural="stages",
    namespaced=True,
    type=stage.Stage,
    columns=(
        PrinterColumn("Shard", ".spec.shard"),
        PrinterColumn("Current Freight", ".status.freightSummary"),
        PrinterColumn("Health", ".status.health.status"),
        _READY,
        _STATUS,
    ),
    indexes=_indexes(
        "spec.requestedFreight[].origin.name",
        "spec.requestedFreight[].sources.stages[]",
        "spec.verification.analysisTemplates[].name",
        "spec.shard",
        "status.currentPromotion.name",
    ),
    terms=search_terms.OF_NAMES,
    status=True,
    generation=True,
)
PROMOTION: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Promotion",
    plural="promotions",
    namespaced=True,
    type=promotion.Promotion,
    short_names=("promo", "promos"),
    columns=(
        PrinterColumn("Shard", r".metadata.labels.kargo\.akuity\.io/shard"),
        *_columns(Stage=".spec.stage", Freight=".spec.freight", Phase=".status.phase"),
    ),
    indexes=(
        *_indexes("spec.stage", "spec.freight", "status.phase", "metadata.creationTimestamp"),
        Index(promotion_queue.ORDER, derive=promotion_queue.order),
        Index(promotion_queue.ENDED_WITH, derive=promotion_queue.ended_with),
    ),
    terms=search_terms.OF_PROMOTIONS,
    status=True,
    generation=True,
)
PROMOTION_TASK: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="PromotionTask",
    plural="promotiontasks",
    namespaced=True,
    type=promotion_task.PromotionTask,
    short_names=("promotask", "promotasks"),
    generation=True,
)
CLUSTER_PROMOTION_TASK: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="ClusterPromotionTask",
    plural="clusterpromotiontasks",
    namespaced=False,
    type=promotion_task.ClusterPromotionTask,
    short_names=("clusterpromotask", "clusterpromotasks"),
    generation=True,
)
PROMOTION_REQUEST: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="PromotionRequest",
    plural="promotionrequests",
    namespaced=True,
    type=promotion_request.PromotionRequest,
    short_names=("promotionrequest", "promotionrequests"),
    columns=_columns(Stage=".spec.stage", Freight=".spec.freight", Phase=".status.phase"),
    indexes=_indexes("spec.stage", "spec.freight", "status.phase"),
    status=True,
    generation=True,
)
PROMOTION_JOURNAL: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="PromotionJournal",
    plural="promotionjournals",
    namespaced=True,
    type=promotion_journal.PromotionJournal,
    generation=True,
    sealed=True,
)
ARGOCD_CONNECTION: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="ArgoCDConnection",
    plural="argocdconnections",
    namespaced=False,
    type=argocd_connection.ArgoCDConnection,
    columns=(_READY, _STATUS),
    status=True,
    generation=True,
)
_CHANNEL_COLUMNS: Final = (
    _READY,
    PrinterColumn("Waiting", ".status.waiting", type="integer"),
    PrinterColumn("Last Delivered", ".status.lastDelivered", type="date"),
    _STATUS,
)
MESSAGE_CHANNEL: Final = Kind(
    group=KARGO_EE,
    version="v1alpha1",
    name="MessageChannel",
    plural="messagechannels",
    namespaced=True,
    type=message_channel.MessageChannel,
    columns=_CHANNEL_COLUMNS,
    status=True,
    generation=True,
)
CLUSTER_MESSAGE_CHANNEL: Final = Kind(
    group=KARGO_EE,
    version="v1alpha1",
    name="ClusterMessageChannel",
    plural="clustermessagechannels",
    namespaced=False,
    type=message_channel.ClusterMessageChannel,
    columns=_CHANNEL_COLUMNS,
    status=True,
    generation=True,
)
EVENT_ROUTER: Final = Kind(
    group=KARGO_EE,
    version="v1alpha1",
    name="EventRouter",
    plural="eventrouters",
    namespaced=True,
    type=event_router.EventRouter,
    columns=(
        _READY,
        PrinterColumn("Routed", ".status.routed", type="integer"),
        PrinterColumn("Last Routed", ".status.lastRouted", type="date"),
        _STATUS,
    ),
    status=True,
    generation=True,
)
MESSAGE: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="Message",
    plural="messages",
    namespaced=True,
    type=message.Message,
    columns=_columns(
        Channel=".spec.channel.name",
        State=".status.state",
        Attempts=".status.attempts",
        Error=".status.lastError",
    ),
    indexes=(
        Index("queue", derive=message.queue_of),
        Index("place", derive=message.place_of),
        Index("thread", derive=message.thread_of),
        Index("ended", derive=message.ended_of),
        *_indexes("spec.order", "spec.channel.kind", "spec.channel.name", "status.state"),
    ),
    status=True,
    generation=True,
)
STAGE_HOOK: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="StageHook",
    plural="stagehooks",
    namespaced=True,
    type=stage_hook.StageHook,
    columns=(*_columns(Events=".spec.events", Blocking=".spec.blocking"), _READY, _STATUS),
    status=True,
    generation=True,
)
HOOK_RUN: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="HookRun",
    plural="hookruns",
    namespaced=True,
    type=hook_run.HookRun,
    columns=_columns(
        Hook=".spec.hook",
        Stage=".spec.stage",
        Event=".spec.event.event",
        Phase=".status.phase",
        Message=".status.message",
    ),
    indexes=(
        *_indexes("spec.hook", "spec.stage", "status.phase", "metadata.creationTimestamp"),
        Index(hook_run.BLOCKS, derive=hook_run.blocked_stage),
    ),
    status=True,
    generation=True,
)
TARGET: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Target",
    plural="targets",
    namespaced=True,
    type=target.Target,
    status=True,
    generation=True,
)
ANALYSIS_TEMPLATE: Final = Kind(
    group=ARGO,
    version="v1alpha1",
    name="AnalysisTemplate",
    plural="analysistemplates",
    namespaced=True,
    type=analysis_template.AnalysisTemplate,
    short_names=("at",),
    generation=True,
)
CLUSTER_ANALYSIS_TEMPLATE: Final = Kind(
    group=ARGO,
    version="v1alpha1",
    name="ClusterAnalysisTemplate",
    plural="clusteranalysistemplates",
    namespaced=False,
    type=analysis_template.ClusterAnalysisTemplate,
    short_names=("cat",),
    generation=True,
)
ANALYSIS_RUN: Final = Kind(
    group=ARGO,
    version="v1alpha1",
    name="AnalysisRun",
    plural="analysisruns",
    namespaced=True,
    type=analysis_run.AnalysisRun,
    short_names=("ar",),
    columns=(
        *_columns(Status=".status.phase"),
        PrinterColumn("Metrics", ".status.runSummary.count", type="integer"),
        PrinterColumn("Failed", ".status.runSummary.failed", type="integer"),
        *_columns(Message=".status.message"),
    ),
    indexes=_indexes("status.phase"),
    status=True,
    generation=True,
)
NAMESPACE: Final = Kind(
    group="",
    version="v1",
    name="Namespace",
    plural="namespaces",
    namespaced=False,
    type=namespace.Namespace,
    short_names=("ns",),
    columns=_columns(Status=".status.phase"),
    indexes=_indexes("status.phase"),
    status=True,
    life_cycle=True,
)
SECRET: Final = Kind(
    group="",
    version="v1",
    name="Secret",
    plural="secrets",
    namespaced=True,
    type=secret.Secret,
    columns=_columns(Type=".type"),
    indexes=_indexes("type"),
    sealed=True,
    destination=Destination(
        label=CREDENTIAL_TYPE,
        keys=frozenset({secret.REPO_URL, secret.REPO_URL_IS_REGEX, argocd_connection.SERVER}),
        flags=frozenset({secret.REPO_URL_IS_REGEX}),
        keyless=frozenset({secret.GENERIC}),
        public=frozenset(
            {
                secret.REPO_URL,
                secret.REPO_URL_IS_REGEX,
                secret.USERNAME,
                secret.KNOWN_HOSTS,
                argocd_connection.SERVER,
                argocd_connection.CA_DATA,
            }
        ),
    ),
)
CONFIG_MAP: Final = Kind(
    group="",
    version="v1",
    name="ConfigMap",
    plural="configmaps",
    namespaced=True,
    type=config_map.ConfigMap,
    short_names=("cm",),
)
EVENT: Final = Kind(
    group="",
    version="v1",
    name="Event",
    plural="events",
    namespaced=True,
    type=event.Event,
    short_names=("ev",),
    columns=(
        PrinterColumn("Last Seen", ".lastTimestamp", type="date"),
        PrinterColumn("Type", ".type"),
        PrinterColumn("Reason", ".reason"),
        PrinterColumn("Object", ".involvedObject.name"),
        PrinterColumn("Message", ".message"),
    ),
    indexes=_indexes(
        "involvedObject.apiVersion",
        "involvedObject.fieldPath",
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "involvedObject.uid",
        "reason",
        "reportingComponent",
        "source.component",
        "type",
        "metadata.creationTimestamp",
    ),
)
SERVICE_ACCOUNT: Final = Kind(
    group="",
    version="v1",
    name="ServiceAccount",
    plural="serviceaccounts",
    namespaced=True,
    type=service_account.ServiceAccount,
    short_names=("sa",),
    indexes=(Index(claims.INDEX, derive_each=claims.keys),),
)
ROLE: Final = Kind(
    group=RBAC, version="v1", name="Role", plural="roles", namespaced=True, type=role.Role
)
CLUSTER_ROLE: Final = Kind(
    group=RBAC,
    version="v1",
    name="ClusterRole",
    plural="clusterroles",
    namespaced=False,
    type=role.ClusterRole,
)
ROLE_BINDING: Final = Kind(
    group=RBAC,
    version="v1",
    name="RoleBinding",
    plural="rolebindings",
    namespaced=True,
    type=role_binding.RoleBinding,
    columns=_columns(Role=".roleRef.name"),
    indexes=_indexes("roleRef.name", "subjects[].name"),
)
CLUSTER_ROLE_BINDING: Final = Kind(
    group=RBAC,
    version="v1",
    name="ClusterRoleBinding",
    plural="clusterrolebindings",
    namespaced=False,
    type=role_binding.ClusterRoleBinding,
    columns=_columns(Role=".roleRef.name"),
    indexes=_indexes("roleRef.name", "subjects[].name"),
)
LEASE: Final = Kind(
    group=COORDINATION,
    version="v1",
    name="Lease",
    plural="leases",
    namespaced=True,
    type=lease.Lease,
    columns=_columns(Holder=".spec.holderIdentity"),
)

SCHEME: Final[tuple[Kind, ...]] = (
    PROJECT,
    PROJECT_CONFIG,
    CLUSTER_CONFIG,
    WAREHOUSE,
    FREIGHT,
    STAGE,
    PROMOTION,
    PROMOTION_TASK,
    CLUSTER_PROMOTION_TASK,
    PROMOTION_REQUEST,
    PROMOTION_JOURNAL,
    ARGOCD_CONNECTION,
    MESSAGE_CHANNEL,
    CLUSTER_MESSAGE_CHANNEL,
    EVENT_ROUTER,
    MESSAGE,
    STAGE_HOOK,
    HOOK_RUN,
    TARGET,
    ANALYSIS_TEMPLATE,
    CLUSTER_ANALYSIS_TEMPLATE,
    ANALYSIS_RUN,
    NAMESPACE,
    SECRET,
    CONFIG_MAP,
    EVENT,
    SERVICE_ACCOUNT,
    ROLE,
    CLUSTER_ROLE,
    ROLE_BINDING,
    CLUSTER_ROLE_BINDING,
    LEASE,
)
"""Every kind."""

_BY_NAME: Final = {(kind.api_version, kind.name): kind for kind in SCHEME}
copyreg.pickle(Kind, lambda kind: (find, (kind.api_version, kind.name)))  # type: ignore[arg-type, return-value]  # there it is
"""A kind is the same one in another process: it is told from others by what it is, and not by what it has."""
_BY_RESOURCE: Final = {(kind.group, kind.version, kind.plural): kind for kind in SCHEME}


def find(api_version: object, name: object) -> Kind | None:
    """Return the kind of a document's `apiVersion` and `kind`."""
    if not isinstance(api_version, str) or not isinstance(name, str):
        return None
    return _BY_NAME.get((api_version, name))


def missing(api_version: object, name: object) -> str:
    """Return that there is no such kind, and which was meant."""
    if absent := [
        key for key, value in (("apiVersion", api_version), ("kind", name)) if value is None
    ]:
        return f"the document has no {' and no '.join(absent)}; an object needs both"
    said = f"there is no kind {_cut(name)} in version {_cut(api_version)}"
    versions = [kind.api_version for kind in SCHEME if kind.name == name]
    if versions:
        return f"{said}; {name} is of version {' or '.join(versions)}: put that into apiVersion"
    names = [kind.name for kind in SCHEME if kind is not PROMOTION_JOURNAL]
    meant = messages.alike_in_any_case(name, names) if isinstance(name, str) else []
    if not meant:
        return f"{said}; there are {', '.join(sorted(set(names)))}"
    told = [
        f"{found} ({kind.api_version})" for found in meant for kind in SCHEME if kind.name == found
    ]
    return f"{said}; did you mean {' or '.join(told)}?"


def _cut(word: object) -> str:
    return repr(word if not isinstance(word, str) else messages.cut(word, _LONGEST_WORD))


def find_resource(group: str, version: str, plural: str) -> Kind | None:
    """Return the kind of the parts of an API path."""
    return _BY_RESOURCE.get((group, version, plural))


def spoken(word: str) -> tuple[Kind, ...]:
    """Return the kinds a person may mean by a word on the command line.

    Singular, plural and short names count, upper or lower case, also with the group (`stage.kargo.akuity.io`).
    Several can share a word; the first of the scheme is the one usually meant.
    """
    word, _, group = word.lower().partition(".")
    return tuple(
        kind
        for kind in SCHEME
        if word in (kind.singular, kind.plural, *kind.short_names) and group in ("", kind.group)
    )
