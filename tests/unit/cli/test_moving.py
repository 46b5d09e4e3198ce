"""`move`, `rollback`, `hold`, `resume`: many targets, each with its own result; `search` and `inbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

MOVES = "/towpath/v1/projects/shop/moves"
PROMOTED = {"stage": "prod-eu", "result": "promoted", "promotion": "prod-eu.01", "freight": "f"}
REFUSED = {
    "stage": "prod-us",
    "result": "refused",
    "status": 409,
    "error": "gate soaked is shut",
    "gates": [
        {
            "name": "soaked",
            "reason": "it soaks",
            "opensAt": "2026-01-31T13:00:00Z",
            "command": "towpath x",
        }
    ],
}


def answer(*targets: dict[str, Any], kind: str = "promote") -> dict[str, Any]:
    """Return an answer of `moves`."""
    refused = sum(each["result"] == "refused" for each in targets)
    return {"rev": 9, "kind": kind, "refused": refused, "targets": list(targets)}


def sent(api: Api) -> dict[str, Any]:
    """Return what was sent last, without its key, which is there."""
    body = dict(api.bodies("POST")[-1])
    assert body.pop("key")
    return body


def test_each_target_is_told_of(api: Api, call: Callable[..., Told]) -> None:
    """What was promoted on standard output, what was refused, with its gates, on the other; the exit code says that one was."""
    api.answer("POST", MOVES, (207, answer(PROMOTED, REFUSED)))
    told = call(
        *("move", "--stage", "prod-eu,prod-us", "--stage", "stage/prod-eu", "--freight", "f"),
        *("--reason", "release", "--if-rev", 7),
    )
    assert told.code == 1
    assert (
        told.out == "stage.kargo.akuity.io/prod-eu promoted: promotion.kargo.akuity.io/prod-eu.01\n"
    )
    assert told.err == (
        "towpath: stage.kargo.akuity.io/prod-us refused: gate soaked is shut\n"
        "  gate soaked: it soaks; opens at 2026-01-31T13:00:00Z; try: towpath x\n"
    )
    assert sent(api) == {
        "kind": "promote",
        "stages": ["prod-eu", "prod-us"],
        "freight": "f",
        "reason": "release",
        "ifRev": 7,
    }


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("move --stage a --freight f --downstream", {"kind": "downstream", "freight": "f"}),
        ("move --stage a --back", {"kind": "rollback"}),
        ("move --stage a --freight-alias f", {"kind": "promote", "freight": "f"}),
        ("rollback a --yes --origin Warehouse/w", {"kind": "rollback", "origin": "Warehouse/w"}),
        ("hold a --reason freeze", {"kind": "hold", "reason": "freeze"}),
        ("hold a --until 4h", {"kind": "hold", "until": "4h"}),
        ("resume stage/a", {"kind": "resume"}),
        (
            "quarantine a --reason CVE-1",
            {"kind": "quarantine", "stages": [], "freight": "a", "reason": "CVE-1"},
        ),
        (
            "quarantine freight/a --release",
            {"kind": "release", "stages": [], "freight": "a"},
        ),
        (
            "approve --stage a --freight f --reason r",
            {"kind": "approve", "freight": "f", "reason": "r"},
        ),
    ],
)
def test_what_is_asked_for(
    line: str, body: dict[str, Any], api: Api, call: Callable[..., Told]
) -> None:
    """Each command is one call of `moves`."""
    api.answer("POST", MOVES, answer({"stage": "a", "result": "promoted"}))
    assert call(*line.split()).code == 0
    assert sent(api) == {"stages": ["a"], **body}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("move --freight f", "name a Stage"),
        ("move --stage a", "give --freight"),
        ("move --stage a --freight f --freight-alias g", "give one of them"),
        ("move --stage a --freight f --back --downstream", "give one of them"),
        ("move --stage a --freight f --origin Warehouse/w", "--origin goes with --back"),
        ("move --stage a --back --plan", "--plan goes with"),
        ("rollback a", "give --yes"),
        ("hold", "name a Stage"),
        ("hold a --all", "name none"),
        ("resume --all --origin Warehouse/w", "name none"),
        ("quarantine a", "say why, with --reason"),
        ("move --stage a --freight f --timeout 5s", "--wait"),
    ],
)
def test_what_cannot_be_meant(line: str, said: str, api: Api, call: Callable[..., Told]) -> None:
    """It is refused before anything is sent, with what to write."""
    told = call(*line.split())
    assert told.code == 1
    assert said in told.err
    assert api.asked == []


def test_a_plan_first(api: Api, call: Callable[..., Told]) -> None:
    """It is shown, and what is moved is what was planned."""
    plan = {
        "id": "p1",
        "freight": "f" * 40,
        "targets": [
            {
                "stage": "prod-eu",
                "result": "Succeeded",
                "files": [{"path": "eu/values.yaml", "+": 1, "-": 2}],
                "calls": [{"step": "push", "operation": "push", "what": "main"}],
            },
            {"stage": "flow", "result": "Refused", "msg": "no steps"},
        ],
    }
    api.answer("POST", "/towpath/v1/projects/shop/plan", plan)
    api.answer("POST", MOVES, answer(PROMOTED))
    line = ("move", "--stage", "prod-eu,flow", "--freight", "f", "--plan")
    told = call(*line)
    assert (told.code, len(api.asked)) == (1, 1)
    assert "eu/values.yaml (+1 -2)\n" in told.err
    assert "Stage flow: Refused: no steps\n" in told.err
    assert call(*line, "--yes").code == 0
    assert sent(api)["planId"] == "p1"


def test_what_is_stale(api: Api, call: Callable[..., Told]) -> None:
    """Nothing was moved, and why is told."""
    told = {"error": "stale: since revision 7: prod: hold", "reason": "stale", "stale": []}
    api.answer("POST", MOVES, (409, told))
    found = call("move", "--stage", "prod", "--freight", "f", "--if-rev", 7)
    assert (found.code, found.err) == (1, "towpath: stale: since revision 7: prod: hold\n")


def test_documents_and_names(api: Api, call: Callable[..., Told]) -> None:
    """For programs."""
    api.answer("POST", MOVES, (207, answer(PROMOTED, REFUSED)))
    line = ("move", "--stage", "prod-eu", "--freight", "f", "-o")
    assert call(*line, "name").out == "promotion.kargo.akuity.io/prod-eu.01\n"
    assert '"refused": 1' in call(*line, "json").out


def test_what_ended_holds(api: Api, call: Callable[..., Told]) -> None:
    """Which, and that there were none."""
    api.answer(
        "POST",
        MOVES,
        answer(
            {"stage": "a", "result": "resumed", "resumed": ["Warehouse/w"]},
            {"stage": "b", "result": "resumed", "resumed": []},
            kind="resume",
        ),
    )
    assert call("resume", "a", "b").lines == [
        "stage.kargo.akuity.io/a resumed: Warehouse/w",
        "stage.kargo.akuity.io/b resumed: nothing was held",
    ]


def test_waiting_for_what_was_promoted(api: Api, call: Callable[..., Told]) -> None:
    """The exit code is that of the Promotion."""
    from tests.unit.cli.fake_api import Stream, frame

    promotion = {
        "metadata": {"name": "prod-eu.01"},
        "status": {"phase": "Failed", "message": "no way"},
    }
    path = "/v1beta1/projects/shop/promotions/prod-eu.01"
    api.answer("POST", MOVES, (201, answer(PROMOTED)))
    api.answer("GET", path, promotion, Stream([frame("ADDED", promotion)]))
    told = call("move", "--stage", "prod-eu", "--freight", "f", "--wait")
    assert told.code == 2
    assert told.lines[-1] == "prod-eu.01: Failed: no way"


def test_search(api: Api, call: Callable[..., Told]) -> None:
    """A line for each, which says how to name it."""
    hits = [
        {
            "kind": "freight",
            "project": "shop",
            "name": "f1",
            "alias": "calm-otter",
            "version": "1.4.2",
        },
        {"kind": "project", "project": "shop", "name": "shop"},
        {"kind": "actor", "name": "email:a\x1b"},
    ]
    api.answer("GET", "/towpath/v1/search", {"hits": hits, "more": True}, {"hits": []})
    told = call("search", "calm")
    assert told.lines == [
        "freight/f1  -p shop  calm-otter  1.4.2",
        "project/shop",
        "actor/email:a\\x1b",
    ]
    assert "There is more" in told.err
    assert api.asked[-1].query == {"q": ["calm"]}
    assert "nothing begins as" in call("search", "x").err


def test_inbox(api: Api, call: Callable[..., Told]) -> None:
    """All pages of it, and that there is nothing."""
    first = {
        "kind": "failed",
        "project": "shop",
        "stage": "prod",
        "promotion": "prod.01",
        "msg": "no way",
    }
    second = {"kind": "approve", "project": "shop", "stage": "prod", "freight": "f1"}
    api.answer(
        "GET",
        "/towpath/v1/me/inbox",
        {"items": [first], "cursor": "c"},
        {"items": [second], "cursor": None},
        {"items": []},
    )
    assert call("inbox").lines == [
        "-p shop stage/prod: failed, and you asked for it  promotion/prod.01: no way",
        "-p shop stage/prod: you may approve it  freight/f1",
    ]
    assert [each.query for each in api.asked] == [{}, {"cursor": ["c"]}]
    assert call("inbox").lines == ["Nothing waits for you."]


def test_inbox_of_a_project(api: Api, call: Callable[..., Told]) -> None:
    """Of the one that is named; of one that is not there it is not said that nothing waits."""
    path = "/towpath/v1/me/inbox"
    api.answer("GET", path, {"items": []}, (404, {"error": 'projects "hsop" not found'}))
    assert call("inbox", "-p", "shop").lines == ["Nothing waits for you."]
    told = call("inbox", "-p", "hsop")
    assert (told.code, told.lines) == (1, [])
    assert "not found" in told.err
    assert [each.query for each in api.asked] == [{"project": ["shop"]}, {"project": ["hsop"]}]
