"""What compiled expressions are given when they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.expressions.builtins.builtin import CallContext
    from towpath.expressions.need import LoadedObjects
    from towpath.expressions.values import Function


@dataclass(slots=True)
class Scope:
    """What `#`, `#index` and `#acc` mean while a predicate runs."""

    item: Any = None
    index: int = 0
    acc: Any = None
    cost: int = 1
    """Units of work for one element."""


@dataclass(slots=True)
class Context:
    """One evaluation under way."""

    env: Mapping[str, Any]
    functions: Mapping[str, Function]
    around: CallContext
    known: LoadedObjects
    lets: list[Any] = field(default_factory=list)
    scope: Scope | None = None


Closure = Callable[[Context], Any]
"""A compiled node: what it is in an evaluation."""
