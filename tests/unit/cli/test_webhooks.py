"""`towpath webhooks`: what it asks, and what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

BASE = "/towpath/v1/projects/shop/webhooks"
RECEIPT: dict[str, Any] = {
    "time": "2026-01-01T00:00:00.000000Z",
    "status": 200,
    "event": "push",
    "from": "192.0.2.1",
    "said": "refreshed 1 warehouse(s)",
    "about": {"urls": ["https://g.example/a"], "refs": ["refs/heads/main"], "tags": [], "files": 1},
    "woken": [{"project": "shop", "name": "main"}],
    "wokenCount": 3,
    "passed": [{"project": "shop", "name": "other", "why": "another branch"}],
    "passedCount": 1,
    "failed": [],
    "failedCount": 0,
}


def test_receivers_are_a_table_with_warnings_below(api: Api, call: Callable[..., Told]) -> None:
    """Receivers are a table with warnings below."""
    fine = {"name": "github", "type": "github", "taken": 3, "refused": 1, "url": "https://h/x"}
    bad = {"name": "ci\x1b[31m", "type": "generic", "taken": 0, "refused": 0, "warning": "silent"}
    api.answer("GET", BASE, {"items": [fine, bad]})
    told = call("webhooks", "list", "-p", "shop")
    assert told.code == 0
    assert "https://h/x" in told.lines[1]
    assert "silent" in told.lines[-1]
    assert "\x1b" not in told.out


def test_those_of_the_cluster_need_no_project(api: Api, call: Callable[..., Told]) -> None:
    """Those of the cluster need no project."""
    api.answer("GET", "/towpath/v1/webhooks", {"items": []})
    assert call("webhooks", "list", "--cluster").code == 0


def test_receipts_say_who_looked_and_who_did_not(api: Api, call: Callable[..., Told]) -> None:
    """Receipts say who looked and who did not."""
    api.answer("GET", f"{BASE}/github/receipts", {"items": [RECEIPT]})
    told = call("webhooks", "receipts", "github", "-p", "shop")
    assert told.lines == [
        "2026-01-01T00:00:00.000000Z  200  push from 192.0.2.1: refreshed 1 warehouse(s)",
        "  about https://g.example/a, refs/heads/main",
        "  shop/main looked",
        "  and 2 more of which each looked",
        "  shop/other has no use for it: another branch",
    ]


def test_a_trial_sends_body_and_headers(
    api: Api, call: Callable[..., Told], tmp_path: Path
) -> None:
    """A trial sends body and headers."""
    body = tmp_path / "push.json"
    body.write_text('{"ref": 1}')
    api.answer("POST", f"{BASE}/github/test", {"receipt": RECEIPT, "answer": {"msg": "x"}})
    given = ("webhooks", "test", "github", "-p", "shop", "--body", str(body))
    told = call(*given, "-H", "X-GitHub-Event: push")
    assert told.code == 0
    assert "shop/main would look" in told.out
    assert api.asked[-1].body == {
        "headers": {"X-GitHub-Event": "push"},
        "body": '{"ref": 1}',
    }
    assert call(*given, "-H", "nothing").code == 1
    refused = {**RECEIPT, "status": 400}
    api.answer("POST", f"{BASE}/github/test", {"receipt": refused, "answer": {}})
    assert call(*given).code == 1
