"""What a template of Go is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GoConstant:
    """A value that stands for itself."""

    value: Any


@dataclass(frozen=True, slots=True)
class Dot:
    """What the template is about at this place."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`; `$` by itself is what the whole template is about."""

    name: str


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """A function by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Members:
    """The fields of a value, one in the other."""

    of: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each given what the one before came to as its last argument; and the variables that get it."""

    commands: tuple[tuple[Operand, ...], ...]
    names: tuple[str, ...] = ()
    declares: bool = False
    """Whether the variables are new (`:=`) or are given another value (`=`)."""


Operand = GoConstant | Dot | Variable | NamedFunction | Members | Pipeline


@dataclass(frozen=True, slots=True)
class ShownPipeline:
    """What a pipeline comes to is printed, unless it goes to a variable."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Block:
    """`if`, `with` or `range`."""

    kind: str
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Leap:
    """`break` or `continue`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Included:
    """Another template, about the value of a pipeline."""

    name: str
    pipeline: Pipeline | None


Node = str | ShownPipeline | Block | Leap | Included


@dataclass(frozen=True, slots=True)
class Parsed:
    """A template, and those that it defines."""

    nodes: tuple[Node, ...]
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)
