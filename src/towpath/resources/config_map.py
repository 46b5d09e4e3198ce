"""ConfigMap: values that are no secret."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field
from towpath.resources.meta import Resource


class ConfigMap(Resource):
    """Values that are no secret, for expressions to read."""

    data: Annotated[dict[str, str], Field("The values, as text.")] = {}
    binary_data: Annotated[
        dict[str, Annotated[str, Field(format="byte")]],
        Field("The values that are no text, in base64."),
    ] = {}
    immutable: Annotated[bool, Field("Whether the values are fixed.")] = False
