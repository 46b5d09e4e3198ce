"""What a path is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number or a truth value, which stands for itself."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class NamedKey:
    """One key of objects."""

    name: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """All that objects and lists hold."""


@dataclass(frozen=True, slots=True)
class Below:
    """Each object, list and text that lies in something, itself included."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some of the items of lists."""

    start: int | None = None
    end: int | None = None
    step: int | None = None
    is_one: bool = False
    """Whether it was written as one place: `end` lies behind it, 0 for the last."""


@dataclass(frozen=True, slots=True)
class Union:
    """What several paths find, one after the other."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of lists of which a comparison holds; without `operator` those where `left` is there."""

    left: Path
    operator: str = ""
    right: Path = ()


PathStep = Literal | NamedKey | Wildcard | Below | Span | Union | Filter
Path = tuple[PathStep, ...]
Template = tuple[Path, ...]
"""Texts and paths, one after the other."""
