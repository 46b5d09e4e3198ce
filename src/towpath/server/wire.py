"""What goes in at an endpoint and comes out of it, as its row of the table says and the OpenAPI document repeats.

The structs of bodies and answers are descriptions: handlers read bodies with words of their own for what is wrong, and
pass stored objects on as they are. Tests hold every answer to its description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from towpath.server.requests import LARGE_BODY, SMALL_BODY

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
TEXT: Final = "text/plain"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query."""

    name: str
    about: str
    type: Literal["string", "integer", "boolean"] = "string"
    several: bool = False
    """Whether it may come several times, or as a list with commas."""
    required: bool = False
    words: tuple[str, ...] = ()
    """What it may be, where it is one of a few."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of objects of a kind, as Kubernetes writes it."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several types, as the query asks for."""

    types: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request."""

    type: Any
    """A struct, or whatever msgspec has a schema for."""
    largest: int = SMALL_BODY
    """Bytes; more is answered with 413."""
    media: str = JSON
    required: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer where all went well."""

    type: Any = None
    """A Kind, a `ListOf`, a `OneOf`, a struct or whatever msgspec has a schema for; None: nothing but the status."""
    status: int = 200
    media: str = JSON
    also: tuple[tuple[int, Any], ...] = ()
    """Other statuses that are no errors, with their types."""
    texts: tuple[str, ...] = ()
    """Other media types of it, as the query asks for: texts of no schema."""


UNTOLD: Final = Reply(dict[str, Any])
"""An object whose keys nobody has described yet."""
DONE: Final = Reply()
"""200 without a body."""
GONE: Final = Reply(status=204)
"""What was deleted."""
WATCH: Final = (
    Parameter("watch", "Whether changes are to be told of, as Server-Sent Events.", "boolean"),
    Parameter("resourceVersion", "From where on: the one of a list."),
)
"""Of lists whose changes can be watched."""
WATCH_ONE: Final = WATCH[:1]
"""Of single objects that can be watched."""


def large(type_: Any) -> Body:
    """Return a body that holds values to be stored."""
    return Body(type_, LARGE_BODY)


def created(type_: Any) -> Reply:
    """Return the answer that is something new."""
    return Reply(type_, 201)
