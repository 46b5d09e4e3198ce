"""`toml-update`: sets scalars in a TOML file; every byte outside them stays."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from towpath.documents import toml
from towpath.documents.scalar_edit import Format
from towpath.promotion.scalar_update import ScalarUpdate
from towpath.resources.fields import Field, Json, Struct


class TomlUpdateItem(Struct, kw_only=True):
    """One scalar to set."""

    key: Annotated[
        str, Field("Path of the scalar, such as `server.port` or `items.0.name`.", min_length=1)
    ]
    value: Annotated[
        Json, Field("Its new value: a string, a number or a boolean.", required=True)
    ] = None


class TomlUpdateConfig(Struct, kw_only=True):
    """What to set in which file."""

    path: Annotated[str, Field("The file, in the work directory.", min_length=1)]
    updates: Annotated[list[TomlUpdateItem], Field("The scalars to set.", min_items=1)]


class TomlUpdate(ScalarUpdate):
    """Sets scalars in a TOML file."""

    name: ClassVar[str] = "toml-update"
    config: ClassVar[type[Struct]] = TomlUpdateConfig
    format: ClassVar[Format] = Format.TOML

    def as_text(self, value: Any) -> str:
        """Return a value as TOML, as upstream does."""
        return toml.rendered(value)
