"""`hold --all` and `resume --all`: the whole line of a Project, seen before it is held."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from towpath.cli import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

BOARD = "/towpath/v1/projects/shop/board"
MOVES = "/towpath/v1/projects/shop/moves"
FREIGHT = ["f" * 40]


def stage(name: str, **more: Any) -> dict[str, Any]:
    """Return a Stage of a board that takes Freight by itself."""
    return {"name": name, "auto": True, "freight": FREIGHT, **more}


STAGES = [
    stage("test"),
    stage("uat", queued=2),
    stage("flow", flow=True, freight=[]),
    stage("manual", auto=False),
    stage("held", hold=["email:jo@example.com", 5, "Line stoppedish"]),
    stage("stopped", hold=["email:jo@example.com", 5, "Line stopped: fire"]),
    stage("part", freight=["a", "b"], hold=["email:jo@example.com", 5]),
    stage("foreign", may=["approve"]),
    stage("new", freight=[]),
    stage("odd", phase="Unreadable"),
    stage("busy", phase="Promoting", auto=False),
]


def board(*stages: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a board whose reader may hold."""
    return {"rev": 3, "project": "shop", "may": ["promote", "hold"], "stages": list(stages)}


def held(*names: str, result: str = "held") -> dict[str, Any]:
    """Return the answer of a move."""
    return {
        "rev": 4,
        "kind": "hold",
        "refused": 0,
        "targets": [{"stage": each, "result": result} for each in names],
    }


def test_each_stage_is_of_one_kind() -> None:
    """What is held, and why the others are not."""
    assert line.line_of(board(*STAGES)) == line.Line(
        to_hold=("test", "uat", "part"),
        held=("held", "stopped"),
        manual=("manual", "busy"),
        empty=("new",),
        unreadable=("odd",),
        forbidden=("foreign",),
        running=("uat", "busy"),
        stopped=("stopped",),
        more=0,
    )


def test_the_line_is_stopped(api: Api, call: Callable[..., Told]) -> None:
    """What is held and what is not is told first; the holds are known by their reason."""
    api.answer("GET", BOARD, board(*STAGES))
    api.answer("POST", MOVES, held("test", "uat", "part"))
    told = call("hold", "--all", "--yes", "--reason", "incident 4711")
    assert told.code == 0
    for said in (
        "3 Stages to be held: test, uat, part",
        "2 Stages held already",
        "1 Stage not for you to hold: foreign",
        "1 Stage empty",
        "2 Stages with Promotions that run or wait, which go on: uat, busy",
        "People may still promote.",
    ):
        assert said in told.err
    body = api.bodies("POST")[-1]
    assert (body["stages"], body["reason"]) == (
        ["test", "uat", "part"],
        "Line stopped: incident 4711",
    )


def test_the_line_is_resumed(api: Api, call: Callable[..., Told]) -> None:
    """Only what a stop holds; holds of others stay."""
    api.answer("GET", BOARD, board(*STAGES))
    api.answer("POST", MOVES, held("stopped", result="resumed"))
    assert call("resume", "--all", "-y").code == 0
    assert api.bodies("POST")[-1]["stages"] == ["stopped"]


def test_nobody_is_asked_where_nobody_can_be(api: Api, call: Callable[..., Told]) -> None:
    """And nothing is held then."""
    api.answer("GET", BOARD, board(*STAGES))
    told = call("hold", "--all")
    assert (told.code, api.bodies("POST")) == (1, [])
    assert "Hold 3 Stages? Nobody can be asked here: give --yes" in told.err


@pytest.mark.parametrize("kind", ["hold", "resume"])
def test_nothing_to_do(kind: str, api: Api, call: Callable[..., Told]) -> None:
    """It is said, and fails: whoever stops a line wants to know that nothing was held."""
    api.answer("GET", BOARD, board(stage("manual", auto=False)))
    told = call(kind, "--all", "-y")
    assert (told.code, api.bodies("POST")) == (1, [])
    assert f"there is no Stage in Project shop to {kind}" in told.err


def test_more_than_a_call_takes(api: Api, call: Callable[..., Told]) -> None:
    """They go in several calls, and are told of as one answer."""
    names = [f"s{place}" for place in range(201)]
    api.answer("GET", BOARD, board(*(stage(name) for name in names)))
    api.answer("POST", MOVES, held("a"), held("b"))
    told = call("hold", "--all", "-y", "-o", "json")
    assert [len(body["stages"]) for body in api.bodies("POST")] == [200, 1]
    assert [each["stage"] for each in json.loads(told.out)["targets"]] == ["a", "b"]
    assert told.code == 0
