"""A delivery that was answered leads to a look, whatever becomes of the server: killed at named points, and in a flood."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.support import git_server, waiting
from tests.support.deliveries import path_of, receiver, signed
from tests.support.killing import Driver, Phoenix
from tests.support.registry import free_port
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer

_PROJECT = "shop"
_SECRET = "a secret of tests"
_WAREHOUSES = 10
_DELIVERIES = int(os.environ.get("TOWPATH_WEBHOOK_DELIVERIES", "200"))
_PATH = path_of("github", project=_PROJECT, value=_SECRET)
_API = f"/v1beta1/projects/{_PROJECT}/warehouses"


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """A Git server for all runs."""
    with git_server.serving(tmp_path_factory.mktemp("git"), password="") as serving:
        yield serving


def _documents(url: str) -> Iterator[dict[str, Any]]:
    def of(kind: str, name: str, api: str = "kargo.akuity.io/v1alpha1", **more: Any) -> Any:
        place = {} if kind == "Project" else {"namespace": _PROJECT}
        return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **more}

    yield of("Project", _PROJECT)
    yield of("Secret", "hook", "v1", stringData={"secret": _SECRET})
    yield of("ProjectConfig", _PROJECT, spec={"webhookReceivers": [receiver("github")]})
    for number in range(_WAREHOUSES):
        subscription = {"git": {"repoURL": url, "branch": "main"}}
        spec = {"interval": "24h", "subscriptions": [subscription]}
        yield of("Warehouse", f"w{number}", spec=spec)


@contextlib.contextmanager
def _world(
    folder: Path, repositories: GitServer, kill_at: str = ""
) -> Iterator[tuple[Phoenix, Driver, str]]:
    """Run a server whose Warehouses have looked once and do not look again by themselves."""
    name = f"{folder.name}.git"
    repositories.create(name, {"README.md": "first\n"})
    url = f"{repositories.url}/{name}"
    host = url.split("/")[2]
    (folder / "config.yaml").write_text(yaml.safe_dump({"egress": {"allow": [host]}}))
    phoenix = Phoenix(folder, free_port(), kill_at)
    driver = Driver(phoenix)
    with phoenix.running():
        driver.ask("GET", "/v1beta1/projects")
        for document in _documents(url):
            driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
        config = f"/v1beta1/projects/{_PROJECT}/config"
        driver.until("the receiver listens", config, lambda found: _PATH in json.dumps(found))
        _found(driver, repositories.head(name))
        yield phoenix, driver, name


def _body(url: str) -> bytes:
    return json.dumps({"ref": "refs/heads/main", "repository": {"clone_url": url}}).encode()


def _found(driver: Driver, commit: str) -> None:
    """Return when every Warehouse has found a commit."""
    driver.until(
        f"{commit} is found",
        _API,
        lambda listed: (
            len(listed["items"]) == _WAREHOUSES
            and all(commit in json.dumps(each.get("status") or {}) for each in listed["items"])
        ),
    )


@pytest.mark.parametrize("point", ["webhooks.after-asking", "webhooks.before-asking"])
def test_killed_between_the_request_and_the_answer(
    tmp_path: Path, repositories: GitServer, point: str
) -> None:
    """What was asked for is done though no answer came; what was not is done when it is delivered again."""
    with _world(tmp_path, repositories, kill_at=point) as (phoenix, driver, name):
        commit = repositories.commit(name, {"README.md": "second\n"})
        body = _body(f"{repositories.url}/{name}")
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{phoenix.address}{_PATH}", content=body, headers=signed(body, _SECRET))
        if point == "webhooks.before-asking":
            _deliver_until_answered(phoenix, body)
        _found(driver, commit)
        assert phoenix.kills == 1


def test_killed_right_after_the_answer(tmp_path: Path, repositories: GitServer) -> None:
    """The answer is all that the sender waits for."""
    with _world(tmp_path, repositories) as (phoenix, driver, name):
        commit = repositories.commit(name, {"README.md": "second\n"})
        body = _body(f"{repositories.url}/{name}")
        answer = httpx.post(
            f"{phoenix.address}{_PATH}", content=body, headers=signed(body, _SECRET)
        )
        phoenix._kill()
        assert answer.json() == {"msg": f"refreshed {_WAREHOUSES} warehouse(s)"}
        _found(driver, commit)


def test_a_flood_over_a_kill_loses_nothing_that_was_answered(
    tmp_path: Path, repositories: GitServer
) -> None:
    """Each Warehouse looks after the last delivery that was answered, as one look or as many."""
    with _world(tmp_path, repositories) as (phoenix, driver, name):
        body = _body(f"{repositories.url}/{name}")
        answered = asyncio.run(_flood(phoenix, body))
        assert answered, "no delivery was answered"
        assert phoenix.kills == 1
        last = max(answered)
        driver.until(
            f"every Warehouse looks after {last}",
            _API,
            lambda listed: all(_looked(each) >= last for each in listed["items"]),
        )
        receipts = driver.ask("GET", f"/towpath/v1/projects/{_PROJECT}/webhooks")
        assert receipts["items"][0]["taken"] == min(100, len(answered)) or len(answered) > 90


def _looked(warehouse: dict[str, Any]) -> datetime:
    found = moments.read(warehouse["status"]["discoveredArtifacts"]["discoveredAt"])
    assert found is not None
    return found


async def _flood(phoenix: Phoenix, body: bytes) -> list[datetime]:
    """Deliver many, kill the server in their midst; return when each was sent that was answered."""
    answered: list[datetime] = []
    headers = signed(body, _SECRET)
    async with httpx.AsyncClient(timeout=30) as sender:

        async def deliver(number: int) -> None:
            sent = datetime.now(UTC)
            if number == _DELIVERIES // 2:
                phoenix._kill()
            with contextlib.suppress(httpx.TransportError):
                answer = await sender.post(
                    f"{phoenix.address}{_PATH}", content=body, headers=headers
                )
                if answer.status_code == 200:
                    answered.append(sent)

        for start in range(0, _DELIVERIES, 20):
            await asyncio.gather(*(deliver(start + each) for each in range(20)))
            if start >= _DELIVERIES // 2:
                await _is_back(sender, phoenix)
    return answered


async def _is_back(sender: httpx.AsyncClient, phoenix: Phoenix) -> None:
    async def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await sender.get(f"{phoenix.address}/healthz")).status_code == 200
        return False

    await waiting.until_async(answers)


def _deliver_until_answered(phoenix: Phoenix, body: bytes) -> None:
    def answered() -> bool:
        with contextlib.suppress(httpx.TransportError):
            answer = httpx.post(
                f"{phoenix.address}{_PATH}", content=body, headers=signed(body, _SECRET)
            )
            return answer.status_code == 200
        return False

    waiting.until(answered, lambda: "the delivery is answered")
