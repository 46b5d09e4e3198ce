"""A move with a key is carried out once, whenever the server is killed in the midst of it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.support import towpath_process
from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    project_document,
    stage_document,
    warehouse_document,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.towpath_process import Running

STAGES: Final = ("eu", "us", "asia")
STEP: Final = {"uses": "compose-output", "config": {"greeting": "hello"}}
POINTS: Final = ("moves.asked", "moves.after-target:2", "moves.before-answer")


def _client(server: Running) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.token}"}
    return httpx.Client(base_url=server.address, headers=headers, timeout=30)


def _prepare(client: httpx.Client) -> str:
    """Make a Project with three Stages and Freight that may go there; return the Freight's name."""
    stages = [stage_document(name) for name in STAGES]
    for each in stages:
        each["spec"]["promotionTemplate"]["spec"]["steps"] = [STEP]
    freight = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": PROJECT},
        "origin": {"kind": "Warehouse", "name": "main"},
        "images": [{"repoURL": IMAGE, "tag": "1.0.0", "digest": f"sha256:{'1' * 64}"}],
    }
    warehouse = warehouse_document(interval="1h")
    for each in (project_document(), warehouse, *stages, freight):
        answer = client.post("/v1beta1/resources", content=json.dumps(each))
        assert answer.status_code == 201, answer.text
    found = client.get(f"/v1beta1/projects/{PROJECT}/freight").json()
    groups = found.get("groups", {}).values()
    (item,) = [each for group in groups for each in group["items"]]
    return str(item["metadata"]["name"])


def _promotions(client: httpx.Client) -> dict[str, int]:
    items = client.get(f"/v1beta1/projects/{PROJECT}/promotions").json()["items"]
    return {name: sum(each["spec"]["stage"] == name for each in items) for name in STAGES}


@pytest.mark.parametrize("point", POINTS)
def test_a_move_is_made_once(tmp_path: Path, point: str) -> None:
    """The caller asks again with the same key: every Stage has one Promotion, and later askers get the same answer."""
    with towpath_process.up(tmp_path) as server, _client(server) as client:
        freight = _prepare(client)
        seen = client.post(
            f"/towpath/v1/projects/{PROJECT}/moves", json={"kind": "resume", "stages": list(STAGES)}
        ).json()["rev"]
    asked: dict[str, Any] = {"stages": list(STAGES), "freight": freight, "key": "k", "ifRev": seen}
    path = f"/towpath/v1/projects/{PROJECT}/moves"
    with (
        towpath_process.up(tmp_path, TOWPATH_KILL_AT=point) as server,
        _client(server) as client,
        contextlib.suppress(httpx.TransportError),
    ):
        client.post(path, json=asked)
    with towpath_process.up(tmp_path) as server, _client(server) as client:
        first = client.post(path, json=asked)
        assert first.status_code == 201, first.text
        assert client.post(path, json=asked).text == first.text
        assert _promotions(client) == dict.fromkeys(STAGES, 1)
