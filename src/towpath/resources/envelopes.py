"""What travels beside objects: the metadata of lists, the Status of an answer, the options of a deletion.

Requests and answers are read and written elsewhere; these are their descriptions for OpenAPI.
"""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Int32, Int64, Struct


class ListMeta(Struct):
    """Position in the change log, and where a long list goes on."""

    resource_version: Annotated[str, Field("The revision the list is of.")] = ""
    continue_: Annotated[str, Field("Where the list goes on; empty at its end.")] = ""
    remaining_item_count: Annotated[
        Int64 | None, Field("How many objects are to come, where that is known.")
    ] = None


class StatusCause(Struct):
    """What is wrong with one field."""

    reason: Annotated[str, Field("What is wrong, in one word for programs.")] = ""
    message: Annotated[str, Field("What is wrong, for people.")] = ""
    field: Annotated[str, Field("The field.")] = ""


class StatusDetails(Struct):
    """What an answer is about."""

    name: Annotated[str, Field("Name of the object.")] = ""
    group: Annotated[str, Field("API group of the object.")] = ""
    kind: Annotated[str, Field("Kind of the object, or its resource.")] = ""
    uid: Annotated[str, Field("Uid of the object.")] = ""
    causes: Annotated[list[StatusCause], Field("What is wrong.", list_type="atomic")] = []
    retry_after_seconds: Annotated[Int32, Field("Seconds to wait before asking again.")] = 0


class Status(Struct):
    """How a request went, where the answer is no object."""

    api_version: Annotated[str, Field("API group and version.")] = ""
    kind: Annotated[str, Field("Kind of object.")] = ""
    metadata: Annotated[ListMeta | None, Field("Nothing, here.")] = None
    status: Annotated[str, Field("`Success` or `Failure`.")] = ""
    message: Annotated[str, Field("What happened, for people.")] = ""
    reason: Annotated[str, Field("Why it failed, in one word for programs.")] = ""
    details: Annotated[StatusDetails | None, Field("What it is about.")] = None
    code: Annotated[Int32, Field("The status of the HTTP answer.")] = 0


class Preconditions(Struct):
    """What must be so for a deletion to be done."""

    uid: Annotated[str | None, Field("The object's uid.")] = None
    resource_version: Annotated[str | None, Field("The object's revision.")] = None


class DeleteOptions(Struct):
    """How something is deleted."""

    api_version: Annotated[str, Field("API group and version.")] = ""
    kind: Annotated[str, Field("Kind of object.")] = ""
    dry_run: Annotated[
        list[str], Field("`All`: everything is checked and nothing done.", list_type="atomic")
    ] = []
    grace_period_seconds: Annotated[Int64 | None, Field("Taken and not needed.")] = None
    orphan_dependents: Annotated[
        bool | None, Field("The older way to say `propagationPolicy: Orphan`.")
    ] = None
    preconditions: Annotated[Preconditions | None, Field("What must be so.")] = None
    propagation_policy: Annotated[
        str | None, Field("What becomes of dependents: Background, Foreground or Orphan.")
    ] = None
