"""The kinds of Kargo, those of its enterprise edition among them."""

from __future__ import annotations

from typing import Final

from towpath.resources import (
    cluster_config,
    event_router,
    freight,
    freight_order,
    freight_stages,
    message_channel,
    project,
    project_config,
    promotion,
    promotion_indexes,
    promotion_request,
    promotion_task,
    search_terms,
    stage,
    subscribed,
    target,
    warehouse,
)
from towpath.resources.configuration import RECEIVER_PATHS
from towpath.resources.kinds import Index, Kind, PrinterColumn
from towpath.resources.scheme.groups import KARGO, KARGO_EE
from towpath.resources.scheme.rows import READY, STATUS, columns, indexes

PROJECT: Final = Kind(
    group=KARGO,
    version="v1alpha1",
    name="Project",
    plural="projects",
    namespaced=False,
    type=project.Project,
    columns=(READY, STATUS),
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
    columns=(READY, STATUS),
    indexes=indexes(RECEIVER_PATHS),
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
    columns=(READY, STATUS),
    indexes=indexes(RECEIVER_PATHS),
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
    columns=columns(Shard=".spec.shard"),
    indexes=(
        *indexes("spec.shard"),
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
        *indexes("discoveredAt", "metadata.creationTimestamp"),
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
        READY,
        STATUS,
    ),
    indexes=indexes(
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
        *columns(Stage=".spec.stage", Freight=".spec.freight", Phase=".status.phase"),
    ),
    indexes=(
        *indexes("spec.stage", "spec.freight", "status.phase", "metadata.creationTimestamp"),
        Index(promotion_indexes.ORDER, derive=promotion_indexes.order),
        Index(promotion_indexes.ENDED_WITH, derive=promotion_indexes.ended_with),
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
    columns=columns(Stage=".spec.stage", Freight=".spec.freight", Phase=".status.phase"),
    indexes=indexes("spec.stage", "spec.freight", "status.phase"),
    status=True,
    generation=True,
)
_CHANNEL_COLUMNS: Final = (
    READY,
    PrinterColumn("Waiting", ".status.waiting", type="integer"),
    PrinterColumn("Last Delivered", ".status.lastDelivered", type="date"),
    STATUS,
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
        READY,
        PrinterColumn("Routed", ".status.routed", type="integer"),
        PrinterColumn("Last Routed", ".status.lastRouted", type="date"),
        STATUS,
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
