"""Types as far as they are known before an expression runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Type:
    """A type as far as it is known before running."""

    kind: str
    """any nil bool int float string array map func time.Time time.Duration time.Location record."""
    element: Type | None = None
    """Of arrays; None: any."""
    name: str = ""
    """Of records and maps with keys of their own, what they are called."""
    fields: Mapping[str, Type] = field(default_factory=dict)
    """Of records."""
    methods: Mapping[str, Type] = field(default_factory=dict)
    """Of records: what each method returns."""

    def __str__(self) -> str:
        return self.name or ("unknown" if self.kind == "any" else self.kind)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a registered function is called."""

    least: int
    most: int
    parameters: tuple[Type, ...]
    result: Type


ANY: Final = Type("any")
NIL: Final = Type("nil")
BOOL: Final = Type("bool")
INT: Final = Type("int")
FLOAT: Final = Type("float")
STRING: Final = Type("string")
MAP: Final = Type("map")
TEXTS: Final = Type("map", STRING, "map[string]string")
"""A map of texts to texts."""
FUNC: Final = Type("func")
TIME: Final = Type("time.Time")
DURATION: Final = Type("time.Duration")
NUMBERS: Final = ("int", "float")
KEYED_BY_TEXT: Final = ("", TEXTS.name)
"""Names of the types of maps whose keys are texts."""


def array_of(element: Type) -> Type:
    """Return the type of a list."""
    return Type("array", None if element.kind == "any" else element)


def of_constant(value: object) -> Type:
    """Return the type of a constant's value, such as a parsed literal."""
    match value:
        case None:
            return NIL
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case bytes():
            return array_of(INT)
        case _:
            return STRING


def fits(argument: Type, parameter: Type) -> bool:
    """Whether an argument of a known type can be given where a parameter's type is declared."""
    if parameter.kind == "record" or argument.kind == "record":
        return argument.name == parameter.name
    return argument.kind == parameter.kind


def either(one: Type, other: Type) -> Type:
    """Return the type of what is one or the other, such as a conditional's."""
    if one.kind == "nil":
        return other
    if other.kind == "nil" or one == other:
        return one
    return one if one.kind == other.kind and one.kind not in ("array", "map", "record") else ANY
