"""Project: a namespace of Warehouses, Freight and Stages."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Int64, Struct
from towpath.resources.meta import Conditions, Resource
from towpath.resources.project_config import PromotionPolicy


class HealthStats(Struct):
    """How many of them are well."""

    healthy: Annotated[Int64, Field("How many are healthy.")] = 0


class KindStats(Struct):
    """How many there are."""

    count: Annotated[Int64, Field("How many there are.")] = 0
    health: Annotated[HealthStats | None, Field("How many of them are well.")] = None


class ProjectStats(Struct):
    """What the Project holds."""

    warehouses: Annotated[KindStats | None, Field("How the Project's Warehouses fare.")] = None
    stages: Annotated[KindStats | None, Field("How the Project's Stages fare.")] = None


class ProjectStatus(Struct):
    """How the Project fares."""

    conditions: Conditions = []
    stats: Annotated[ProjectStats | None, Field("What the Project holds.")] = None


class ProjectSpec(Struct):
    """The older form of a Project's configuration."""

    promotion_policies: Annotated[
        list[PromotionPolicy],
        Field("Older form: counts where the ProjectConfig has no `promotionPolicies`."),
    ] = []


class Project(Resource):
    """A namespace of Warehouses, Freight and Stages that belong together."""

    spec: Annotated[ProjectSpec | None, Field("The older form of its configuration.")] = None
    status: Annotated[ProjectStatus | None, Field("How the Project fares.")] = None
