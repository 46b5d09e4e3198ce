"""The syntax tree. `offset` is where in the source a node is, for messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Node:
    """Any node."""

    offset: int


@dataclass(slots=True)
class Constant(Node):
    """nil, a boolean, integer, float, text or bytes."""

    value: Any


@dataclass(slots=True)
class Name(Node):
    """A variable."""

    name: str


@dataclass(slots=True)
class Unary(Node):
    """`-x`, `+x`, `!x`, `not x`."""

    operator: str
    operand: Node


@dataclass(slots=True)
class Binary(Node):
    """Two operands and an operator."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Chain(Node):
    """The extent of what `?.` leaves out when it meets nil."""

    inner: Node


@dataclass(slots=True)
class Member(Node):
    """`of.name`, `of[key]`."""

    of: Node
    key: Node
    optional: bool = False


@dataclass(slots=True)
class Slice(Node):
    """`of[start:stop]`."""

    of: Node
    start: Node | None
    stop: Node | None


@dataclass(slots=True)
class Call(Node):
    """A call of a function value or method."""

    callee: Node
    arguments: list[Node]


@dataclass(slots=True)
class BuiltinCall(Node):
    """A call of a builtin function."""

    name: str
    arguments: list[Node]


@dataclass(slots=True)
class Predicate(Node):
    """What a predicate function evaluates for each element."""

    body: Node


@dataclass(slots=True)
class Pointer(Node):
    """`#`, `#index`, `#acc`."""

    name: str


@dataclass(slots=True)
class Conditional(Node):
    """`c ? a : b` and `if c { a } else { b }`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Let(Node):
    """`let name = value; body`."""

    name: str
    value: Node
    body: Node


@dataclass(slots=True)
class Sequence(Node):
    """`a; b; c`: the last counts."""

    nodes: list[Node]


@dataclass(slots=True)
class Array(Node):
    """`[a, b]`."""

    items: list[Node]


@dataclass(slots=True)
class Map(Node):
    """`{a: 1, "b": 2, (c): 3}`."""

    pairs: list[tuple[Node, Node]]
