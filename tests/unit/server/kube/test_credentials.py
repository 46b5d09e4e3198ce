"""A credential whose values are known only by their mask cannot be made to go elsewhere, whichever way it is written."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, project_document, running
from tests.support.serving import client
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import MASK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

SECRETS = f"/api/v1/namespaces/{PROJECT}/secrets"
TYPE = "kargo.akuity.io/cred-type"
EVIL = "https://evil.example/shop.git"
OLD = {
    "repoURL": "https://git.example/shop.git",
    "repoURLIsRegex": "false",
    "username": "bot",
    "password": "hunter2-hunter2",
    "githubAppPrivateKey": "another",
}
MERGE = {"Content-Type": "application/merge-patch+json"}
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _secret(type_: str | None = "git", **values: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": "creds", "namespace": PROJECT}
    if type_:
        metadata["labels"] = {TYPE: type_}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "data": {key: _base64(value) for key, value in {**OLD, **values}.items()},
    }


@asynccontextmanager
async def _world(
    folder: Path, type_: str | None = "git"
) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world:
        await world.apply(project_document())
        await world.settled()
        async with client(world) as http:
            assert (await http.post(SECRETS, json=_secret(type_))).status_code == 201
            yield world, http


async def _values(world: Pipeline) -> dict[str, str]:
    ref = Ref(scheme.SECRET, PROJECT, "creds")
    found = await world.store.reveal(ref, actor="test", reason="test")
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


def _changes(document: dict[str, Any]) -> list[tuple[str, str, Any, dict[str, str]]]:
    """Return every way to write what is read with another repository: method, URL, body, headers."""
    put = {**document, "data": {**document["data"], "repoURL": _base64(EVIL)}}
    put["metadata"] = {**put["metadata"], "managedFields": None}
    text = {"stringData": {"repoURL": EVIL}}
    applied = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "creds", "namespace": PROJECT},
        "data": {"repoURL": _base64(EVIL)},
    }
    operation = [{"op": "replace", "path": "/data/repoURL", "value": _base64(EVIL)}]
    resource = {**put, "metadata": {**put["metadata"], "resourceVersion": None}}
    return [
        ("PUT", f"{SECRETS}/creds", put, {}),
        ("PUT", f"{SECRETS}/creds", {**document, **text}, {}),
        ("PATCH", f"{SECRETS}/creds", {"data": {"repoURL": _base64(EVIL)}}, MERGE),
        ("PATCH", f"{SECRETS}/creds", text, MERGE),
        ("PATCH", f"{SECRETS}/creds", text, STRATEGIC),
        ("PATCH", f"{SECRETS}/creds", operation, JSON_PATCH),
        ("PATCH", f"{SECRETS}/creds?fieldManager=x&force=true", applied, APPLY),
        ("PUT", "/v1beta1/resources", resource, {}),
        ("PUT", "/v1beta1/resources?upsert=true", resource, {}),
    ]


@pytest.mark.parametrize("way", range(9))
async def test_another_repository_wants_the_values_anew(tmp_path: Path, way: int) -> None:
    """On every way there is to write; what is stored stays."""
    async with _world(tmp_path) as (world, http):
        document = (await http.get(f"{SECRETS}/creds")).json()
        assert set(document["data"].values()) == {MASK}
        method, url, body, headers = _changes(document)[way]
        answer = await http.request(
            method,
            url,
            content=json.dumps(body),
            headers={"Content-Type": "application/json", **headers},
        )
        assert "data[password]" in answer.text, (answer.status_code, answer.text)
        assert "data[githubAppPrivateKey]" in answer.text
        assert "data[repoURL] changed" in answer.text
        assert "give it anew" in answer.text
        assert "data[username]: Required" not in answer.text
        assert await _values(world) == OLD


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {"labels": {TYPE: "image"}}}, f"metadata.labels[{TYPE}]"),
        ({"metadata": {"labels": {TYPE: "generic"}}}, f"metadata.labels[{TYPE}]"),
        ({"stringData": {"repoURLIsRegex": "true"}}, "data[repoURLIsRegex]"),
        ({"stringData": {"repoURL": "https://git.example/SHOP.git"}}, "data[repoURL]"),
        ({"data": {"repoURL": None}}, "data[repoURL]"),
    ],
)
async def test_what_else_sends_the_values_elsewhere(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    """The type, and whether the address is a pattern."""
    async with _world(tmp_path) as (world, http):
        answer = await http.patch(f"{SECRETS}/creds", json=change, headers=MERGE)
        assert answer.status_code == 422
        assert f"{field} changed" in answer.json()["message"]
        assert await _values(world) == OLD


async def test_the_label_cannot_be_taken_off_and_put_back(tmp_path: Path) -> None:
    """Without it the values go nowhere; with it again they are wanted anew."""
    async with _world(tmp_path) as (world, http):
        for change in ({"metadata": {"labels": {TYPE: None}}}, {"stringData": {"repoURL": EVIL}}):
            answer = await http.patch(f"{SECRETS}/creds", json=change, headers=MERGE)
            assert answer.status_code == 200
        back = {"metadata": {"labels": {TYPE: "git"}}}
        answer = await http.patch(f"{SECRETS}/creds", json=back, headers=MERGE)
        assert answer.status_code == 422
        whole = {**back, "stringData": {"password": "new-password", "githubAppPrivateKey": "new"}}
        answer = await http.patch(f"{SECRETS}/creds", json=whole, headers=MERGE)
        assert answer.status_code == 200
        assert (await _values(world))["password"] == "new-password"


@pytest.mark.parametrize(
    "change",
    [
        {"stringData": {"username": "robot"}},
        {"stringData": {"password": "another-one"}},
        {"stringData": {"repoURLIsRegex": "no"}},
        {"stringData": {"repoURL": OLD["repoURL"]}},
        {"metadata": {"labels": {"team": "a"}}},
        {"stringData": {"repoURL": EVIL, "password": "x" * 8, "githubAppPrivateKey": "y" * 8}},
        {"data": {"repoURL": _base64(EVIL), "password": None, "githubAppPrivateKey": None}},
    ],
)
async def test_other_changes_keep_masked_values(tmp_path: Path, change: dict[str, Any]) -> None:
    """Whoever gives the values, or drops them, may send them where they like."""
    async with _world(tmp_path) as (_, http):
        answer = await http.patch(f"{SECRETS}/creds", json=change, headers=MERGE)
        assert answer.status_code == 200, answer.text


async def test_a_secret_that_is_no_credential_may_change_freely(tmp_path: Path) -> None:
    """Its keys mean nothing."""
    async with _world(tmp_path, None) as (world, http):
        change = {"stringData": {"repoURL": EVIL}}
        answer = await http.patch(f"{SECRETS}/creds", json=change, headers=MERGE)
        assert answer.status_code == 200
        assert await _values(world) == {**OLD, "repoURL": EVIL}


async def test_a_mask_cannot_be_copied_to_another_secret(tmp_path: Path) -> None:
    """What is created holds only what was given."""
    async with _world(tmp_path) as (world, http):
        document = (await http.get(f"{SECRETS}/creds")).json()
        copied = {**_secret(), "data": {**document["data"], "repoURL": _base64(EVIL)}}
        copied["metadata"]["name"] = "copy"
        assert (await http.post(SECRETS, json=copied)).status_code == 201
        found = await world.store.reveal(
            Ref(scheme.SECRET, PROJECT, "copy"), actor="test", reason="test"
        )
        assert found["data"] == {"repoURL": _base64(EVIL)}
