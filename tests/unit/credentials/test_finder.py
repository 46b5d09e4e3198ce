"""Credentials out of the store: Project before shared, values opened for one use and on record."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import ACTOR, document, opened, ref
from towpath import errors
from towpath.credentials.finder import Credentials
from towpath.credentials.lookup import LABEL
from towpath.resources import scheme
from towpath.resources.shared_namespaces import SHARED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.credentials.found import FoundCredential
    from towpath.credentials.lookup import Type
    from towpath.store.contract import Store

URL = "https://git.example/acme/app"
BASIC = {"username": "u", "password": "p"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with opened(tmp_path) as made:
        yield made


def _secret(
    name: str, namespace: str = "shop", *, type_: str = "git", **values: str
) -> dict[str, Any]:
    data = {"repoURL": URL, **values}
    return document(
        scheme.SECRET,
        name,
        namespace,
        labels={LABEL: type_},
        data={key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    )


async def _find(store: Store, type_: Type = "git", url: str = URL) -> FoundCredential | None:
    return await Credentials(store).find("shop", type_, url, actor=ACTOR, reason="a test")


async def test_the_project_goes_before_the_shared_namespace(store: Store) -> None:
    """Other namespaces and other types are not looked at."""
    assert await _find(store) is None
    await store.create(_secret("x", "other", **BASIC), actor=ACTOR)
    await store.create(_secret("x", type_="helm", **BASIC), actor=ACTOR)
    assert await _find(store) is None
    await store.create(_secret("b", SHARED, **BASIC), actor=ACTOR)
    found = await _find(store)
    assert found is not None
    assert found.secret == ref(scheme.SECRET, "b", SHARED)
    await store.create(_secret("z", username="mine", password="p"), actor=ACTOR)
    found = await _find(store)
    assert found is not None
    assert (found.username, found.password) == ("mine", "p")


async def test_the_secret_that_matches_decides(store: Store) -> None:
    """One that is of no use is no reason to take another."""
    await store.create(_secret("a", username="only"), actor=ACTOR)
    await store.create(_secret("b", **BASIC), actor=ACTOR)
    assert await _find(store) is None


async def test_a_changed_secret_is_seen_at_once(store: Store) -> None:
    """What is kept of a Secret is kept by revision, and is no value of use to anybody."""
    credentials = Credentials(store)
    made = await store.create(_secret("a", **BASIC), actor=ACTOR)
    found = await credentials.find("shop", "git", URL, actor=ACTOR, reason="a test")
    assert found is not None
    changed = _secret("a", username="u", password="p2")
    await store.update(changed, actor=ACTOR)
    found = await credentials.find("shop", "git", URL, actor=ACTOR, reason="a test")
    assert found is not None
    assert found.password == "p2"
    await store.update(_secret("a", repoURL="https://git.example/other", **BASIC), actor=ACTOR)
    assert await credentials.find("shop", "git", URL, actor=ACTOR, reason="a test") is None
    await store.delete(made.ref, actor=ACTOR)
    assert await credentials.find("shop", "git", URL, actor=ACTOR, reason="a test") is None


@pytest.mark.parametrize(
    ("url", "values", "held"),
    [
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app",
            {"awsRegion": "r", "awsAccessKeyID": "1", "awsSecretAccessKey": "hidden"},
            "an AWS access key",
        ),
        (
            "europe-docker.pkg.dev/p/r/app",
            {"gcpServiceAccountKey": "hidden"},
            "a Google service-account key",
        ),
    ],
)
async def test_without_a_way_to_clouds_their_keys_are_of_no_use(
    store: Store, url: str, values: dict[str, str], held: str
) -> None:
    """That is said of the Secret, and none of its key; the key itself is sent nowhere."""
    await store.create(_secret("cloud", type_="image", repoURL=url, **values), actor=ACTOR)
    with pytest.raises(
        errors.Unavailable, match=f"Secret shop/cloud, which holds {held}.*: this process"
    ) as raised:
        await _find(store, "image", url)
    assert "hidden" not in str(raised.value)


async def test_without_a_way_to_github_its_apps_are_of_no_use(store: Store) -> None:
    """That is said of the Secret, and none of its key."""
    values = {"githubAppID": "1", "githubAppInstallationID": "2", "githubAppPrivateKey": "hidden"}
    await store.create(_secret("app", **values), actor=ACTOR)
    with pytest.raises(
        errors.Unavailable, match=r"Secret shop/app, which holds a GitHub App: this process"
    ) as raised:
        await _find(store)
    assert "hidden" not in str(raised.value)


async def test_no_value_shows(store: Store) -> None:
    """Neither in what is found nor in the memory of the database."""
    await store.create(_secret("a", username="u", password="very-hidden"), actor=ACTOR)
    credentials = Credentials(store)
    found = await credentials.find("shop", "git", URL, actor=ACTOR, reason="a test")
    assert "very-hidden" not in repr(found)
    assert "very-hidden" not in repr(credentials._known)


async def test_opening_a_secret(store: Store) -> None:
    """Values as texts; None where there is none; what is no base64 is empty."""
    credentials = Credentials(store)
    await store.create(_secret("a", sshPrivateKey="key", knownHosts="h ssh-x"), actor=ACTOR)
    opened_ = await credentials.open_secret(ref(scheme.SECRET, "a"), actor=ACTOR, reason="a test")
    assert opened_ == {"repoURL": URL, "sshPrivateKey": "key", "knownHosts": "h ssh-x"}
    assert (
        await credentials.open_secret(ref(scheme.SECRET, "b"), actor=ACTOR, reason="a test") is None
    )
    found = await _find(store)
    assert found is not None
    assert (found.ssh_key, found.known_hosts) == ("key", "h ssh-x")
