"""`plan`, and `promote` by a plan: what is asked for, what is shown, and that a no promotes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

PLAN = "/towpath/v1/projects/shop/plan"
PLANNED = "/towpath/v1/projects/shop/plans/p1"
FREIGHT = "/v1beta1/projects/shop/freight/47b3"
DOCUMENT: dict[str, Any] = {
    "id": "p1",
    "stage": "prod",
    "freight": "47b3",
    "outdated": [],
    "gates": [
        {"name": "policy", "open": False, "reason": "no policy matches", "bars": "autoPromotion"},
        {"name": "verified", "open": False, "reason": "not verified in test yet", "bars": "promotion"},
    ],
    "bases": [{"repository": "https://git.example/app.git", "ref": "", "commit": "a" * 40}],
    "variants": [
        {
            "assumes": [{"step": "stop", "if": "${{ outputs.ask.x }}", "holds": False}],
            "result": "Succeeded",
            "message": "",
            "steps": [
                {"step": "ask", "uses": "http", "result": "Succeeded", "changes": True, "unknown": "not \x1bsent"},
                {"step": "set", "uses": "yaml-update", "result": "Succeeded", "changes": False, "message": "m"},
            ],
            "files": [{"id": "f1", "path": "values.yaml", "added": 1, "removed": 2, "isBinary": False}],
            "calls": [{"step": "push", "door": "git", "operation": "push", "what": "./src to branch main"}],
            "objects": [
                {"id": "o2", "kind": "Deployment", "namespace": "shop", "name": "web", "change": "changed", "added": 1, "removed": 1},
                {"id": "o3", "kind": "Namespace", "namespace": "", "name": "shop", "change": "added", "added": 3, "removed": 0},
            ],
            "notes": ["./src has 1 changed file that no step commits"],
        }
    ],
}  # fmt: skip
HELD = {
    "metadata": {"name": "47b3"},
    "alias": "bold-otter",
    "images": [{"repoURL": "example.com/web", "tag": "1.2.0"}],
}
PROMOTION = {"metadata": {"name": "prod.01"}, "spec": {"stage": "prod", "freight": "47b3"}}


def test_a_plan_is_shown(api: Api, call: Call) -> None:
    """All of it, and the lines of files if they are asked for; nothing that a terminal would obey."""
    api.answer("POST", PLAN, (201, DOCUMENT))
    api.answer("GET", f"{PLANNED}/files/f1", {"patch": "@@ -1 +1 @@\n-a\n+b\n"})
    api.answer(
        "GET", f"{PLANNED}/objects/o2", {"patch": "@@ -5 +5 @@\n-  replicas: 1\n+  replicas: 2\n"}
    )
    api.answer("GET", f"{PLANNED}/objects/o3", {"patch": ""})
    api.answer("GET", FREIGHT, HELD)
    told = call("plan", "--stage", "prod", "--freight", "47b3", "--diff")
    assert told.code == 0
    assert "\x1b" not in told.out
    assert told.lines == [
        "Plan p1: Freight bold-otter (web:1.2.0) to Stage prod",
        "Gate verified is shut: not verified in test yet",
        "Built on https://git.example/app.git default branch at aaaaaaaaaaaa",
        "",
        "If `${{ outputs.ask.x }}` of step stop does not hold:",
        told.lines[5],
        "  set (yaml-update): Succeeded, changes nothing: m",
        "  would push: ./src to branch main (push)",
        "  values.yaml (+1 -2)",
        "    @@ -1 +1 @@",
        "    -a",
        "    +b",
        "  rendered Deployment shop/web changed (+1 -1)",
        "    @@ -5 +5 @@",
        "    -  replicas: 1",
        "    +  replicas: 2",
        "  rendered Namespace shop added (+3 -0)",
        "  note: ./src has 1 changed file that no step commits",
        "  ends Succeeded",
    ]
    assert told.lines[5].startswith("  ask (http): Succeeded: not ")
    assert api.bodies("POST") == [
        {"stage": "prod", "freight": "47b3", "freightAlias": "", "allowReads": False}
    ]


def test_a_plan_that_was_made_is_shown_again(api: Api, call: Call) -> None:
    """With what has changed since."""
    api.answer("GET", PLANNED, {**DOCUMENT, "outdated": ["main has moved"]})
    told = call("plan", "--plan-id", "p1")
    assert told.code == 0
    assert told.lines[:2] == ["Plan p1: Freight 47b3 to Stage prod", "OUTDATED: main has moved"]
    for wrong in ([], ["--plan-id", "p1", "--stage", "prod"], ["--freight", "x"]):
        told = call("plan", *wrong)
        assert told.code == 1
        assert "--plan-id" in told.err


def test_freight_by_its_alias(api: Api, call: Call) -> None:
    """A name that is none is taken for an alias."""
    api.answer("POST", PLAN, (404, {"error": "no such Freight"}), (201, DOCUMENT))
    assert call("plan", "--stage", "Stage/prod", "--freight", "fearless-fox").code == 0
    assert [body["freightAlias"] for body in api.bodies("POST")] == ["", "fearless-fox"]


def test_promoting_by_a_plan(api: Api, call: Call) -> None:
    """Its Freight is promoted, and one that is outdated is not."""
    api.answer("POST", f"{PLANNED}/promote", (201, PROMOTION), (409, {"error": "outdated: main"}))
    told = call("promote", "--plan-id", "p1", "-o", "name")
    assert (told.code, "prod.01" in told.out) == (0, True)
    told = call("promote", "--plan-id", "p1")
    assert told.code == 1
    assert "outdated: main" in told.err
    assert call("promote", "--plan-id", "p1", "--stage", "prod").code == 1


@pytest.mark.parametrize(
    ("answer", "promoted", "said"),
    [
        ("y\n", True, ""),
        ("n\n", False, "nothing was done, as you did not agree"),
        ("", False, "nobody can be asked here: promote it with --plan-id p1"),
    ],
)
def test_a_plan_is_asked_about(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch, answer: str, said: str, *, promoted: bool
) -> None:
    """Only a yes promotes; a no is no interruption."""
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    api.answer("POST", PLAN, (201, DOCUMENT))
    api.answer("POST", f"{PLANNED}/promote", (201, PROMOTION))
    told = call("promote", "--stage", "prod", "--freight", "47b3", "--plan", "-o", "name")
    assert told.code == (0 if promoted else 1)
    assert said in told.err
    assert "values.yaml (+1 -2)" in told.err
    paths = [asked.path for asked in api.asked]
    assert paths == [PLAN, FREIGHT, *([f"{PLANNED}/promote"] if promoted else [])]


@pytest.mark.parametrize(
    "words", [["--plan"], ["--plan", "--freight", "x"], ["--plan", "--stage", "s", "--origin", "Warehouse/w"]]
)  # fmt: skip
def test_what_plan_goes_with(call: Call, words: list[str], api: Api) -> None:
    """A Stage and Freight."""
    told = call("promote", *words)
    assert told.code == 1
    assert "--plan goes with --stage" in told.err
    assert api.asked == []
