"""Target: one of many places that a Stage promotes to."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Json, Struct
from towpath.resources.meta import Resource


class TargetSpec(Struct):
    """What the place is like."""

    params: Annotated[dict[str, Json], Field("Values that steps find under `target.params`.")] = {}


class TargetStatus(Struct):
    """Has no fields: a Target reports nothing."""


class Target(Resource):
    """One of many places that a Stage promotes to, such as a region or a tenant."""

    spec: Annotated[TargetSpec | None, Field("What the place is like.")] = None
    status: Annotated[TargetStatus | None, Field("Has no fields: a Target reports nothing.")] = None
