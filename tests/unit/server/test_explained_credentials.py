"""GET …/credentials/explain: who may ask, what of shared Secrets is told, and that no value is."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT, project_document, running
from tests.support.serving import TOKEN, account_token, client
from towpath.resources.shared_namespaces import SHARED

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4n4ry"
URL = "https://git.example/acme/app"
PATH = f"/towpath/v1/projects/{PROJECT}/credentials/explain"


def _secret(name: str, namespace: str, url: str, label: str = "git") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"kargo.akuity.io/cred-type": label} if label else {},
        },
        "stringData": {"repoURL": url, "username": CANARY, "password": CANARY},
    }


async def test_who_is_told_what(tmp_path: Path) -> None:
    """The administrator all of it, others what they may list; nobody a value."""
    async with running(tmp_path) as world:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHARED}}
        await world.apply(
            namespace,
            project_document(),
            _secret("other", PROJECT, f"https://git.example/{CANARY}"),
            _secret("bare", PROJECT, URL, label=""),
            _secret("everyone", SHARED, URL),
        )
        await world.settled()
        async with client(world, TOKEN) as http:
            answer = await http.get(PATH, params={"url": f"{URL}.git", "type": "git"})
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert found["comparedAs"] == URL
            assert found["serves"] == {
                "namespace": SHARED,
                "name": "everyone",
                "serves": True,
                "reason": "same address; it holds user name and password",
            }
            assert [each["name"] for each in found["secrets"]] == ["everyone", "bare", "other"]
            assert CANARY not in answer.text
            asked = await http.get(PATH, params={"url": "gcr.io/acme/app", "type": "image"})
            assert asked.json()["identity"] == {
                "cloud": "gcp",
                "serves": False,
                "reason": "this server has no identity at gcp, or its operator's credentials.ambient does not name it",
            }
            for wrong in ({"url": URL}, {"type": "git"}, {"url": URL, "type": "svn"}):
                assert (await http.get(PATH, params=wrong)).status_code == 400
        async with client(world, await account_token(world, PROJECT, "kargo-viewer")) as http:
            asked = await http.get(PATH, params={"url": URL, "type": "git"})
            assert asked.status_code == 403
        async with client(world, await account_token(world, PROJECT, "kargo-admin")) as http:
            found = (await http.get(PATH, params={"url": URL, "type": "git"})).json()
            assert (found["serves"]["namespace"], found["serves"]["name"]) == (SHARED, "")
            assert [each["name"] for each in found["secrets"]] == ["", "bare", "other"]


async def test_every_secret_is_looked_at_and_what_is_not_listed_is_counted(tmp_path: Path) -> None:
    """The one that serves comes behind a thousand others by name, and is found all the same."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        for number in range(520):
            await world.store.create(
                _stored(f"a{number:03}", f"{URL}-{number}", label=""), actor="a test"
            )
        await world.store.create(_stored("z", URL), actor="a test")
        async with client(world, TOKEN) as http:
            found = (await http.get(PATH, params={"url": URL, "type": "git"})).json()
    assert found["serves"]["name"] == "z"
    assert [each["name"] for each in found["secrets"][:2]] == ["z", "a000"]
    assert len(found["secrets"]) + found["leftOut"] == 521
    assert len(found["secrets"]) == 500


def _stored(name: str, url: str, label: str = "git") -> dict[str, Any]:
    """Return a Secret as it is after admission."""
    made = _secret(name, PROJECT, url, label)
    values = made.pop("stringData")
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return made | {"data": encoded}
