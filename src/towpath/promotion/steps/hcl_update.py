"""`hcl-update`: sets scalars in an HCL file; every byte outside them stays."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from towpath.documents import hcl
from towpath.documents.scalar_edit import Format
from towpath.promotion.scalar_update import ScalarUpdate
from towpath.resources.fields import Field, Json, Struct


class HclUpdateItem(Struct, kw_only=True):
    """One scalar to set."""

    key: Annotated[
        str,
        Field(
            "Path of the scalar, such as `resource.aws_instance.web.tags.version`.", min_length=1
        ),
    ]
    value: Annotated[
        Json, Field("Its new value: a string, a number or a boolean.", required=True)
    ] = None


class HclUpdateConfig(Struct, kw_only=True):
    """What to set in which file."""

    path: Annotated[str, Field("The file, in the work directory.", min_length=1)]
    updates: Annotated[list[HclUpdateItem], Field("The scalars to set.", min_items=1)]


class HclUpdate(ScalarUpdate):
    """Sets scalars in an HCL file."""

    name: ClassVar[str] = "hcl-update"
    config: ClassVar[type[Struct]] = HclUpdateConfig
    format: ClassVar[Format] = Format.HCL

    def as_text(self, value: Any) -> str:
        """Return a value as HCL."""
        return hcl.rendered(value)
