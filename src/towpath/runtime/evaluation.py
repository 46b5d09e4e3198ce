"""Evaluating expressions on an event loop: data is loaded as it is asked for, heavy work goes to a thread.

Whoever writes manifests decides how many expressions there are and what each takes. Light ones run right here, and others
have a turn after some milliseconds of them (`loop_share`). Heavy ones have threads, a few at once
and of one caller one at a time: so those that files are read and written in are never all taken.
"""

from __future__ import annotations

import functools
import math
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from towpath import expressions
from towpath.caller_turns import CallerTurns
from towpath.expressions import MOST_ROUNDS, ExpressionError, Need
from towpath.expressions.budget import Heavy
from towpath.runtime.aside import LIGHT
from towpath.runtime.loop_share import LoopShare
from towpath.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from towpath.expressions import Function, Library, Program, Signature, Template, Type
    from towpath.runtime.threads import Stop

_AT_ONCE: Final = 2
_OF_ONE: Final = 1
_TOO_MUCH: Final = "the expression is more work than may be done while what happened later waits for it: look at less, or do it in a step"


class Evaluations:
    """Evaluates for callers who share one event loop."""

    def __init__(self) -> None:
        self._turns = CallerTurns(_AT_ONCE, _OF_ONE, most_of_one=sys.maxsize, most=sys.maxsize)
        self._share = LoopShare()

    async def template(
        self, text: str, types: Mapping[str, Type | Signature] | Library, *, caller: str = ""
    ) -> Template:
        """Return the template of a text; a long one is read in a thread. `caller` as for `evaluate`. Raises ExpressionError."""
        if expressions.weight([text]) <= LIGHT:
            with self._share.working():
                read = expressions.template(text, types)
            await self._share.give()
            return read
        async with self._turns.turn(caller):
            return await in_thread(_read, text, types)

    async def program(
        self, text: str, types: Mapping[str, Type | Signature], *, caller: str = ""
    ) -> Program:
        """Return the program of an expression, as `template` does of a text. Raises ExpressionError."""
        if expressions.weight([text]) <= LIGHT:
            with self._share.working():
                read = expressions.compile(text, types)
            await self._share.give()
            return read
        async with self._turns.turn(caller):
            return await in_thread(_compiled, text, types)

    async def evaluate(
        self,
        program: Program | Template,
        env: Mapping[str, Any],
        functions: Mapping[str, Function] | None = None,
        *,
        load: Callable[[Need], Awaitable[Any]],
        known: dict[Need, Any] | None = None,
        now: datetime | None = None,
        results: dict[int, Any] | None = None,
        caller: str = "",
        only_light: bool = False,
    ) -> Any:
        """Return the value of a program or template.

        `load` returns an object as a document, None if there is none. `known` is filled with what was loaded, so
        that one step attempt loads each object once. Light evaluations run right here; one that is more work
        leaves the loop, which goes on answering others, and ends after five seconds of processor time, or soon after
        nobody waits for it. `caller`: whose it is, a Project. Raises ExpressionError, also when the evaluation asks for more
        than `MOST_ROUNDS` objects, and what `load` raises. `results`, of a template: see there. `only_light`: others wait behind it, so that
        what is heavy is an ExpressionError.
        """
        loaded = {} if known is None else known
        run: Callable[..., Any] = program.evaluate
        if results is not None:
            run = functools.partial(run, results=results)
        for _ in range(MOST_ROUNDS):
            try:
                with self._share.working():
                    value = run(env, functions, known=loaded, now=now, light=True)
            except Heavy:
                if only_light:
                    await self._share.give()
                    raise ExpressionError(_TOO_MUCH) from None
                work = functools.partial(run, env, functions, known=dict(loaded), now=now)
                async with self._turns.turn(caller):
                    value = await in_thread(_heavy, work)
            await self._share.give()
            if not isinstance(value, Need):
                return value
            loaded[value] = await load(value)
        raise ExpressionError(f"the expression asks for more than {MOST_ROUNDS} objects")


def _read(_: Stop, text: str, types: Mapping[str, Type | Signature] | Library) -> Template:
    read = expressions.template(text, types)
    if read.reads:  # what they look at takes as long to find out, and is kept with it
        return read
    return read


def _compiled(_: Stop, text: str, types: Mapping[str, Type | Signature]) -> Program:
    return expressions.compile(text, types)


def _heavy(stop: Stop, work: Callable[..., Any]) -> Any:
    """Do it in this thread, by its processor's time; where nobody waits any more that is up."""
    return work(clock=lambda: math.inf if stop() else time.thread_time())
