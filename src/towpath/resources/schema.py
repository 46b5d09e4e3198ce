"""The structural schema: what a document of a kind may hold, in one neutral form.

`structs` makes a `Schema` from the typed structs of a kind, which are its single source; `crd` and
`openapi` render it for Kubernetes; `validation` checks and defaults documents against it. It says no more
than a structural CRD schema can say (no `$ref`, no recursion, one type per node), so the three never
disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JsonType = Literal["object", "array", "string", "integer", "number", "boolean"]


class _Absent:
    """The default of a field that has none (None is a JSON value and could be one)."""

    def __repr__(self) -> str:
        return "ABSENT"


class _Open:
    """Stands for a value that an expression will give."""

    def __repr__(self) -> str:
        return "OPEN"


ABSENT: Final = _Absent()
OPEN: Final = _Open()
"""In a value that is checked: what stands here is not known yet, and may become anything."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over one node, carried as CEL text for Kubernetes and as Python for ourselves."""

    expression: str
    """The CEL text that goes into `x-kubernetes-validations`."""

    message: str
    """What the user reads; empty means Kubernetes' own `failed rule: <expression>`."""

    holds: Callable[[Any, Any], bool]
    """Called with the value and the value before the write (`ABSENT` on create); True when the rule holds."""

    transition: bool = False
    """Whether the rule mentions `oldSelf`: Kubernetes then evaluates it on updates only."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a value must read as, where a CRD's schema cannot say it: checked by us, rendered nowhere."""

    name: str
    """Such as `duration`."""
    wrong: Callable[[Any], str]
    """Returns what is wrong with a value of the right type, with the right form; empty if nothing is."""
    weight: Callable[[Any], int] | None = None
    """Returns how much work it is to read a value, where that is much; of a document only so much is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One node of a structural schema. Lengths count characters (Unicode code points), as OpenAPI does."""

    type: JsonType | None
    """None: any JSON value (rendered with `x-kubernetes-preserve-unknown-fields`) or int-or-string."""

    description: str = ""
    format: str | None = None
    pattern: str | None = None
    """RE2, searched unanchored, as written."""
    enum: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_properties: int | None = None
    default: Any = ABSENT
    nullable: bool = False

    properties: Mapping[str, Schema] = field(default_factory=dict)
    """By wire name, in the order of the struct's fields."""
    required: tuple[str, ...] = ()
    values: Schema | None = None
    """For maps: the schema of every value (`additionalProperties`)."""
    items: Schema | None = None

    list_type: Literal["atomic", "set", "map"] | None = None
    list_map_keys: tuple[str, ...] = ()
    map_type: Literal["atomic", "granular"] | None = None
    preserve_unknown: bool = False
    int_or_string: bool = False
    embedded_resource: bool = False

    words: tuple[str, ...] = ()
    """What a text may be, as `enum` says it, where CRDs leave it open: rendered nowhere."""
    form: Form | None = None
    rules: tuple[Rule, ...] = ()
    secret: bool = False
    """The value, and every value below it, is never shown in an error."""
