"""Event: something that happened, for people to read."""

from __future__ import annotations

from typing import Annotated

import msgspec

from towpath.resources.fields import Field, Int32, Struct, Time
from towpath.resources.meta import Resource


class ObjectReference(Struct):
    """Names an object."""

    api_version: Annotated[str, Field("Its API version.")] = ""
    kind: Annotated[str, Field("Its kind.")] = ""
    namespace: Annotated[str, Field("Its namespace.")] = ""
    name: Annotated[str, Field("Its name.")] = ""
    uid: Annotated[str, Field("Its uid.")] = ""
    resource_version: Annotated[str, Field("Its revision.")] = ""
    field_path: Annotated[str, Field("The part of it that is meant.")] = ""


class EventSource(Struct):
    """The component that reports it."""

    component: Annotated[str, Field("Name of the component.")] = ""
    host: Annotated[str, Field("The machine it runs on.")] = ""


class EventSeries(Struct):
    """How often it happened."""

    count: Annotated[Int32, Field("How often it happened.")] = 0
    last_observed_time: Annotated[Time | None, Field("When it last happened.")] = None


class Event(Resource, kw_only=True):
    """Something that happened to an object."""

    involved_object: Annotated[ObjectReference, Field("What it happened to.")] = msgspec.field(
        default_factory=ObjectReference
    )
    reason: Annotated[str, Field("What happened, in one word.")] = ""
    message: Annotated[str, Field("What happened, for people.")] = ""
    type: Annotated[str, Field("`Normal` or `Warning`.")] = ""
    source: Annotated[EventSource | None, Field("The component that reports it.")] = None
    first_timestamp: Annotated[Time | None, Field("When it first happened.")] = None
    last_timestamp: Annotated[Time | None, Field("When it last happened.")] = None
    count: Annotated[Int32, Field("How often it happened.")] = 0
    event_time: Annotated[Time | None, Field("When it was first seen.")] = None
    series: Annotated[EventSeries | None, Field("How often it happened.")] = None
    action: Annotated[str, Field("What was done about it.")] = ""
    related: Annotated[ObjectReference | None, Field("A second object it concerns.")] = None
    reporting_component: Annotated[str, Field("The controller that tells.")] = ""
    reporting_instance: Annotated[str, Field("Which of its processes.")] = ""
