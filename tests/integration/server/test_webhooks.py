"""Webhooks at a real server: at the listener of everything else, and at one of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import waiting
from tests.support.deliveries import path_of, push, receiver, signed
from tests.support.registry import free_port
from tests.support.towpath_process import up

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.towpath_process import Running

_PROJECT = "shop"
_SECRET = "a secret of tests"
_PATH = path_of("github", project=_PROJECT, value=_SECRET)


def _documents() -> list[dict[str, Any]]:
    def of(kind: str, name: str, api: str = "kargo.akuity.io/v1alpha1", **more: Any) -> Any:
        place = {} if kind == "Project" else {"namespace": _PROJECT}
        return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **more}

    return [
        of("Project", _PROJECT),
        of("Secret", "hook", "v1", stringData={"secret": _SECRET}),
        of("ProjectConfig", _PROJECT, spec={"webhookReceivers": [receiver("github")]}),
    ]


def _asked(server: Running, method: str, path: str, content: str = "") -> httpx.Response:
    token = {"Authorization": f"Bearer {server.token_file.read_text().strip()}"}
    return httpx.request(method, f"{server.address}{path}", headers=token, content=content)


def _address(server: Running) -> str:
    """Make a receiver; return where it says that it listens."""
    for document in _documents():
        _asked(server, "PUT", "/v1beta1/resources?upsert=true", json.dumps(document))

    def url() -> str:
        answer = _asked(server, "GET", f"/towpath/v1/projects/{_PROJECT}/webhooks")
        items = answer.json().get("items") or [{}]
        return str(items[0].get("url") or "")

    return waiting.until(url, lambda: "the receiver says where it listens")


def _delivered(url: str, body: bytes | None = None) -> httpx.Response:
    body = push() if body is None else body
    return httpx.post(url, content=body, headers=signed(body, _SECRET), timeout=30)


def test_below_the_base_path_with_everything_else(tmp_path: Path) -> None:
    """The address is the listener's, unless it is said; it is not in the log."""
    config = tmp_path / "config.yaml"
    config.write_text("basePath: /towpath\nlog: {level: debug}\n")
    with up(tmp_path, config=config) as server:
        url = _address(server)
        assert url == f"{server.address}{_PATH}"
        assert _delivered(url).json() == {"msg": "refreshed 0 warehouse(s)"}
        large = b'{"ref": "' + b"x" * (1 << 20) + b'"}'  # beside the event loop
        assert _delivered(url, large).status_code == 200
        assert _delivered(url, b"[" * (1 << 20)).status_code == 400
        assert _delivered(url, b" " * ((2 << 20) + 1)).status_code == 413
        metrics = _asked(server, "GET", "/metrics").text
        assert 'towpath_webhook_deliveries_total{type="github",status="200"} 2' in metrics
    log = (tmp_path / "log").read_text()
    assert "/webhooks/github/…" in log
    assert _PATH.rpartition("/")[2] not in log
    assert _SECRET not in log


def test_a_listener_of_their_own(tmp_path: Path) -> None:
    """It takes webhooks and nothing else, and they are taken nowhere else."""
    listen = f"127.0.0.1:{free_port()}"
    config = tmp_path / "config.yaml"
    config.write_text(f"webhooks: {{listen: '{listen}', url: 'https://hooks.example/way'}}\n")
    with up(tmp_path, config=config) as server:
        assert _address(server) == f"https://hooks.example/way{_PATH}"
        own = f"http://{listen}"
        assert _delivered(f"{own}{_PATH}").status_code == 200
        assert _delivered(f"{server.address}{_PATH}").status_code == 404
        assert httpx.get(f"{own}/healthz").text == "ok"
        for path in ("/", "/v1beta1/projects", "/towpath/v1/openapi.json", "/metrics", "/webhooks"):
            assert httpx.get(f"{own}{path}").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("webhooks: {listen: nowhere}", "webhooks.listen"),
        ("webhooks: {url: 'ftp://x'}", "webhooks.url"),
        ("webhooks: {path: x}", "webhooks"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, text: str, said: str) -> None:
    """Named with their key."""
    from towpath.app.settings.operator import read
    from towpath.errors import BadRequest

    config = tmp_path / "config.yaml"
    config.write_text(text)
    with pytest.raises(BadRequest, match=said):
        read(config)
