"""A kind that has every shape a field can have: structs, maps, sets, lists that are maps, atomic ones, and what is open."""

from __future__ import annotations

from typing import Annotated

import msgspec

from towpath.resources.fields import Field, FreeObject, Struct
from towpath.resources.meta import Resource
from towpath.resources.structs import schema_of


class Port(Struct):
    """A port."""

    port: Annotated[int, Field("Its number.")]
    protocol: Annotated[str, Field("Its protocol.", default="TCP")] = "TCP"
    name: Annotated[str, Field("Its name.")] = ""


class Part(Struct):
    """A part of an argument."""

    name: Annotated[str, Field("Its name.")]
    value: Annotated[str | None, Field("Its value.")] = None


class Argument(Struct):
    """An argument."""

    name: Annotated[str, Field("Its name.")]
    value: Annotated[str | None, Field("Its value.")] = None
    tags: Annotated[list[str], Field("Some tags.", list_type="set")] = msgspec.field(
        default_factory=list
    )
    parts: Annotated[list[Part], Field("Parts.", list_type="map", list_map_keys=("name",))] = (
        msgspec.field(default_factory=list)
    )


class Reference(Struct):
    """Names something."""

    kind: Annotated[str, Field("Its kind.")] = ""
    name: Annotated[str, Field("Its name.")] = ""


class Spec(Struct):
    """What is wanted."""

    size: Annotated[int | None, Field("How large.")] = None
    args: Annotated[
        list[Argument], Field("Arguments.", list_type="map", list_map_keys=("name",))
    ] = msgspec.field(default_factory=list)
    ports: Annotated[
        list[Port], Field("Ports.", list_type="map", list_map_keys=("port", "protocol"))
    ] = msgspec.field(default_factory=list)
    steps: Annotated[list[str], Field("Steps.", list_type="atomic")] = msgspec.field(
        default_factory=list
    )
    labels: Annotated[dict[str, str], Field("Texts by name.")] = msgspec.field(default_factory=dict)
    reference: Annotated[Reference | None, Field("One thing.", map_type="atomic")] = None
    free: Annotated[FreeObject, Field("Anything.")] = msgspec.field(default_factory=dict)


class Thing(Resource, kw_only=True):
    """A thing."""

    spec: Annotated[Spec, Field("What is wanted.")]


SCHEMA = schema_of(Thing)
