"""Evaluating on an event loop: data, bounds, and a loop that goes on answering."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.support.waiting import until_async
from towpath import expressions
from towpath.expressions import ExpressionError, Function, Need, budget, data
from towpath.runtime.evaluation import Evaluations

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
    assert await Evaluations().evaluate(program, {}, FUNCTIONS, load=load, known=known) == "ab"
    assert await Evaluations().evaluate(template, {}, FUNCTIONS, load=load, known=known) == "b-"
    assert [need.name for need in asked] == ["a", "b"]


async def test_asking_has_an_end() -> None:
    """Sixty-four objects are enough for one evaluation."""

    async def load(_: Need) -> Any:
        return {"data": {}}

    program = expressions.compile("map(1..100, configMap(string(#)))", data.SIGNATURES)
    with pytest.raises(ExpressionError, match="more than 64 objects"):
        await Evaluations().evaluate(program, {}, FUNCTIONS, load=load)


@pytest.mark.slow
async def test_light_work_stays_and_heavy_work_leaves_the_loop() -> None:
    """Other tasks have their turns meanwhile."""
    program = expressions.compile("sum(map(1..200000, # * 2))")
    assert await Evaluations().evaluate(program, {}, load=nothing) == 200000 * 200001
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    heavy = expressions.compile("count(1..300000, # % 7 == f(#))")
    same = Function("f", lambda value: value % 7)
    assert await Evaluations().evaluate(heavy, {"f": same}, load=nothing) == 300_000
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


def test_the_parts_of_a_template_are_one_piece_of_work() -> None:
    """Each was light, and a thousand of them held everybody up; each had five seconds of a thread, and a thousand had hours."""
    part = "${{ count(1..9000, # > 0) }}"
    with pytest.raises(budget.Heavy):
        expressions.template(part * 3).evaluate({}, light=True)
    assert expressions.template(part * 2).evaluate({}, light=True) == 90009000
    with pytest.raises(budget.Heavy):
        expressions.template("${{ 1 }}" * 2_000).evaluate({}, light=True)
    seconds = iter(range(100))
    with pytest.raises(ExpressionError, match="more than 5 s"):
        expressions.template(part * 20).evaluate({}, clock=lambda: float(next(seconds)))


def test_each_part_of_a_template_has_memory_of_its_own() -> None:
    """As the reference counts it."""
    part = "${{ len(1..900000) }}"
    assert expressions.template(part * 2).evaluate({}) == 900000900000


async def test_light_work_that_goes_on_and_on_gives_turns() -> None:
    """Nothing in it waits: ten thousand in a row left the loop to nobody."""
    evaluations, turns = Evaluations(), 0
    program = expressions.compile("count(1..9000, # > 0)")

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    for _ in range(60):
        assert await evaluations.evaluate(program, {}, load=nothing) == 9_000
    turning.cancel()
    assert turns > 5


async def test_heavy_work_takes_turns_caller_by_caller() -> None:
    """One Project has one at a time, so another finds a turn; files have threads all the while."""
    evaluations, begun, go_on = Evaluations(), list[str](), threading.Event()

    def mark(name: str) -> Function:
        def f(value: Any) -> bool:
            if value == 39_999:
                begun.append(name)
                go_on.wait(20)
            return True

        return Function("f", f)

    program = expressions.compile("count(1..40000, f(#))")

    async def asked(caller: str, name: str) -> Any:
        env = {"f": mark(name)}
        return await evaluations.evaluate(program, env, load=nothing, caller=caller)

    first = [asyncio.create_task(asked("a", f"a{number}")) for number in range(4)]
    other = asyncio.create_task(asked("b", "b"))
    assert await until_async(lambda: _true(len(begun) == 2))
    assert sorted(begun) == ["a0", "b"]
    assert await asyncio.wait_for(asyncio.to_thread(lambda: 1), 20) == 1
    go_on.set()
    assert await asyncio.gather(*first, other) == [40_000] * 5


async def _true(value: bool) -> bool:
    return value


async def test_heavy_work_ends_when_nobody_waits_for_it() -> None:
    """Not when its five seconds are up: whoever asks and goes again and again would have all threads."""
    evaluations, looked = Evaluations(), 0

    def f(_: Any) -> bool:
        nonlocal looked
        looked += 1
        return True

    program = expressions.compile("count(1..900000, f(#))")
    task = asyncio.create_task(
        evaluations.evaluate(program, {"f": Function("f", f)}, load=nothing, caller="a")
    )
    assert await until_async(lambda: _true(looked > 50_000))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ended = looked
    assert ended < 900_000
    assert looked == ended


async def test_reading_and_refusing_one_after_the_other_gives_turns() -> None:
    """Three hundred conditions of one Project, each too much work, would be seconds in one go."""
    evaluations, turns = Evaluations(), 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    for number in range(40):
        text = f"{number} >= 0 && " + "true && " * 300 + "all(1..900, {all(1..900, {# > 0})})"
        program = await evaluations.program(text, {})
        with pytest.raises(ExpressionError, match="more work than may be done"):
            await evaluations.evaluate(program, {}, load=nothing, only_light=True)
    turning.cancel()
    assert turns > 20
