"""`hold --all` and `resume --all`: the whole line of a Project, seen before it is held. Which Stages that is the server says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

LINE = "/towpath/v1/projects/shop/line"
MOVES = "/towpath/v1/projects/shop/moves"
NOTHING: dict[str, Any] = {
    "rev": 3,
    "project": "shop",
    **{
        name: []
        for name in (
            *("toHold", "partly", "held", "manual", "empty", "unreadable", "forbidden"),
            *("stopped", "toResume", "holds", "running"),
        )
    },
}
SHOP = {
    **NOTHING,
    "toHold": ["test", "uat", "part"],
    "partly": ["part"],
    "held": ["held", "stopped", "theirs"],
    "manual": ["manual", "busy"],
    "empty": ["new"],
    "unreadable": ["odd"],
    "forbidden": ["foreign"],
    "stopped": ["stopped", "theirs"],
    "toResume": ["stopped"],
    "running": [
        {"stage": "uat", "promotion": "", "queued": 2},
        {"stage": "busy", "promotion": "busy.01", "queued": 0},
    ],
}


def made(*names: str, result: str = "held") -> dict[str, Any]:
    """Return the answer of a move."""
    return {
        "rev": 4,
        "kind": "hold",
        "refused": 0,
        "targets": [{"stage": each, "result": result} for each in names],
    }


def test_the_line_is_stopped(api: Api, call: Callable[..., Told]) -> None:
    """What is held and what is not is told first; then it is one call, which names no Stage and has a key."""
    api.answer("GET", LINE, SHOP)
    api.answer("POST", MOVES, made("test", "uat", "part"))
    told = call("hold", "--all", "--yes", "--reason", "incident 4711", "--until", "4h")
    assert told.code == 0
    for said in (
        "3 Stages to be held: test, uat, part",
        "1 Stage among them with a hold of one Warehouse, which stays; the rest is held: part",
        "3 Stages held already",
        "1 Stage not for you to hold: foreign",
        "1 Stage empty",
        "1 Stage cannot be read",
        "2 Stages with Promotions that run or wait, which go on: uat, busy",
        "People may still promote.",
    ):
        assert said in told.err
    (body,) = api.bodies("POST")
    assert body.pop("key")
    assert body == {"kind": "hold", "line": True, "reason": "incident 4711", "until": "4h"}
    assert "stage.kargo.akuity.io/uat held" in told.out


def test_the_line_is_resumed(api: Api, call: Callable[..., Told]) -> None:
    """As far as one may: what somebody else alone may resume is told of."""
    api.answer("GET", LINE, SHOP)
    api.answer("POST", MOVES, made("stopped", result="resumed"))
    told = call("resume", "--all", "-y")
    assert told.code == 0
    assert "1 Stage resumed, as stopping the line held them: stopped" in told.err
    assert "1 Stage not for you to resume: theirs" in told.err
    (body,) = api.bodies("POST")
    assert (body["kind"], body["line"], "stages" in body) == ("resume", True, False)


def test_nobody_is_asked_where_nobody_can_be(api: Api, call: Callable[..., Told]) -> None:
    """And nothing is held then."""
    api.answer("GET", LINE, SHOP)
    told = call("hold", "--all")
    assert (told.code, api.bodies("POST")) == (1, [])
    assert "Hold 3 Stages? Nobody can be asked here: give --yes" in told.err


@pytest.mark.parametrize("kind", ["hold", "resume"])
def test_nothing_to_do(kind: str, api: Api, call: Callable[..., Told]) -> None:
    """It is said, and fails: whoever stops a line wants to know that nothing was held."""
    api.answer("GET", LINE, {**NOTHING, "manual": ["manual"]})
    told = call(kind, "--all")
    assert (told.code, api.bodies("POST")) == (1, [])
    assert f"there is no Stage in Project shop to {kind}" in told.err


def test_a_stage_that_was_refused_is_told_of(api: Api, call: Callable[..., Told]) -> None:
    """The others are held, and it fails all the same."""
    api.answer("GET", LINE, SHOP)
    answer = made("test")
    answer["targets"].append({"stage": "uat", "result": "refused", "status": 409, "error": "no"})
    api.answer("POST", MOVES, (207, {**answer, "refused": 1}))
    told = call("hold", "--all", "-y", "-o", "json")
    assert [each["stage"] for each in json.loads(told.out)["targets"]] == ["test", "uat"]
    assert "stage.kargo.akuity.io/uat refused: no" in told.err
    assert told.code == 1
