"""Credentials of repositories: every case beside the checkout. None of them shows where we differ."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.support.shared import cases
from tests.support.stores import ACTOR, document, opened
from towpath.credentials.finder import Credentials
from towpath.credentials.lookup import LABEL
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.credentials.found import FoundCredential
    from towpath.store.contract import Store


async def _keep(store: Store, prefix: str, secrets: list[dict[str, Any]]) -> None:
    for secret in secrets:
        encoded = {
            key: base64.b64encode(value.encode()).decode() for key, value in secret["data"].items()
        }
        made = document(
            scheme.SECRET,
            secret["name"],
            f"{prefix}-{secret['namespace']}",
            labels={LABEL: secret["type"]},
            data=encoded,
        )
        await store.create(made, actor=ACTOR)


def _shown(found: FoundCredential | None) -> dict[str, str] | None:
    if found is None:
        return None
    parts = {"username": found.username, "password": found.password, "sshKey": found.ssh_key}
    return {key: value for key, value in parts.items() if value}


async def test_credentials(tmp_path: Path) -> None:
    """credentials.jsonl, all with one store, each case in namespaces of its own."""
    wrong = []
    async with opened(tmp_path) as store:
        for case in cases("credentials"):
            given, name = case["in"], case["id"]
            await _keep(store, name, given["secrets"])
            credentials = Credentials(
                store,
                shared_namespace=f"{name}-{given['sharedNamespace']}",
                allow_http=given["allowHTTP"],
            )
            found = await credentials.find(
                f"{name}-{given['namespace']}",
                given["type"],
                given["repoURL"],
                actor=ACTOR,
                reason="test",
            )
            if _shown(found) != case["want"]:
                wrong.append((name, _shown(found)))
    assert wrong == []
