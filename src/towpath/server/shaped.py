"""Bases of the structs that describe bodies and answers, and names for stored objects in them."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from towpath.resources import components, scheme


class Shaped(msgspec.Struct, rename="camel", kw_only=True):
    """A body or an answer, or a part of one. A field without a default is always there."""


Maybe = str | None
"""A text that may be null."""
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""A time as RFC 3339 has it, UTC."""
MaybeMoment = Moment | None
AnyObject = dict[str, Any]
"""An object with whatever keys."""

PROJECT: Final = components.reference(components.name(scheme.PROJECT))
FREIGHT: Final = components.reference(components.name(scheme.FREIGHT))
PROMOTION: Final = components.reference(components.name(scheme.PROMOTION))
META: Final = components.reference(components.OBJECT_META)

Project = Annotated[AnyObject, Meta(extra_json_schema=PROJECT)]
Freight = Annotated[AnyObject, Meta(extra_json_schema=FREIGHT)]
Promotion = Annotated[AnyObject, Meta(extra_json_schema=PROMOTION)]
Metadata = Annotated[AnyObject, Meta(extra_json_schema=META)]
