"""Secret: values that are sealed at rest and masked on read."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field
from towpath.resources.meta import Resource


class Secret(Resource):
    """Values that are sealed at rest and masked on read, such as credentials."""

    type: Annotated[str, Field("What the values are; `Opaque` if absent.")] = ""
    data: Annotated[
        dict[str, Annotated[str, Field(format="byte", secret=True)]],
        Field("The values, in base64.", secret=True),
    ] = {}
    string_data: Annotated[
        dict[str, Annotated[str, Field(secret=True)]],
        Field("The values as text, on writing; moved into `data`.", secret=True),
    ] = {}
    immutable: Annotated[bool, Field("Whether the values are fixed.")] = False
