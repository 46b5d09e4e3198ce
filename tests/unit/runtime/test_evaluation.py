"""Evaluating on an event loop: data, bounds, and a loop that goes on answering."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from towpath import expressions
from towpath.expressions import ExpressionError, Function, Need, budget, data
from towpath.runtime.evaluation import evaluate

FUNCTIONS = data.functions("shop", "shared")


async def nothing(need: Need) -> Any:
    """Load nothing: nobody should ask."""
    raise AssertionError(need)


async def test_data_is_loaded_once_for_several_evaluations() -> None:
    """What one loaded the next one knows."""
    asked: list[Need] = []

    async def load(need: Need) -> Any:
        asked.append(need)
        return {"data": {"k": need.name}}

    known: dict[Need, Any] = {}
    program = expressions.compile('configMap("a").k + configMap("b").k', data.SIGNATURES)
    template = expressions.template('${{ configMap("b").k }}-', data.SIGNATURES)
    assert await evaluate(program, {}, FUNCTIONS, load=load, known=known) == "ab"
    assert await evaluate(template, {}, FUNCTIONS, load=load, known=known) == "b-"
    assert [need.name for need in asked] == ["a", "b"]


async def test_asking_has_an_end() -> None:
    """Sixty-four objects are enough for one evaluation."""

    async def load(_: Need) -> Any:
        return {"data": {}}

    program = expressions.compile("map(1..100, configMap(string(#)))", data.SIGNATURES)
    with pytest.raises(ExpressionError, match="more than 64 objects"):
        await evaluate(program, {}, FUNCTIONS, load=load)


@pytest.mark.slow
async def test_light_work_stays_and_heavy_work_leaves_the_loop() -> None:
    """Other tasks have their turns meanwhile."""
    program = expressions.compile("sum(map(1..200000, # * 2))")
    assert await evaluate(program, {}, load=nothing) == 200000 * 200001
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    heavy = expressions.compile("count(1..300000, # % 7 == f(#))")
    same = Function("f", lambda value: value % 7)
    assert await evaluate(heavy, {"f": same}, load=nothing) == 300_000
    turning.cancel()
    assert turns > 3


def test_five_seconds_of_processor_time_are_the_end() -> None:
    """By a clock that is lent, and not before."""
    seconds = iter(range(1_000_000))
    program = expressions.compile("count(1..100000, # > 0)")
    with pytest.raises(ExpressionError, match="more than 5 s"):
        program.evaluate({}, clock=lambda: float(next(seconds)))
    assert program.evaluate({}, clock=lambda: 0.0) == 100_000
    with pytest.raises(budget.Heavy):
        program.evaluate({}, light=True)
    assert expressions.compile("count(1..10000, # > 0)").evaluate({}, light=True) == 10_000
