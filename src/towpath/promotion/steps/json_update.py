"""`json-update`: sets values in a JSON file; every byte outside them stays."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from towpath.documents.scalar_edit import Format
from towpath.expressions import gotext
from towpath.promotion.scalar_update import ScalarUpdate, number_text
from towpath.resources.fields import Field, Json, Struct


class JsonUpdateItem(Struct, kw_only=True):
    """One value to set."""

    key: Annotated[
        str, Field("Path of the value, such as `image.tag` or `list.0.name`.", min_length=1)
    ]
    value: Annotated[
        Json, Field("Its new value: a string, a number or a boolean.", required=True)
    ] = None


class JsonUpdateConfig(Struct, kw_only=True):
    """What to set in which file."""

    path: Annotated[str, Field("The file, in the work directory.", min_length=1)]
    updates: Annotated[list[JsonUpdateItem], Field("The values to set.", min_items=1)]


class JsonUpdate(ScalarUpdate):
    """Sets values in a JSON file."""

    name: ClassVar[str] = "json-update"
    config: ClassVar[type[Struct]] = JsonUpdateConfig
    format: ClassVar[Format] = Format.JSON

    def as_text(self, value: Any) -> str:
        """Return a value as upstream writes it: strings always in quotes."""
        if isinstance(value, str):
            return gotext.quoted(value)
        return number_text(value)
