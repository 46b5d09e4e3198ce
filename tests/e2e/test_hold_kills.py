"""Holds and their ends, by a stop of the line, are made once, whenever the server is killed over them, and end when they were to."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
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
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.towpath_process import Running

STAGES: Final = ("asia", "eu", "us")
STEP: Final = {"uses": "compose-output", "config": {"greeting": "hello"}}
ANSWERED: Final = ""
"""No named point: right after the answer, when no controller need have seen what was asked for."""
POINTS: Final = ("moves.asked", "moves.after-target:2", "moves.before-answer", ANSWERED)
OWN: Final = f"/towpath/v1/projects/{PROJECT}"
API: Final = f"/v1beta1/projects/{PROJECT}"


@contextlib.contextmanager
def _asking(server: Running) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.token}"}
    with httpx.Client(base_url=server.address, headers=headers, timeout=30) as client:
        yield client


def _make(client: httpx.Client, *documents: dict[str, Any]) -> None:
    for each in documents:
        answer = client.post("/v1beta1/resources", content=json.dumps(each))
        assert answer.status_code == 201, answer.text


def _freight(tag: str) -> dict[str, Any]:
    digest = f"sha256:{tag[-1] * 64}"
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": PROJECT},
        "origin": {"kind": "Warehouse", "name": "main"},
        "images": [{"repoURL": IMAGE, "tag": tag, "digest": digest}],
    }


def _name(client: httpx.Client, tag: str) -> str:
    """Return the name of the Freight of a tag."""
    items = client.get(f"{API}/freight").json()["groups"][""]["items"]
    (found,) = (each for each in items if each["images"][0]["tag"] == tag)
    return str(found["metadata"]["name"])


def _there(client: httpx.Client) -> dict[str, str]:
    """Return the tag that each Stage holds, and no Promotion is under way there."""
    found = {}
    for each in client.get(f"{API}/stages").json()["items"]:
        status = each.get("status") or {}
        history = status.get("freightHistory") or [{"items": {}}]
        for item in history[0]["items"].values():
            if "currentPromotion" not in status:
                found[each["metadata"]["name"]] = item["images"][0]["tag"]
    return found


def _all_hold(client: httpx.Client, tag: str) -> None:
    wanted = dict.fromkeys(STAGES, tag)
    until(lambda: _there(client) == wanted, lambda: f"each holds {tag}: {_there(client)}")


def _told(client: httpx.Client, reason: str) -> list[str]:
    """Return of which Stages Events tell something."""
    items = client.get(f"{API}/events").json()["items"]
    return sorted(each["involvedObject"]["name"] for each in items if each["reason"] == reason)


def _is_told(client: httpx.Client, reason: str) -> None:
    until(
        lambda: _told(client, reason) == list(STAGES),
        lambda: f"{reason} is told once of each: {_told(client, reason)}",
    )


def _line(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{OWN}/line").json()
    return found


def _killed(folder: Path, point: str, act: Callable[[httpx.Client], Any]) -> None:
    """Run a server until it is killed at a point, which something that is asked of it leads to, or once that is answered."""
    armed: dict[str, Any] = {"TOWPATH_KILL_AT": point} if point else {}
    with towpath_process.up(folder, **armed) as server, _asking(server) as client:
        with contextlib.suppress(httpx.TransportError):
            act(client)
        if not point:
            server.process.kill()
        assert server.process.wait(60) == -signal.SIGKILL, f"{point} was not passed"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which three Stages hold 1.0.1, and take what is newer by themselves."""
    folder = tmp_path_factory.mktemp("shop")
    stages = [stage_document(name) for name in STAGES]
    for each in stages:
        each["spec"]["promotionTemplate"]["spec"]["steps"] = [STEP]
    warehouse = warehouse_document(interval="1h")
    with towpath_process.up(folder) as server, _asking(server) as client:
        _make(client, project_document(*STAGES), warehouse, *stages, _freight("1.0.1"))
        _all_hold(client, "1.0.1")
    return folder


@pytest.mark.parametrize("point", POINTS)
def test_a_stop_and_its_end_are_made_once(shop: Path, tmp_path: Path, point: str) -> None:
    """Asked again with their keys, all is held, told of once, and goes on once; holds are of the one request."""
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder)
    stop = {"kind": "hold", "line": True, "reason": "fire", "until": "1h", "key": "stop"}
    go = {"kind": "resume", "line": True, "key": "go"}

    def ask(client: httpx.Client, body: dict[str, Any]) -> httpx.Response:
        return client.post(f"{OWN}/moves", json=body)

    _killed(folder, point, lambda client: ask(client, stop))
    with towpath_process.up(folder) as server, _asking(server) as client:
        first = ask(client, stop)
        assert first.status_code == 200, first.text
        targets = first.json()["targets"]
        assert sorted(each["stage"] for each in targets) == list(STAGES)
        assert {each["result"] for each in targets} == {"held"}
        assert ask(client, stop).text == first.text
        held = _line(client)["holds"]
        assert [each["stage"] for each in sorted(held, key=lambda one: one["stage"])] == [*STAGES]
        assert len({each["until"] for each in held}) == 1
        assert {(each["stop"], each["reason"]) for each in held} == {(True, "fire")}
        _is_told(client, "AutoPromotionHeld")
        _make(client, _freight("1.0.2"))
        freight = _name(client, "1.0.2")
        for name in STAGES:
            path = f"{OWN}/stages/{name}/explain?freight={freight}"
            gates = client.get(path).json()["gates"]
            shut = [each["name"] for each in gates if not each["open"]]
            assert "hold" in shut
    _killed(folder, point, lambda client: ask(client, go))
    with towpath_process.up(folder) as server, _asking(server) as client:
        assert ask(client, go).status_code == 200
        assert _line(client)["stopped"] == []
        _all_hold(client, "1.0.2")
        _is_told(client, "AutoPromotionResumed")
        promotions = client.get(f"{API}/promotions").json()["items"]
        assert len(promotions) == 2 * len(STAGES)


@pytest.mark.parametrize("point", ["moves.asked", ANSWERED])
def test_a_hold_that_is_to_end_ends(shop: Path, tmp_path: Path, point: str) -> None:
    """When it was to, by the first time that it was asked for: the server that comes after goes on as if it had been there."""
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder)
    hold = {"kind": "hold", "stages": [*STAGES], "until": "3s", "key": "hold"}
    _killed(folder, point, lambda client: client.post(f"{OWN}/moves", json=hold))
    with towpath_process.up(folder) as server, _asking(server) as client:
        answer = client.post(f"{OWN}/moves", json=hold)
        assert answer.status_code == 200, answer.text
        assert len({each["until"] for each in answer.json()["targets"]}) == 1
        _make(client, _freight("1.0.2"))
        _all_hold(client, "1.0.2")
        assert _line(client)["holds"] == []
        promotions = client.get(f"{API}/promotions").json()["items"]
        assert len(promotions) == 2 * len(STAGES)
