"""Evaluating expressions on an event loop: data is loaded as it is asked for, heavy work goes to a thread."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import TYPE_CHECKING, Any

from towpath.expressions import MOST_ROUNDS, ExpressionError, Need
from towpath.expressions.budget import Heavy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from towpath.expressions import Function, Program, Template


async def evaluate(
    program: Program | Template,
    env: Mapping[str, Any],
    functions: Mapping[str, Function] | None = None,
    *,
    load: Callable[[Need], Awaitable[Any]],
    known: dict[Need, Any] | None = None,
    now: datetime | None = None,
    results: dict[int, Any] | None = None,
) -> Any:
    """Return the value of a program or template.

    `load` returns an object as a document, None if there is none. `known` is filled with what was loaded, so
    that one step attempt loads each object once. Light evaluations run right here; one that is more work
    leaves the loop, which goes on answering others, and ends after five seconds of processor time. Raises
    ExpressionError, also when the evaluation asks for more than `MOST_ROUNDS` objects, and what `load`
    raises. `results`, of a template: see there.
    """
    loaded = {} if known is None else known
    run: Callable[..., Any] = program.evaluate
    if results is not None:
        run = functools.partial(run, results=results)
    for _ in range(MOST_ROUNDS):
        try:
            value = run(env, functions, known=loaded, now=now, light=True)
        except Heavy:
            value = await asyncio.to_thread(
                run,
                env,
                functions,
                known=dict(loaded),
                now=now,
                clock=time.thread_time,
            )
        if not isinstance(value, Need):
            return value
        loaded[value] = await load(value)
    raise ExpressionError(f"the expression asks for more than {MOST_ROUNDS} objects")
