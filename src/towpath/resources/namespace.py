"""Namespace: where the objects of a Project live."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Struct
from towpath.resources.meta import Conditions, Resource


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
