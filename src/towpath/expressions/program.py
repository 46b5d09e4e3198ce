"""Compiled expressions: compile once, evaluate many times."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.budget import DEEPEST, Budget
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.builtins.builtin import CallContext
from towpath.expressions.checker import check
from towpath.expressions.closures import closure_of
from towpath.expressions.context import Context
from towpath.expressions.failure import ExpressionError, at
from towpath.expressions.names_read import reads
from towpath.expressions.need import LoadedObjects, Need, Suspended
from towpath.expressions.parser import parse
from towpath.expressions.values import Failure
from towpath.resources import sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.expressions.names_read import Path
    from towpath.expressions.static_types import Signature, Type
    from towpath.expressions.values import Function


class Library:
    """What is known of an environment: functions that are registered, types of variables.

    Hashable by what it names, so that programs can be kept by it.
    """

    __slots__ = ("_hash", "_key", "is_whole", "signatures", "types")

    def __init__(
        self,
        signatures: Mapping[str, Signature],
        types: Mapping[str, Type],
        *,
        is_whole: bool = False,
    ) -> None:
        """`is_whole`: whether there are no other names, so that one is an error."""
        self.signatures = dict(signatures)
        self.types = dict(types)
        self.is_whole = is_whole
        self._key = (
            is_whole,
            tuple((name, id(found)) for name, found in sorted(self.signatures.items())),
            tuple((name, id(found)) for name, found in sorted(self.types.items())),
        )
        self._hash = hash(self._key)

    def with_signatures(self, more: Mapping[str, Signature]) -> Library:
        """Return a library that has more functions."""
        return Library({**more, **self.signatures}, self.types, is_whole=self.is_whole)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Library) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash


NOTHING = Library({}, {})


class Program:
    """A compiled expression. It keeps nothing of an evaluation and may be shared."""

    __slots__ = ("_names", "_reads", "_run", "source")

    def __init__(
        self, source: str, run: Callable[[Context], Any], names: frozenset[str] = frozenset()
    ) -> None:
        """`names`: functions that it may call besides the builtin ones."""
        self.source = source
        self._run = run
        self._names = names
        self._reads: frozenset[Path] | None = None

    @property
    def reads(self) -> frozenset[Path]:
        """What it looks at (`reads.reads`): found out when somebody asks, and kept."""
        if self._reads is None:
            self._reads = reads(parse(self.source, BUILTINS.keys(), self._names))
        return self._reads

    def evaluate(
        self,
        env: Mapping[str, Any],
        functions: Mapping[str, Function] | None = None,
        *,
        known: Mapping[Need, Any] | None = None,
        now: datetime | None = None,
        light: bool = False,
        clock: Callable[[], float] | None = None,
        budget: Budget | None = None,
    ) -> Any:
        """Return the value of the expression, or the `Need` without which it cannot go on.

        The caller then adds what is needed to `known` and calls again. `now` is the time of `now()`.
        `light`: raise `budget.Heavy` for what is more work than an event loop can spare; `clock`: seconds of
        this thread's processor time, to end what takes too long. `budget`: in their place, where several expressions
        are one piece of work. Raises ExpressionError.
        """
        if budget is None:
            budget = Budget(light=light, clock=clock)
        around = CallContext(budget, now)
        try:
            budget.again()
            found = self._run(Context(env, functions or {}, around, LoadedObjects(known or {})))
        except Suspended as suspended:
            return suspended.need
        except Failure as failure:
            raise ExpressionError(str(failure)) from failure
        except RecursionError as error:
            raise ExpressionError("the expression goes too deep") from error
        except MemoryError as error:
            raise ExpressionError("memory budget exceeded") from error
        except OverflowError as error:  # an integer of the environment that 64 bits do not hold
            raise ExpressionError("a number is out of range") from error
        if sizes.is_deeper(found, DEEPEST):
            raise ExpressionError(f"the result is nested more than {DEEPEST} levels deep")
        return found


LONGEST_KEPT: Final = 250
"""Characters of a text whose reading is kept: what is made of one takes some two hundred times its length in memory."""
MOST_KEPT: Final = 1_024


def compiled(source: str, library: Library = NOTHING) -> Program:
    """Return the program of an expression, from a cache. Raises ExpressionError."""
    return (_kept if len(source) <= LONGEST_KEPT else compiled_anew)(source, library)


@functools.lru_cache(maxsize=MOST_KEPT)
def _kept(source: str, library: Library) -> Program:
    return compiled_anew(source, library)


def compiled_anew(source: str, library: Library = NOTHING) -> Program:
    """Return the program of an expression, whether or not it is kept. Raises ExpressionError."""
    names = frozenset(library.signatures)
    try:
        tree = parse(source, BUILTINS.keys(), names)
        check(tree, source, library.signatures, library.types, is_whole=library.is_whole)
        return Program(source, closure_of(tree, source, names), names)
    except RecursionError as error:  # a chain of hundreds of fields, calls or pipes
        raise at(source, 0, "the expression goes too deep") from error
