"""`explain warehouse W [--with FILE]`: what is asked for, and how the answer is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

PATH = "/towpath/v1/projects/shop/warehouses/main/explain"
ANSWER: dict[str, Any] = {
    "warehouse": "main",
    "edited": False,
    "explainedAt": "2026-01-01T00:00:00Z",
    "lastLook": "2026-01-01T00:00:00Z",
    "nextLook": "2026-01-01T00:05:00Z",
    "waitingFor": "the next look for artifacts",
    "failing": None,
    "settling": {"until": "U", "latest": "L"},
    "silentReceivers": [
        {
            "name": "github",
            "of": "ProjectConfig",
            "since": "S",
            "usualSeconds": 600,
            "said": "nothing came since S",
            "remedy": "see at the sender",
        },
        {"name": "", "of": "ClusterConfig", "said": "nothing came", "remedy": "ask somebody"},
    ],
    "spent": {
        "since": "S",
        "looks": 3,
        "requests": 1200,
        "bytes": 34567,
        "lastRequests": 2,
        "lastBytes": 900,
    },
    "freight": {"state": "made", "message": "it is made at the next look", "name": "0123456789"},
    "subscriptions": [
        {
            "place": 0,
            "type": "image",
            "name": "app",
            "repoURL": "registry.example/app",
            "error": "",
            "notes": ["n"],
            "candidates": [
                {"name": "2.0.0", "outcome": "wins", "reason": "the highest", "detail": "sha256:1"},
                *({"name": f"1.{number}.0", "outcome": "offered"} for number in range(9)),
                {"name": "3", "outcome": "excluded", "rule": "platform", "reason": "for windows"},
            ],
            "excluded": [{"rule": "platform", "count": 1234}],
            "leftOut": 1233,
        },
        {
            "place": 1,
            "type": "git",
            "name": "",
            "repoURL": "https://git.example/x",
            "error": "no such host",
            "notes": [],
            "candidates": [],
            "excluded": [],
            "leftOut": 0,
        },
    ],
}


def test_a_warehouse_is_explained(api: Api, call: Call) -> None:
    """The winner first, then what else is found, then what is kept out, by which rule."""
    api.answer("POST", PATH, ANSWER)
    assert call("explain", "warehouse/main").code == 0
    told = call("explain", "warehouse", "main")
    assert told.code == 0, told.err
    assert told.lines[:6] == [
        "Warehouse main, looked at 2026-01-01T00:00:00Z",
        "  looked at last: 2026-01-01T00:00:00Z; next: 2026-01-01T00:05:00Z",
        "  3 looks since S: 1,200 requests, 34,567 bytes; the last one 2 and 900",
        "  a burst of pushes settles: Freight at U, at L at the latest",
        "  webhook receiver github of the ProjectConfig, which had it look: nothing came since S: see at the sender",
        "  a webhook receiver of the ClusterConfig, which had it look: nothing came: ask somebody",
    ]
    assert "  wins    2.0.0   the highest; sha256:1" in told.lines
    assert "  out     3       platform: for windows" in told.lines
    assert "  and 4 more that are found" in told.lines
    assert "  kept out: platform 1,234" in told.lines
    assert "  cannot be looked at: no such host" in told.lines
    assert told.lines[-1] == "Freight: 0123456: it is made at the next look"


def test_who_may_not_have_it_looked_at_is_told_what_is_known(api: Api, call: Call) -> None:
    """Without what was not taken, and that is said."""
    api.answer("POST", PATH, (403, {"message": "no"}))
    api.answer("GET", PATH, ANSWER | {"explainedAt": None, "freight": None})
    told = call("explain", "warehouse", "main")
    assert told.code == 0, told.err
    assert told.lines[0].startswith("Warehouse main: what the last look found.")


def test_a_trial_is_sent_as_it_stands_in_the_file(api: Api, call: Call, tmp_path: Path) -> None:
    """Other documents of the file are not; one without the Warehouse is refused before anything is asked."""
    file = tmp_path / "w.yaml"
    file.write_text(
        "kind: Stage\nmetadata: {name: main}\n---\nkind: Warehouse\nmetadata: {name: main}\nspec: {interval: 1m}\n"
    )
    api.answer("POST", PATH, ANSWER | {"edited": True})
    told = call("explain", "warehouse", "main", "--with", str(file))
    assert told.lines[0] == "Warehouse main, as it would be by the file; nothing is stored"
    assert api.bodies("POST")[-1] == {
        "kind": "Warehouse",
        "metadata": {"name": "main"},
        "spec": {"interval": "1m"},
    }
    for words, said in (
        (("warehouse", "other", "--with", str(file)), "it holds no manifest of Warehouse other"),
        (("prod", "--with", str(file)), "--with goes with a Warehouse"),
        (("warehouse", "main", "--freight", "x"), "--freight goes with a Stage"),
    ):
        told = call("explain", *words)
        assert told.code == 1
        assert said in told.err
