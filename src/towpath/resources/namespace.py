"""Namespace: where the objects of a Project live."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources.fields import Field, Struct
from towpath.resources.meta import Conditions, Resource

PROJECT_LABEL: Final = "kargo.akuity.io/project"
"""`true`: the Namespace is, or may become, that of a Project."""
SHARED: Final = "kargo-shared-resources"
"""The Namespace of credentials that all Projects may use."""
SYSTEM_RESOURCES: Final = "kargo-system-resources"
"""The Namespace of what the ClusterConfig names."""


class NamespaceSpec(Struct):
    """What keeps the Namespace."""

    finalizers: Annotated[
        list[str], Field("What must still be done before it may go.", list_type="atomic")
    ] = []


class NamespaceStatus(Struct):
    """How the Namespace fares."""

    phase: Annotated[str, Field("`Active`, or `Terminating` while it is being deleted.")] = ""
    conditions: Conditions = []


class Namespace(Resource):
    """Where the objects of a Project live; it has the Project's name."""

    spec: Annotated[NamespaceSpec | None, Field("What keeps the Namespace.")] = None
    status: Annotated[NamespaceStatus | None, Field("How it fares.")] = None
