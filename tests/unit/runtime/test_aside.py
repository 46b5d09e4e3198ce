"""Work off the event loop, in real processes: what it gives, what it may take, how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import psutil
import pytest

from towpath.caller_turns import MOST_OF_ONE, CallerTurns
from towpath.clock import settle
from towpath.errors import (
    BadRequest,
    Invalid,
    Timeout,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
from towpath.resources import manifests, scheme
from towpath.resources.validation import admit
from towpath.runtime import aside as aside_module
from towpath.runtime.aside import LIGHT, Aside, endings

HEAVY = LIGHT + 1


def _template(aside: Aside) -> int:
    """Return the process that others are forked from."""
    assert aside._template is not None
    return aside._template.process.pid


async def test_light_work_is_done_at_once_and_heavy_work_elsewhere() -> None:
    """No process is started for what is light."""
    async with Aside() as aside:
        assert await aside.run(os.getpid, weight=LIGHT, what="it") == os.getpid()
        assert aside._template is None
        elsewhere = await aside.run(os.getpid, weight=HEAVY, what="it")
        assert elsewhere not in (os.getpid(), _template(aside))


async def test_what_is_read_elsewhere_is_what_is_read_here() -> None:
    """Documents, their places, and errors with all that they say."""
    text = b"apiVersion: v1\nkind: ConfigMap\n---\n- {a: 1.0, b: [null, yes]}\n"
    async with Aside() as aside:
        assert await aside.run(manifests.read, text, weight=HEAVY, what="it") == manifests.read(
            text
        )
        with pytest.raises(BadRequest, match="line 2, column 4"):
            await aside.run(manifests.read, b"a: 1\nb: }", weight=HEAVY, what="it")
        with pytest.raises(Invalid) as caught:
            await aside.run(admit, {}, scheme.STAGE, weight=HEAVY, what="it")
        with pytest.raises(Invalid) as here:
            admit({}, scheme.STAGE)
        assert str(caught.value) == str(here.value)
        assert caught.value.causes == here.value.causes
        assert caught.value.kind == here.value.kind


async def test_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    """Work that waits for something that others do on the loop gets it."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    async with Aside() as aside:
        reading = asyncio.create_task(aside.run(Path.read_bytes, fifo, weight=HEAVY, what="it"))
        await asyncio.to_thread(fifo.write_bytes, b"from the loop")
        assert await reading == b"from the loop"


async def test_others_have_a_turn_between_a_large_result_and_what_is_done_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To take it in takes a while, and so may what follows: they are two turns of the loop."""
    order: list[str] = []

    def taken_in(answer: bytearray, what: str) -> object:
        asyncio.get_running_loop().call_soon(order.append, "another")
        return result(answer, what)

    result = aside_module._result
    monkeypatch.setattr(aside_module, "_result", taken_in)
    async with Aside() as aside:
        await aside.run(os.getpid, weight=HEAVY, what="it")
        order.append("what follows")
    assert order == ["another", "what follows"]


async def test_work_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Whether it computes or waits, also within one call that never gives way; then others have their turn."""
    os.mkfifo(tmp_path / "fifo")
    async with Aside(at_once=1) as aside:
        for work, given in ((sum, range(10**12)), (Path.read_bytes, tmp_path / "fifo")):
            with pytest.raises(Timeout, match=r"the body: it took more than 0\.05 s of work"):
                await aside.run(work, given, weight=HEAVY, what="the body", seconds=0.05)
        assert await aside.run(abs, -1, weight=HEAVY, what="it") == 1


async def test_work_that_takes_too_much_memory_is_ended() -> None:
    """The server has what it needs."""
    async with Aside() as aside:
        with pytest.raises(
            TooLarge, match=r"the body: it takes more memory than the 256 MB .* send less"
        ):
            await aside.run(bytes, 1 << 30, weight=HEAVY, what="the body")
        with pytest.raises(TooLarge, match="come out of it"):
            await aside.run(bytes, 100 << 20, weight=HEAVY, what="the body")


async def test_a_process_that_dies_takes_nothing_with_it() -> None:
    """Neither one that works, nor the one that they are forked from."""
    async with Aside() as aside:
        with pytest.raises(Unavailable, match=r"it: .* crashed \(SIGABRT\).* 256 MB"):
            await aside.run(os.abort, weight=HEAVY, what="it")
        template = _template(aside)
        process = psutil.Process(template)
        process.kill()
        await asyncio.to_thread(process.wait, 30)
        assert await aside.run(abs, -1, weight=HEAVY, what="it") == 1


async def _dies(aside: Aside, signal_: int) -> None:
    """Run work that gives itself a signal."""
    await aside.run(signal.raise_signal, signal_, weight=HEAVY, what="the body")


async def test_how_a_process_ended_is_told() -> None:
    """Only what ran out of time is said to have taken too long; each gets a cause and a remedy of its own."""
    async with Aside() as aside:
        with pytest.raises(Timeout, match="more than 5 s of work"):
            await _dies(aside, signal.SIGPROF)
        with pytest.raises(Unavailable, match=r"was killed, .*; give the server more memory"):
            await _dies(aside, signal.SIGKILL)
        for signal_, named in (
            (signal.SIGSEGV, "SIGSEGV"),
            (signal.SIGRTMIN + 1, "signal|SIGRT"),
        ):
            with pytest.raises(Unavailable, match=rf"the body: .* crashed \(({named}).*report it"):
                await _dies(aside, signal_)
        with pytest.raises(TooLarge, match="256 MB"):
            await aside.run(os._exit, endings.OUT_OF_MEMORY, weight=HEAVY, what="it")
        with pytest.raises(Unavailable, match="ended by itself, with status 7"):
            await aside.run(os._exit, 7, weight=HEAVY, what="it")


@pytest.mark.slow
async def test_a_job_that_is_larger_than_the_memory_is_told_as_that() -> None:
    """Where there is not even the memory to take it in."""
    async with Aside() as aside:
        with pytest.raises(TooLarge, match="the body: it takes more memory than the 256 MB"):
            await aside.run(len, bytes(257 << 20), weight=HEAVY, what="the body")


async def test_work_whose_template_dies_is_told_at_once(tmp_path: Path) -> None:
    """Nobody can say any more how the process ended."""
    os.mkfifo(tmp_path / "fifo")
    async with Aside() as aside:
        reading = asyncio.create_task(
            aside.run(Path.read_bytes, tmp_path / "fifo", weight=HEAVY, what="it")
        )
        end = await asyncio.to_thread(os.open, tmp_path / "fifo", os.O_WRONLY)
        os.killpg(_template(aside), signal.SIGKILL)
        with pytest.raises(Unavailable, match=r"it: the process that worked on it is gone|killed"):
            await reading
        os.close(end)


@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_nothing_is_left_running(tmp_path: Path, how: str) -> None:
    """Work is ended when nobody wants its result any more, and when the server stops."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    async with Aside() as aside:
        working = asyncio.create_task(aside.run(Path.read_bytes, fifo, weight=HEAVY, what="it"))
        end = await asyncio.to_thread(os.open, fifo, os.O_WRONLY)  # which waits until it is read
        template = _template(aside)
        works = psutil.Process(template).children()
        assert len(works) == 1
        if how == "cancelled":
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
        else:
            await aside.close()
            with pytest.raises(Unavailable, match="it: the server is stopping"):
                await working
            with pytest.raises(Unavailable, match="stopping"):
                await aside.run(abs, -1, weight=HEAVY, what="it")
        _, alive = await asyncio.to_thread(psutil.wait_procs, works, 30)
        assert alive == []
        os.close(end)


async def test_what_is_not_needed_ends_and_comes_again() -> None:
    """The memory of the template is free meanwhile."""
    async with Aside() as aside:
        await aside.run(abs, -1, weight=HEAVY, what="it")
        template = _template(aside)
        process = psutil.Process(template)
        aside.rest()
        assert aside._template is None
        await asyncio.to_thread(process.wait, 30)
        assert await aside.run(abs, -1, weight=HEAVY, what="it") == 1


async def test_callers_have_one_turn_after_the_other() -> None:
    """Whoever sends much waits for oneself."""
    turns, order = CallerTurns(1), []

    async def take(caller: str) -> None:
        async with turns.turn(caller):
            order.append(caller)
            await settle()

    tasks = [asyncio.create_task(take(caller)) for caller in "aaaaabcb"]
    await asyncio.gather(*tasks)
    assert "".join(order) == "aabcabaa"


async def test_a_turn_is_not_lost_when_its_taker_goes() -> None:
    """Before it comes, and just when it was given."""
    turns = CallerTurns(1)
    async with turns.turn("a"):
        waiting = [asyncio.create_task(_taken(turns, each)) for each in "bcd"]
        await settle()
        waiting[0].cancel()
        await settle()
    waiting[1].cancel()  # it has its turn, and has not noticed
    assert await waiting[2] == "d"
    assert await _taken(turns, "e") == "e"


async def test_nobody_has_many_waiting() -> None:
    """Others still get in line."""
    turns = CallerTurns(1)
    async with turns.turn("a"):
        waiting = [asyncio.create_task(_taken(turns, "b")) for _ in range(MOST_OF_ONE)]
        await settle()
        with pytest.raises(TooManyRequests, match="one after the other"):
            await _taken(turns, "b")
        other = asyncio.create_task(_taken(turns, "c"))
        await settle()
    assert await other == "c"
    assert await asyncio.gather(*waiting) == ["b"] * MOST_OF_ONE


async def test_what_cannot_be_asked_for_again_waits() -> None:
    """As do the steps of as many Promotions of one Project as there are."""
    async with Aside(refuses=False) as patient, Aside() as refusing:
        for aside, refused in ((patient, 0), (refusing, 3)):
            many = [
                aside.run(abs, -1, weight=HEAVY, what="it", caller="shop")
                for _ in range(aside_module._OF_ONE + MOST_OF_ONE + 3)
            ]
            found = await asyncio.gather(*many, return_exceptions=True)
            assert found.count(1) == len(many) - refused
            assert sum(isinstance(each, TooManyRequests) for each in found) == refused


async def test_what_one_caller_has_running_leaves_a_turn_for_another() -> None:
    """However long it takes; the first caller's others wait for the first caller's."""
    turns = CallerTurns(2, of_one=1)
    async with turns.turn("a"):
        waiting = asyncio.create_task(_taken(turns, "a"))
        assert await _taken(turns, "b") == "b"
        async with turns.turn("b"):
            third = asyncio.create_task(_taken(turns, "c"))
            await settle()
            assert not third.done()
        assert await third == "c"
        await settle()
        assert not waiting.done()
    assert await waiting == "a"


async def test_what_several_callers_have_running_leaves_a_turn_for_another() -> None:
    """Three whose work does not end, each with as much as it may have, would else have all there is."""
    turns = CallerTurns(128, 48, most_of_one=1_000, most=9_000, leaves_room=True)
    running: Counter[str] = Counter()
    leave = asyncio.Event()

    async def work(caller: str) -> None:
        async with turns.turn(caller):
            running[caller] += 1
            await leave.wait()

    tasks = [asyncio.create_task(work(name)) for name in "abc" for _ in range(128)]
    await settle()
    assert running["a"] == 48
    assert running.total() < 128
    tasks += [asyncio.create_task(work(f"p{number}")) for number in range(100) for _ in range(9)]
    tasks.append(asyncio.create_task(work("calm")))
    await settle()
    assert running["calm"] == 1
    assert running.total() <= 2 * 128
    leave.set()
    await asyncio.gather(*tasks)
    assert running["a"] == running["b"] == running["c"] == 128
    assert turns.is_idle


async def _taken(turns: CallerTurns, caller: str) -> str:
    async with turns.turn(caller):
        return caller


async def test_who_goes_away_while_a_turn_becomes_free_passes_it_on() -> None:
    """Both at once, as when a server stops: whoever waits behind is next, and nobody is told of a fault."""
    turns = CallerTurns(1)
    begun: list[str] = []
    leave = asyncio.Event()

    async def work(name: str) -> None:
        async with turns.turn("a"):
            begun.append(name)
            await leave.wait()

    tasks = [asyncio.create_task(work(name)) for name in ("first", "second", "third")]
    await settle()
    tasks[0].cancel()
    tasks[1].cancel()
    await settle()
    assert begun == ["first", "third"]
    leave.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in found[:2]] == [asyncio.CancelledError] * 2
    async with turns.turn("a"):
        pass
