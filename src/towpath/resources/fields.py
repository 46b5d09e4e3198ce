"""What a struct's field says about itself beyond its Python type: description, constraints, defaults.

A field is declared as `stage: Annotated[Name, Field("Name of the Stage.")]`. Several `Field`s on one type add
up, the later ones win, so that `Name` can carry the constraints of all names.
"""

from __future__ import annotations

import functools
import types
from dataclasses import dataclass, fields
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    Union,
    get_args,
    get_origin,
)

import msgspec

from towpath.resources import moments, value_formats
from towpath.resources.schema import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.schema import Form, Rule


@dataclass(frozen=True, slots=True)
class Field:
    """Facts about a field; see `schema.Schema` for what each one means."""

    doc: str = ""
    """For people: `kubectl explain`, the reference pages, the UI."""
    required: bool | None = None
    """None: a field without Python default is required, one with a default is not."""
    default: Any = ABSENT
    """The value admission fills in when the field is absent."""
    format: str | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    list_type: Literal["atomic", "set", "map"] | None = None
    list_map_keys: tuple[str, ...] = ()
    map_type: Literal["atomic", "granular"] | None = None
    preserve_unknown: bool = False
    int_or_string: bool = False
    words: tuple[str, ...] = ()
    """What a text may be where the CRD leaves it open."""
    form: Form | None = None
    instead: str = ""
    """What stands for a text that is not in `enum` or `words`, where the field must have one of them."""
    secret: bool = False
    rules: tuple[Rule, ...] = ()


def merge(found: Sequence[Field]) -> Field:
    """Return one `Field` that says what all say, the later ones having the last word."""
    if len(found) <= 1:  # as nearly always
        return found[0] if found else _NOTHING
    said: dict[str, Any] = {}
    for field in found:
        for name in _NAMES:
            value = getattr(field, name)
            if value != getattr(_NOTHING, name) and value is not ABSENT:
                said[name] = value
    return Field(**said)


def unwrapped(hint: Any) -> tuple[Any, Field]:
    """Return a type without its annotations and `| None`, and what the annotations say."""
    said: list[Field] = []
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint, *found = get_args(hint)
            said[:0] = [item for item in found if isinstance(item, Field)]
        elif origin in (Union, types.UnionType) and type(None) in get_args(hint):
            rest = [item for item in get_args(hint) if item is not type(None)]
            hint = functools.reduce(lambda a, b: a | b, rest)
        else:
            return hint, merge(said)


_NAMES: Final = tuple(field.name for field in fields(Field))
_NOTHING: Final = Field()


def wire_name(name: str) -> str:
    """Return a Python field name as the API spells it: `repo_url` is `repoURL`, `if_` is `if`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(_INITIALS.get(word, word.capitalize()) for word in rest)


_INITIALS: Final = {"url": "URL", "id": "ID", "tls": "TLS", "crds": "CRDs", "ts": "TS"}


class Struct(msgspec.Struct, rename=wire_name, omit_defaults=True):
    """Base of all views: camelCase on the wire, unknown keys ignored on reading.

    A struct whose required fields follow optional ones says `kw_only=True` itself; msgspec does not hand it down.
    """


KUBERNETES_NAME: Final = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
DURATION: Final = r"^([0-9]+(\.[0-9]+)?(s|m|h))+$"

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=KUBERNETES_NAME)]
"""The name of another object."""
Text = Annotated[str, Field(min_length=1)]
"""A text that must not be empty."""
Duration = Annotated[str, Field(pattern=DURATION, form=value_formats.DURATION)]
"""A span of time such as `5m0s` or `1.5h`: hours, minutes and seconds."""
GoDuration = Annotated[str, Field(form=value_formats.DURATION)]
"""A span of time in whatever form Go reads, `500ms` and `-1m` too."""
Time = Annotated[str, Field(format="date-time"), msgspec.Meta(pattern=moments.PATTERN)]
"""A moment, RFC 3339. Kept as text: what was written is what is read."""
Int32 = Annotated[int, Field(format="int32"), msgspec.Meta(ge=-(1 << 31), le=(1 << 31) - 1)]
Int64 = Annotated[int, Field(format="int64"), msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
UInt32 = Annotated[
    int, Field(format="int32", form=value_formats.COUNT), msgspec.Meta(ge=0, le=(1 << 31) - 1)
]
"""A count that Go keeps without a sign; the CRD's `int32` bounds it from above."""
Json = Annotated[Any, Field(preserve_unknown=True)]
"""Any JSON value."""
FreeObject = Annotated[dict[str, Any], Field(preserve_unknown=True)]
"""An object of whatever keys and values."""
IntOrString = Annotated[int | str, Field(int_or_string=True)]
"""A number that may be written as text, as templates do."""
