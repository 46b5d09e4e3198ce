"""The snippets of docs/reference/sdk.md run, one after another, against a real server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import towpath_process
from towpath.sdk import Client

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "sdk.md"
KARGO = "kargo.akuity.io/v1alpha1"
WORLD: list[dict[str, Any]] = [
    {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "shop"}},
    {
        "apiVersion": KARGO,
        "kind": "Warehouse",
        "metadata": {"name": "main", "namespace": "shop"},
        "spec": {
            "freightCreationPolicy": "Manual",
            "subscriptions": [{"image": {"repoURL": "registry.example/web"}}],
        },
    },
    {
        "apiVersion": KARGO,
        "kind": "Stage",
        "metadata": {"name": "dev", "namespace": "shop"},
        "spec": {
            "requestedFreight": [
                {"origin": {"kind": "Warehouse", "name": "main"}, "sources": {"direct": True}}
            ],
            "promotionTemplate": {
                "spec": {"steps": [{"uses": "compose-output", "as": "out", "config": {"a": "b"}}]}
            },
        },
    },
]


@pytest.mark.slow
def test_the_snippets_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they print is what the page says."""
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(snippets) == 6
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    with (
        towpath_process.up(tmp_path / "here") as server,
        towpath_process.up(tmp_path / "there") as other,
    ):
        client = Client(server.address, server.token)
        assert [each.verb for each in client.apply(WORLD)] == ["created"] * 3
        names: dict[str, Any] = {"token": server.token, "their_token": other.token}
        for snippet in snippets:
            here = snippet.replace("http://127.0.0.1:8080", server.address)
            exec(here.replace("http://towpath.example:8080", other.address), names)
        moved = Client(other.address, other.token)
        assert [each["metadata"]["name"] for each in moved.objects("stages", "shop")] == ["dev"]
    told = capsys.readouterr().out.splitlines()
    assert told[1:3] == ["dev", "shop 1"]
    assert told[3].startswith("dev promoted")
    assert told[4].startswith("nowhere refused")
    assert told[5] == "Succeeded"
    assert "nowhere" in told[6]
    assert told[7] == "shop True"
