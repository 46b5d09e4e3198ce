"""Whatever keeps Freight from a Stage, `explain`, the command line, the Board and the lens tell the same earliest time, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.cli.why.explain import stage_lines
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

OWN = f"/towpath/v1/projects/{PROJECT}"
SAID = "It could be there at"


async def _move(world: Pipeline, kind: str, **body: Any) -> None:
    async with serving.client(world) as client:
        answer = await client.post(f"{OWN}/moves", json={"kind": kind, **body})
    assert answer.status_code < 207, answer.text


async def _soak(world: Pipeline, freight: str) -> None:
    await world.promote("dev", freight)


async def _hold_with_an_end(world: Pipeline, _: str) -> None:
    await _move(world, "hold", stages=["auto"], until="4h")
    await world.freight("1.0.1")


async def _hold(world: Pipeline, _: str) -> None:
    await _move(world, "hold", stages=["auto"])
    await world.freight("1.0.1")


async def _nothing_yet(_: Pipeline, __: str) -> None:
    """It was verified nowhere."""


async def _approved(world: Pipeline, freight: str) -> None:
    await _move(world, "approve", stages=["prod"], freight=freight)


async def _quarantine(world: Pipeline, freight: str) -> None:
    await _move(world, "quarantine", freight=freight, reason="it is ill")


async def _freeze(world: Pipeline, _: str) -> None:
    async with serving.client(world) as client:
        answer = await client.post(f"{OWN}/freeze", json={"reason": "it goes"})
    assert answer.status_code == 200, answer.text


CASES: dict[str, tuple[Callable[[Pipeline, str], Awaitable[None]], str, str, bool]] = {
    "soak": (_soak, "prod", "soaked", True),
    "a hold with an end": (_hold_with_an_end, "auto", "hold", True),
    "a hold without": (_hold, "auto", "hold", False),
    "a verification before": (_nothing_yet, "prod", "verified", False),
    "nothing, as it was approved": (_approved, "prod", "", False),
    "a quarantine": (_quarantine, "dev", "quarantine", False),
    "a freeze": (_freeze, "dev", "stage", False),
}
"""What is done, the Stage that is asked about, the gate that is shut, and whether that one opens by time."""


@pytest.mark.parametrize("case", CASES)
async def test_all_tell_the_same_time(tmp_path: Path, case: str) -> None:
    """A gate that opens by time says when; where the Stages before take their time, the forecast does; else nobody."""
    act, stage, shut, is_timed = CASES[case]
    async with running(tmp_path) as world:
        await world.apply(
            project_document("auto"),
            warehouse_document(),
            *(stage_document(name) for name in ("dev", "auto")),
            stage_document("prod", "dev", soak="1h"),
        )
        first = await world.freight("1.0.0")
        await world.settled()
        await act(world, first)
        await world.settled()
        async with serving.client(world) as client:
            told = (await client.get(f"{OWN}/stages/{stage}/explain")).json()
            board = (await client.get(f"{OWN}/board")).json()
            lens = (await client.get(f"{OWN}/lens?freight={told['freight']}")).json()
        now = world.clock.now()
    gates = {each["name"]: each for each in told["gates"] if not each["open"]}
    typed = stage_lines(told)
    at, coming = told["soonest"], told["then"][0]
    if shut:
        assert shut in gates
        assert bool(gates[shut]["opensAt"]) == is_timed
    if is_timed:
        assert at == gates[shut]["opensAt"]
        assert any("opens at" in line and at in line for line in typed)
        assert not any(line.startswith(SAID) for line in typed), "once is enough"
    elif case == "a verification before":
        assert at == moments.whole_seconds(moments.of_seconds(coming["earliest"]))
        assert any(line.startswith(f"{SAID} {at}") for line in typed)
    else:
        assert at is None
        assert not any(SAID in line or "opens at" in line for line in typed)
    seconds = int(moments.read(at).timestamp()) if at else 0  # type: ignore[union-attr]
    assert seconds == 0 or seconds > now.timestamp()
    (cell,) = (each for each in board["stages"] if each["name"] == stage)
    state, *_ = lens["stages"][stage]
    if shut in ("soaked", "quarantine", "stage"):
        assert cell["blocker"] == [shut, *([seconds] if is_timed else [])]
        assert lens["stages"][stage][1:3] in ([shut, seconds], [shut])
    if case == "a hold with an end":
        assert cell["hold"][3] == seconds
    assert state == ("can" if not shut or shut == "hold" else "waits")
