"""Lease: that somebody is at work, and until when it counts."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Int32, Struct, Time
from towpath.resources.meta import Resource


class LeaseSpec(Struct):
    """Who holds the Lease and until when."""

    holder_identity: Annotated[str, Field("The current holder.")] = ""
    lease_duration_seconds: Annotated[
        Int32 | None, Field("Seconds for which the Lease counts after a renewal.", minimum=1)
    ] = None
    acquire_time: Annotated[Time | None, Field("Since when the current holder has it.")] = None
    renew_time: Annotated[Time | None, Field("When it was last renewed.")] = None
    lease_transitions: Annotated[Int32, Field("How often the holder changed.")] = 0
    strategy: Annotated[str, Field("How the next holder is chosen.")] = ""
    preferred_holder: Annotated[str, Field("Who should hold it.")] = ""


class Lease(Resource):
    """That somebody is at work, and until when it counts."""

    spec: Annotated[LeaseSpec | None, Field("Who holds the Lease and until when.")] = None
