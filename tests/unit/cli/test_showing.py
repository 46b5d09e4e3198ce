"""`get`, `explain`, `logs`, `history` and `version`: what is asked for and how it is printed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from towpath.cli import terminal
from towpath.cli.forms import printing
from towpath.cli.history import happened
from towpath.cli.kinds import kinds
from towpath.cli.kinds.columns import Around
from towpath.cli.promotions import logs
from towpath.cli.waiting import Deadline
from towpath.errors import BadRequest, NotFound, Unavailable
from towpath.resources import ages

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

SHOP = "/v1beta1/projects/shop"
OWN = "/towpath/v1/projects/shop"
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
STAGE: dict[str, Any] = {
    "metadata": {"name": "prod", "creationTimestamp": "2026-03-01T11:55:00Z"},
    "spec": {"shard": "east"},
    "status": {
        "freightSummary": "fearless-fox",
        "health": {"status": "Healthy"},
        "conditions": [{"type": "Ready", "status": "True", "message": "All\x1b[2J good"}],
    },
}
FREIGHT = {
    "metadata": {"name": "47b3", "labels": {"kargo.akuity.io/alias": "fearless-fox"}},
    "origin": {"kind": "Warehouse", "name": "main"},
    "images": [{"repoURL": "registry.example/shop/web", "tag": "1.0.1"}],
    "commits": [{"repoURL": "https://git.example/shop/deploy.git", "id": "a1b2c3d4" + 32 * "0"}],
}


# --- get ---------------------------------------------------------------------------------------------


def test_a_table_of_stages() -> None:
    """Columns as Kargo's; what could move the cursor is shown as an escape."""
    lines = printing.table(_table("stages", [STAGE]))
    assert lines == [
        "NAME   SHARD   CURRENT FREIGHT   HEALTH    READY   STATUS            AGE",
        "prod   east    fearless-fox      Healthy   True    All\\x1b[2J good   5m",
    ]


def _table(word: str, documents: list[dict[str, Any]]) -> list[list[str]]:
    headers, rows = printing.rows(kinds.named(word), documents, Around(now=NOW, freight={}))
    return [headers, *rows]


@pytest.mark.parametrize(
    ("word", "document", "row"),
    [
        ("projects", {"metadata": {"name": "a"}}, ["a", "", "", "<unknown>"]),
        (
            "freight",
            FREIGHT,
            ["47b3", "fearless-fox", "Warehouse/main", "<unknown>", "web:1.0.1, deploy@a1b2c3d"],
        ),
        (
            "promos",
            {
                "metadata": {"name": "p", "labels": {"kargo.akuity.io/shard": "east"}},
                "spec": {"stage": "prod", "freight": "47b3"},
                "status": {"phase": "Running"},
            },
            ["p", "east", "prod", "47b3", "Running", "<unknown>"],
        ),
        ("warehouse", {"metadata": {"name": "w"}, "spec": {}}, ["w", "", "<unknown>", "", ""]),
        ("promotiontask", {"metadata": None}, ["", "<unknown>", ""]),
    ],
)
def test_rows(word: str, document: dict[str, Any], row: list[str]) -> None:
    """Whatever is missing is empty."""
    assert _table(word, [document])[1] == row


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (312, "5m12s"),
        (900, "15m"),
        (3 * 3600 + 60, "3h1m"),
        (9 * 3600, "9h"),
        (3 * 86400 + 3600, "3d1h"),
        (30 * 86400, "30d"),
        (800 * 86400, "2y70d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_ages(seconds: int, text: str) -> None:
    """As kubectl writes them."""
    assert ages.span(seconds) == text


def test_get_lists(api: Api, call: Call) -> None:
    """By the list's path; names only, JSON and YAML as Lists, with kind and apiVersion."""
    api.answer("GET", f"{SHOP}/stages", {"items": [STAGE]})
    assert call("get", "stages", "-o", "name").out == "stage.kargo.akuity.io/prod\n"
    told = json.loads(call("get", "stage", "-o", "json").out)
    assert told["kind"] == "List"
    assert told["items"] == [{"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Stage"} | STAGE]
    assert yaml.safe_load(call("get", "stage", "-o", "yaml").out) == told
    assert call("get", "stages").lines[0].startswith("NAME ")
    assert call("get", "stages", "--no-headers").lines[0].startswith("prod ")


def test_get_by_name(api: Api, call: Call) -> None:
    """One is printed by itself; what is missing is told, and the rest shown."""
    api.answer("GET", f"{SHOP}/stages/prod", STAGE)
    assert (
        yaml.safe_load(call("get", "stage", "prod", "-o", "yaml").out)["metadata"]["name"] == "prod"
    )
    assert call("get", "stage.kargo.akuity.io/prod", "--no-headers").lines[0].startswith("prod ")
    told = call("get", "stage", "prod", "test", "-o", "json")
    assert told.code == 1
    assert "stages/test is not known" in told.err
    assert len(json.loads(told.out)["items"]) == 1


def test_get_selects(api: Api, call: Call) -> None:
    """Promotions by Stage, freight by Warehouses, in repeated keys."""
    api.answer("GET", f"{SHOP}/promotions", {"items": []})
    told = call("get", "promos", "--stage", "prod")
    assert (told.code, told.out, told.err) == (0, "", "No resources found.\n")
    assert api.asked[-1].query == {"stage": ["prod"]}
    api.answer("GET", f"{SHOP}/freight", {"groups": {"": {"items": [FREIGHT]}}})
    told = call("get", "freight", "--warehouse", "a", "--warehouse", "b", "-o", "name")
    assert told.out == "freight.kargo.akuity.io/47b3\n"
    assert api.asked[-1].query == {"origins": ["a", "b"]}
    api.answer("GET", f"{SHOP}/freight/fearless-fox", FREIGHT)
    assert call("get", "freight", "--alias", "fearless-fox").code == 0


def test_get_of_what_needs_no_name_or_no_project(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Projectconfig and projects."""
    api.answer("GET", f"{SHOP}/config", {"metadata": {"name": "shop"}})
    assert call("get", "projectconfig", "-o", "name").out == "projectconfig.kargo.akuity.io/shop\n"
    monkeypatch.delenv("TOWPATH_PROJECT")
    api.answer("GET", "/v1beta1/projects", {"items": [{"metadata": {"name": "shop"}}], "total": 1})
    assert call("get", "projects", "-o", "name").out == "project.kargo.akuity.io/shop\n"
    refused = call("get", "stages")
    assert refused.code == 1
    assert "--project NAME, or set TOWPATH_PROJECT" in refused.err
    api.answer("GET", "/v1beta1/projects/a%2Fb/stages", {"items": []})
    assert call("get", "stages", "-p", "a/b").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["stages", "--stage", "x"],
        ["stages", "--alias", "x"],
        ["promos", "a", "--stage", "x"],
        ["stages", "-o", "xml"],
    ],
)
def test_get_refuses(api: Api, call: Call, arguments: list[str]) -> None:
    """Before anything is asked."""
    assert call("get", *arguments).code == 1
    assert not api.asked


# --- explain -----------------------------------------------------------------------------------------

GATES = [
    {
        "name": "soaked",
        "open": False,
        "reason": "1h of 2h",
        "bars": "promotion",
        "since": "2026-03-01T11:00:00Z",
        "opensAt": "2026-03-01T13:00:00Z",
        "opensBy": ["time", "who may promote"],
        "command": "towpath approve -p shop --stage prod",
        "evidence": [{"kind": "AnalysisRun", "name": "dev.01"}, {"kind": "Stage", "name": "dev"}],
    },
    {"name": "policy", "open": False, "reason": "off here", "bars": "autoPromotion"},
    {
        "name": "warehouse",
        "open": False,
        "reason": "Warehouse main does not exist",
        "bars": "newFreight",
        "opensBy": ["who may create it"],
    },
    {
        "name": "requested",
        "open": True,
        "reason": "the Stage requests Warehouse/main",
        "bars": "promotion",
        "since": None,
        "opensAt": None,
        "opensBy": [],
        "command": "",
    },
]


def test_explain_a_stage(api: Api, call: Call) -> None:
    """In the words of the server and in its order, with all that is known of what is shut."""
    verdicts = [
        "It cannot be promoted: gate soaked is shut.",
        "It is not promoted by itself: gate policy is shut.",
        "Newer Freight does not come: gate warehouse is shut.",
    ]
    answer = {
        "stage": "prod",
        "freight": "47b3",
        "gates": GATES,
        "verdicts": verdicts,
        "queue": ["prod.01", {"name": "x"}],
    }
    api.answer("GET", f"{OWN}/stages/prod/explain", answer)
    told = call("explain", "prod", "--freight", "fearless-fox")
    assert told.code == 0
    assert api.asked[0].query == {"freight": ["fearless-fox"]}
    assert told.lines == [
        "Stage prod",
        "",
        "Freight 47b3",
        *verdicts,
        "  SHUT   soaked      1h of 2h",
        "                     since 2026-03-01T11:00:00Z",
        "                     opens at 2026-03-01T13:00:00Z",
        "                     opened by time",
        "                     or who may promote",
        "                     evidence: analysisrun/dev.01, stage/dev",
        "                     try: towpath approve -p shop --stage prod",
        "  SHUT   policy      off here",
        "  SHUT   warehouse   Warehouse main does not exist",
        "                     opened by who may create it",
        "  open   requested   the Stage requests Warehouse/main",
        "",
        "Promotions that wait or run, in their order:",
        "  prod.01",
        "  x",
    ]
    assert json.loads(call("explain", "stage/prod", "-o", "json").out) == answer


def test_explain_calls_freight_by_alias_and_versions(api: Api, call: Call) -> None:
    """Names of forty digits are for machines: what is known of Freight stands in headings and in the queue."""
    known, gone = "47b3" * 10, "0f1e" * 10
    freight = {
        "metadata": {"name": known, "labels": {"kargo.akuity.io/alias": "calm-yarrow"}},
        "images": [{"repoURL": "ghcr.io/example/app", "tag": "1.0.1"}],
    }
    answer = {
        "stage": "prod",
        "freight": known,
        "alias": "calm-yarrow",
        "origin": "Warehouse/main",
        "gates": [],
        "queue": [
            {"promotion": "prod.01", "phase": "Running", "freight": known},
            {"promotion": "prod.02", "phase": "Pending", "freight": gone},
        ],
    }
    api.answer("GET", f"{OWN}/stages/prod/explain", answer)
    api.answer("GET", f"{SHOP}/freight/{known}", freight)
    told = call("explain", "prod")
    assert told.code == 0
    assert told.lines[2] == "Freight calm-yarrow (app:1.0.1) from Warehouse/main"
    assert told.lines[-2:] == [
        "  prod.01  Running  calm-yarrow (app:1.0.1)",
        "  prod.02  Pending  0f1e0f1",
    ]
    assert json.loads(call("explain", "prod", "-o", "json").out) == answer


def test_explain_a_stage_of_several_origins_or_none(api: Api, call: Call) -> None:
    """Each origin has its Freight; there may be none at all."""
    open_gate = {"name": "requested", "open": True, "reason": ""}
    parts = [
        {
            "freight": "47b3",
            "origin": {"kind": "Warehouse", "name": "main"},
            "gates": [open_gate],
            "verdicts": ["It can be promoted."],
        },
        {"freight": None, "gates": []},
    ]
    api.answer(
        "GET",
        f"{OWN}/stages/prod/explain",
        {"stage": "prod", "explanations": parts},
        {"stage": "prod"},
    )
    told = call("explain", "prod")
    assert "Freight 47b3 from Warehouse/main" in told.lines
    assert "It can be promoted." in told.lines
    assert "No Freight" in told.lines
    assert call("explain", "prod").lines[-1] == "There is no Freight that it could take."


def test_explain_a_promotion(api: Api, call: Call) -> None:
    """What it waits for, and until when."""
    answer = {
        "promotion": "prod.01",
        "phase": "Pending",
        "step": None,
        "waitingFor": "prod.00",
        "until": None,
    }
    api.answer("GET", f"{OWN}/promotions/prod.01/explain", answer)
    told = call("explain", "promotion/prod.01")
    assert told.lines == ["Promotion prod.01: Pending", "Waits for: prod.00"]
    keys = ["argocd:c/ns/app", "url:git.example/\x1b"]
    woken = {**answer, "wokenBy": keys, "until": "soon"}
    api.answer("GET", f"{OWN}/promotions/prod.01/explain", woken)
    told = call("explain", "promotion/prod.01")
    assert told.lines[1] == "Waits for: prod.00 (until soon)"
    assert told.lines[2].startswith("Woken by: argocd:c/ns/app, url:git.example/")
    assert "\x1b" not in told.out
    for wrong in (["warehouse/x"], ["stage/"], ["/x"], ["promotion/x", "--freight", "y"]):
        assert call("explain", *wrong).code == 1


# --- logs --------------------------------------------------------------------------------------------


def test_logs_of_a_stage_are_those_of_its_last_promotion(api: Api, call: Call) -> None:
    """The one under way before the last, else the newest that there is; it is said which."""
    api.answer("GET", f"{OWN}/promotions/p/log", _log("one", done=True))
    made = {"metadata": {"name": "p"}, "spec": {"stage": "prod", "freight": "47b3" + 36 * "0"}}
    held = {"name": "47b3" + 36 * "0", "images": [{"repoURL": "r/web", "tag": "1.0.1"}]}
    api.answer("GET", f"{SHOP}/promotions/p", made | {"status": {"freight": held}})
    api.answer("GET", f"{SHOP}/promotions", {"items": [made, {"metadata": {"name": "a"}}]})
    last = {"lastPromotion": {"name": "p"}}
    for status in ({}, last, last | {"currentPromotion": {"name": "p"}}):
        api.answer("GET", f"{SHOP}/stages/prod", {"metadata": {"name": "prod"}, "status": status})
        for named in ("prod", "stage/prod"):
            told = call("logs", named)
            assert told.lines[0] == "Promotion p of 47b3000 (web:1.0.1) to Stage prod", told.err
            assert told.lines[1].endswith("one")
    api.answer("GET", f"{SHOP}/promotions", {"items": []})
    api.answer("GET", f"{SHOP}/stages/prod", {"metadata": {"name": "prod"}})
    told = call("logs", "prod")
    assert told.code == 1
    assert "nothing was promoted to Stage prod yet; why: towpath explain prod -p shop\n" in told.err
    api.answer("GET", f"{SHOP}/stages/prdo", (404, {"error": 'did you mean "prod"?'}))
    told = call("logs", "prdo")
    assert 'did you mean "prod"?; nor is there a Promotion or an AnalysisRun' in told.err
    assert "promotions/prod.01/log" in call("logs", "prod.01").err


def _log(*messages: str, done: bool) -> dict[str, Any]:
    lines = [{"time": "T", "step": "push", "status": "Running", "message": m} for m in messages]
    return {"lines": lines, "done": done}


def test_logs(api: Api, call: Call) -> None:
    """A line for each; further lines of a message are indented, and harmless."""
    api.answer("GET", f"{OWN}/promotions/p/log", _log("one\nremote: \x1b[31mred\rover", done=False))
    assert call("logs", "p").code == 0
    assert call("logs", "stage/p").code == 1
    told = call("logs", "promotion.kargo.akuity.io/p")
    assert told.lines == [
        "T  push  Running  one",
        "    remote: \\x1b[31mred",
        "    over",
    ]
    assert json.loads(call("logs", "p", "-o", "json").out)["done"] is False
    assert call("logs", "p", "--follow", "-o", "json").code == 1


def test_following_tells_what_is_new_until_the_end() -> None:
    """Equal lines that come again are told again; a server that is away for a while is waited for."""
    moment = 0.0

    def sleep(seconds: float) -> None:
        nonlocal moment
        moment += seconds

    deadline = Deadline(float("inf"), now=lambda: moment, sleep=sleep)
    answers: list[Any] = [
        _log("a", done=False),
        Unavailable("away"),
        _log("a", "a", done=False),
        _log("a", "a", "b", done=True),
    ]

    def fetch() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    told: list[str] = []
    logs.show(fetch, told.append, deadline, follow=True)
    assert [line[-1] for line in told] == ["a", "a", "b"]
    assert moment == 3.0

    answers = [_log("a", done=False), *[Unavailable("away")] * 70]
    with pytest.raises(Unavailable):
        logs.show(fetch, told.append, deadline, follow=True)
    answers = [NotFound("no such Promotion")]
    with pytest.raises(NotFound):
        logs.show(fetch, told.append, deadline, follow=True)


# --- history and version -----------------------------------------------------------------------------


def test_history(api: Api, call: Call) -> None:
    """A table; the moment is sent with its zone."""
    item = {
        "origin": "Warehouse/main",
        "freight": "47b3",
        "since": "A",
        "until": None,
        "promotion": "p",
    }
    api.answer("GET", f"{OWN}/stages/prod/history", {"items": [item]}, {"items": []})
    told = call("history", "prod", "--at", "2026-03-01T12:00:00Z")
    assert told.lines[1].split() == ["Warehouse/main", "47b3", "A", "p"]
    assert api.asked[0].query == {"at": ["2026-03-01T12:00:00+00:00"]}
    assert call("history", "prod").err == "Nothing was in Stage prod.\n"
    for wrong in ("yesterday", "2026-03-01T12:00:00"):
        assert call("history", "prod", "--at", wrong).code == 1


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
        ("2h", "2026-03-01T10:00:00+00:00"),
        ("-1h30m", "2026-03-01T10:30:00+00:00"),
        ("0s", "2026-03-01T12:00:00+00:00"),
    ],
)
def test_a_moment_or_how_long_ago(typed: str, moment: str) -> None:
    """`--since 2h` means the last two hours."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert happened.moment("--since", typed, now=now) == moment


@pytest.mark.parametrize("typed", ["", "yesterday", "2026-03-01T12:00:00", "2562047h", "1d"])
def test_what_is_no_moment_names_the_option(typed: str) -> None:
    """And says what may be written; before the year 1 there is none."""
    with pytest.raises(BadRequest, match=r"^--since .*: (it must be|so long ago)"):
        happened.moment("--since", typed, now=datetime(200, 1, 1, tzinfo=UTC))


def test_history_of_a_project(api: Api, call: Call) -> None:
    """Without a Stage, or narrowed to who, when and what it came to: a line for each, page by page."""
    line = {"at": 1767225600, "project": "shop", "stage": "prod", "freight": "47b3",
            "result": "Failed", "actor": "jo", "name": "prod.1", "reason": "why"}  # fmt: skip
    pages: tuple[dict[str, Any], ...] = (
        {"items": [line], "cursor": "next"},
        {"items": [line], "cursor": None},
        {"items": []},
    )
    api.answer("GET", "/towpath/v1/history", *pages)
    told = call(
        "history", "prod", "--actor", "jo", "--result", "Failed", "--since", "2026-01-01T00:00:00Z",
        "--until", "2026-02-01T00:00:00+01:00",
    )  # fmt: skip
    assert told.lines[0].split() == ["AT", "STAGE", "FREIGHT", "RESULT", "ACTOR", "NAME", "REASON"]
    assert told.lines[1].split() == [
        "2026-01-01T00:00:00Z",
        "prod",
        "47b3",
        "Failed",
        "jo",
        "prod.1",
        "why",
    ]
    assert len(told.lines) == 3
    lines = [each.query for each in api.asked if each.path == "/towpath/v1/history"]
    assert lines[0] == {
        "project": ["shop"], "stage": ["prod"], "actor": ["jo"], "kind": ["promotion"], "result": ["Failed"],
        "from": ["2026-01-01T00:00:00+00:00"], "to": ["2026-02-01T00:00:00+01:00"], "limit": ["100"],
    }  # fmt: skip
    assert lines[1]["cursor"] == ["next"]
    assert lines[1]["limit"] == ["99"]
    assert call("history").err == "Nothing of that kind has happened.\n"
    wrong = call("history", "--since", "yesterday")
    assert wrong.code == 1
    assert "--since yesterday" in wrong.err
    assert "--at goes with a STAGE" in call("history", "--at", "2026-03-01T12:00:00Z").err


@pytest.mark.parametrize("of", ["promotions", "approvals", "verifications"])
def test_history_says_by_which_means(api: Api, call: Call, of: str) -> None:
    """With `-o wide`, of a Stage and of a Project; nothing where that was not recorded."""
    via = {"means": "APIToken", "name": "ci", "address": "192.0.2.7"}
    items: list[dict[str, Any]] = [{"freight": "f", "via": via}, {"freight": "f", "via": None}]
    api.answer("GET", f"{OWN}/stages/prod/history", {"items": items})
    api.answer("GET", "/towpath/v1/history", {"items": [{**each, "at": 1} for each in items]})
    for asked in (("prod",), ()):
        told = call("history", *asked, "--of", of, "-o", "wide")
        assert "VIA" in told.lines[0]
        assert "APIToken ci from 192.0.2.7" in told.lines[1]
        assert "from" not in told.lines[2]
        assert "VIA" not in call("history", *asked, "--of", of).lines[0]


def test_history_of_approvals_and_verifications(api: Api, call: Call) -> None:
    """Each has columns of its own; a verification may be of several Freight."""
    approval = {"freight": "47b3", "since": "A", "until": "B", "actor": "jo", "reason": "why"}
    run = {"freight": ["47b3", "9a9a"], "started": "A", "phase": "Successful", "actor": "jo"}
    path = f"{OWN}/stages/prod/history"
    api.answer("GET", path, {"items": [approval]}, {"items": [run]}, {"items": []})
    told = call("history", "prod", "--of", "approvals")
    assert told.lines[0].split() == ["FREIGHT", "SINCE", "UNTIL", "ACTOR", "REASON"]
    assert told.lines[1].split() == ["47b3", "A", "B", "jo", "why"]
    assert api.asked[0].query == {"of": ["approvals"]}
    told = call("history", "prod", "--of", "verifications")
    assert told.lines[1].split() == ["47b3,", "9a9a", "A", "Successful", "jo"]
    told = call("history", "prod", "--of", "approvals")
    assert told.err == "There were no approvals for Stage prod.\n"
    told = call("history", "prod", "--of", "approvals", "--at", "2026-03-01T12:00:00Z")
    assert told.code == 1
    assert "--at goes with the history of freight" in told.err


def test_history_of_retries(api: Api, call: Call) -> None:
    """Which Promotion is tried again, and from which step, in the list and at what such a one has brought."""
    retries = {"promotion": "p1", "fromStep": "push"}
    path = f"{OWN}/stages/prod/history"
    stay = {"origin": "Warehouse/main", "freight": "47b3", "since": "A", "promotion": "p2"}
    tried = {"name": "p2", "freight": "47b3", "created": "A", "finished": "B", "phase": "Failed"}
    api.answer(
        "GET",
        path,
        {"items": [stay | {"retries": retries}, stay | {"retries": None}]},
        {"items": [tried | {"retries": retries}, tried | {"retries": {**retries, "fromStep": ""}}]},
    )
    told = call("history", "prod", "-o", "wide")
    assert told.lines[0].split()[-2:] == ["FREIGHT", "NAME"]
    assert "p2 (retries p1 from step push)" in told.lines[1]
    assert "retries" not in told.lines[2]
    told = call("history", "prod", "--of", "promotions")
    assert told.lines[0].split()[:2] == ["NAME", "FREIGHT"]
    assert told.lines[1].split() == ["p2", "47b3", "A", "B", "Failed", "p1", "from", "step", "push"]
    assert told.lines[2].split() == ["p2", "47b3", "A", "B", "Failed", "p1"]
    assert {"of": ["promotions"]} in [each.query for each in api.asked]


def test_version(api: Api, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the program, and of the server if one is named."""
    api.answer("GET", "/v1beta1/system/server-version", {"version": "9.9"})
    assert call("version").lines[1:] == ["Server Version: 9.9"]
    assert json.loads(call("version", "-o", "json").out)["server"] == {"version": "9.9"}
    assert len(call("version", "--client").lines) == 1
    monkeypatch.delenv("TOWPATH_SERVER")
    assert len(call("version").lines) == 1


# --- the server ---------------------------------------------------------------------------------------


def test_a_missing_server_or_token_is_told_with_the_remedy(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The environment's names and the options' are in it."""
    for name in ("TOWPATH_SERVER", "TOWPATH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert "set TOWPATH_SERVER" in call("get", "projects").err
    server = ("--server", "http://127.0.0.1:1")
    told = call("get", "projects", *server)
    assert "set TOWPATH_TOKEN" in told.err
    assert "--token-file" in told.err
    file = tmp_path / "token"
    assert "cannot be read" in call("get", "projects", *server, "--token-file", file).err
    file.write_text("\n")
    assert "it is empty" in call("get", "projects", *server, "--token-file", file).err
    file.write_text("x\n")
    told = call("get", "projects", *server, "--token-file", file)
    assert told.code == 1
    assert "is the server running" in told.err


@pytest.mark.usefixtures("api")
def test_a_wrong_token_is_told_with_the_remedy(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """And never shown."""
    monkeypatch.setenv("TOWPATH_TOKEN", "not-the-token")
    told = call("get", "projects")
    assert told.code == 1
    assert told.err.startswith("towpath: invalid token; check TOWPATH_TOKEN")
    assert "not-the-token" not in told.err


# --- the terminal ------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
HOSTILE = st.text(
    alphabet=st.sampled_from("a é\x1b\x9b\x00\r\n\t\x7f\u202e\u2028\x85:#'\"-[{&*!|>%@`")
)


@given(JSON | HOSTILE)
def test_json_and_yaml_read_back_and_move_no_cursor(value: Any) -> None:
    """Whatever the values hold."""
    for text, read in (
        (printing.as_json(value), json.loads),
        (printing.as_yaml(value), yaml.safe_load),
    ):
        assert not terminal.is_dangerous(text)
        assert read(text) == value


@given(HOSTILE)
def test_cells_are_one_line(text: str) -> None:
    """And lines hold nothing that moves the cursor."""
    shown = terminal.visible(text)
    assert "\n" not in shown
    assert "\t" not in shown
    assert not terminal.is_dangerous(shown)
    assert not any(map(terminal.is_dangerous, terminal.visible_lines(text)))


def test_errors_of_the_server_move_no_cursor(api: Api, call: Call) -> None:
    """What it refuses with has no escape sequences, and the rest of it is shown."""
    api.answer("GET", f"{SHOP}/stages", (400, {"error": "no\x1b]0;title\x07 \x1b[2Jway\x07"}))
    told = call("get", "stages")
    assert told.err == "towpath: no way\n"
