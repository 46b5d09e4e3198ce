"""Secrets that hold a GitHub App: the token that they are exchanged for, and Git that is spoken with it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.support import git_server, github_apps
from tests.support.contracts import Contract
from tests.support.git_steps import Bench
from tests.support.github_apps import GitHubApps
from tests.support.shared import ROOT
from tests.support.stores import ACTOR, document, opened
from towpath import errors
from towpath.clients.forges.github.installation_tokens import InstallationTokens
from towpath.clients.git import git_errors
from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.repository import Repositories
from towpath.clients.http import Egress
from towpath.clock import VirtualClock
from towpath.credentials.finder import Credentials
from towpath.credentials.lookup import LABEL
from towpath.promotion.step import Succeeded
from towpath.resources import scheme
from towpath.resources.annotations import GITHUB_TOKEN_SCOPES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.credentials.found import FoundCredential
    from towpath.store.contract import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
KEY = github_apps.key()


@pytest.fixture
def clock() -> VirtualClock:
    """Time that stands."""
    return VirtualClock(NOW)


@pytest.fixture
def github(clock: VirtualClock) -> Iterator[GitHubApps]:
    """GitHub, as far as Apps get tokens from it, held against its description where that is at hand."""
    place = ("github", "rest-apps-meta.json")
    contract = Contract(*place) if ROOT.joinpath("contracts", *place).exists() else None
    served = GitHubApps(clock, contract, KEY)
    yield served
    served.http.close()
    assert served.wrong == []


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
async def credentials(
    store: Store, github: GitHubApps, clock: VirtualClock
) -> AsyncIterator[Credentials]:
    """All Secrets of the store, with the way to GitHub."""
    async with Egress(allow=[github.where], clock=clock) as egress:
        yield Credentials(store, app_tokens=InstallationTokens(egress, clock), allow_http=True)


def _secret(
    github: GitHubApps,
    name: str = "app",
    *,
    namespace: str = "shop",
    scopes: str | None = None,
    **values: str,
) -> dict[str, Any]:
    data = {
        "repoURL": f"^{github.url}/acme/",
        "repoURLIsRegex": "true",
        "githubAppClientID": github.issuers[0],
        "githubAppInstallationID": github.installation,
        "githubAppPrivateKey": github_apps.pem(KEY),
        **values,
    }
    made = document(
        scheme.SECRET,
        name,
        namespace,
        labels={LABEL: "git"},
        data={key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    )
    if scopes is not None:
        made["metadata"]["annotations"] = {GITHUB_TOKEN_SCOPES: scopes}
    return made


async def _find(
    credentials: Credentials, github: GitHubApps, repository: str = "app", **more: Any
) -> FoundCredential | None:
    project = more.pop("project", "shop")
    return await credentials.find(
        project, "git", f"{github.url}/acme/{repository}.git", actor=ACTOR, reason="a test", **more
    )


async def _token(credentials: Credentials, github: GitHubApps, repository: str = "app") -> str:
    found = await _find(credentials, github, repository)
    assert found is not None
    assert found.username == "kargo"
    return found.password


def test_the_description_is_at_hand() -> None:
    """Else it is said that the stand-in was held against nothing."""
    contract = Contract("github", "rest-apps-meta.json")
    template = contract.request("POST", "/app/installations/7/access_tokens", {"repositories": []})
    assert template == "/app/installations/{installation_id}/access_tokens"
    with pytest.raises(AssertionError, match="is no string"):
        contract.request("POST", "/app/installations/7/access_tokens", {"repositories": [1]})
    with pytest.raises(AssertionError, match="has no answer 418"):
        contract.answer("POST", template, 418, {})
    with pytest.raises(AssertionError, match="expires_at is missing"):
        contract.answer("POST", template, 201, {"token": "x"})


async def test_a_token_is_kept_until_shortly_before_its_end(
    store: Store, credentials: Credentials, github: GitHubApps, clock: VirtualClock
) -> None:
    """It opens one repository; another one has a token of its own."""
    await store.create(_secret(github), actor=ACTOR)
    first = await _token(credentials, github)
    assert await _token(credentials, github) == first
    assert github.asked == [("Iv23liEXAMPLE", ["app"])]
    assert await _token(credentials, github, "other") != first
    assert github.asked[1:] == [("Iv23liEXAMPLE", ["other"])]
    await clock.advance(54 * 60)
    assert await _token(credentials, github) == first
    await clock.advance(60)
    assert await _token(credentials, github) != first
    assert len(github.asked) == 3


async def test_many_who_ask_at_once_get_one_token(
    store: Store, credentials: Credentials, github: GitHubApps
) -> None:
    """Also if whoever asked first is ended."""
    await store.create(_secret(github), actor=ACTOR)
    asking = [asyncio.create_task(_token(credentials, github)) for _ in range(20)]
    async with asyncio.timeout(30):
        while not credentials._apps._kept._coming:  # type: ignore[union-attr]
            await asyncio.sleep(0)
    asking[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking[0]
    assert len(set(await asyncio.gather(*asking[1:]))) == 1
    assert len(github.asked) == 1


async def test_another_key_counts_at_once(
    store: Store, credentials: Credentials, github: GitHubApps
) -> None:
    """A token of the old key is not used any more; a Secret that is gone opens nothing."""
    made = await store.create(_secret(github), actor=ACTOR)
    first = await _token(credentials, github)
    github.app = github_apps.key()
    await store.update(
        _secret(github, githubAppPrivateKey=github_apps.pem(github.app)), actor=ACTOR
    )
    assert await _token(credentials, github) != first
    assert len(github.asked) == 2
    await store.delete(made.ref, actor=ACTOR)
    assert await _find(credentials, github) is None


async def test_the_key_may_be_base64_and_the_app_a_number(
    store: Store, credentials: Credentials, github: GitHubApps
) -> None:
    """The client id goes before the number."""
    encoded = base64.encodebytes(github_apps.pem(KEY).encode()).decode()
    secret = _secret(github, githubAppClientID="", githubAppID="1234", githubAppPrivateKey=encoded)
    await store.create(secret, actor=ACTOR)
    await _token(credentials, github)
    await store.update(_secret(github, githubAppID="1234"), actor=ACTOR)
    await _token(credentials, github, "other")
    assert [issuer for issuer, _ in github.asked] == ["1234", "Iv23liEXAMPLE"]


async def test_a_refused_token_is_not_given_out_again(
    store: Store, credentials: Credentials, github: GitHubApps
) -> None:
    """Who was refused with an older one gets what is there now."""
    await store.create(_secret(github), actor=ACTOR)
    first = await _token(credentials, github)
    second = await _find(credentials, github, refused=first)
    assert second is not None
    assert second.password != first
    third = await _find(credentials, github, refused=first)
    assert third is not None
    assert third.password == second.password
    assert len(github.asked) == 2


@pytest.mark.parametrize(
    ("scopes", "project", "repository", "is_let"),
    [
        ('{"shop": ["app"]}', "shop", "app", True),
        ('{"shop": ["APP", "x"]}', "shop", "app", True),
        ('{"shop": ["app"]}', "shop", "other", False),
        ('{"shop": ["app"]}', "bakery", "app", False),
        ('{"shop": "app"}', "shop", "app", False),
        ('{"shop": ["app"]', "shop", "app", False),
        ("[]", "shop", "app", False),
        ("", "shop", "app", False),
    ],
)
async def test_the_annotation_limits_projects(
    store: Store,
    credentials: Credentials,
    github: GitHubApps,
    scopes: str,
    project: str,
    repository: str,
    is_let: bool,
) -> None:
    """Others get nothing, and of what is not well formed nobody gets anything: no token is asked for."""
    await store.create(
        _secret(github, namespace="kargo-shared-resources", scopes=scopes), actor=ACTOR
    )
    found = await _find(credentials, github, repository, project=project)
    assert (found is not None) is is_let
    assert len(github.asked) == is_let


def _other_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )


def _encrypted() -> str:
    return KEY.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    ).decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"githubAppPrivateKey": github_apps.pem(github_apps.key())},
            r"401.*does not take the key for the App Iv23liEXAMPLE",
        ),
        (
            {"githubAppInstallationID": "78"},
            r"404 \(Not Found\).*no installation 78.*install it for acme",
        ),
        ({"githubAppInstallationID": "../x"}, "githubAppInstallationID must be a number"),
        ({"githubAppPrivateKey": "hidden!"}, "githubAppPrivateKey: it is neither PEM"),
        ({"githubAppPrivateKey": "aGlkZGVu"}, "githubAppPrivateKey: it is base64, but not of PEM"),
        ({"githubAppPrivateKey": "-----BEGIN hidden"}, "githubAppPrivateKey: it is no private key"),
        ({"githubAppPrivateKey": _encrypted()}, "githubAppPrivateKey: it is encrypted"),
        ({"githubAppPrivateKey": _other_key()}, "githubAppPrivateKey: it is no RSA key"),
        ({"githubAppPrivateKey": "A" * 70_000}, "githubAppPrivateKey: it is longer than 64 KiB"),
    ],
)
async def test_what_is_wrong_is_said_of_the_secret(
    store: Store,
    credentials: Credentials,
    github: GitHubApps,
    values: dict[str, str],
    said: str,
) -> None:
    """With the cause and what to do, and without any of the key."""
    await store.create(_secret(github, **values), actor=ACTOR)
    with pytest.raises(
        errors.Invalid, match=f"^Secret shop/app, which holds a GitHub App: .*{said}"
    ) as raised:
        await _find(credentials, github)
    assert "hidden" not in raised.value.message


async def test_what_github_refuses_is_told_apart(
    store: Store, credentials: Credentials, github: GitHubApps
) -> None:
    """A repository that is out of reach, a suspended installation, a rate limit, a failure that passes and one that stays."""
    await store.create(_secret(github), actor=ACTOR)
    with pytest.raises(errors.Invalid, match=r"422.*give it access to acme/third"):
        await _find(credentials, github, "third")
    github.suspended = True
    with pytest.raises(errors.Invalid, match=r"403.*suspended"):
        await _find(credentials, github)
    github.suspended = False
    body = {"message": "slow down", "documentation_url": "x"}
    github.answers = [(403, {"Retry-After": "60"}, body)]
    with pytest.raises(errors.TooManyRequests, match="rate limit"):
        await _find(credentials, github)


async def test_a_failure_that_passes_is_tried_again(
    store: Store, credentials: Credentials, github: GitHubApps, clock: VirtualClock
) -> None:
    """Twice; a network that fails once does not end a Promotion."""
    await store.create(_secret(github), actor=ACTOR)
    github.answers = [(500, {}, {}), (500, {}, {})]
    finding = asyncio.create_task(_token(credentials, github))
    async with asyncio.timeout(30):
        while not finding.done():
            await asyncio.sleep(0)
            await clock.advance(0.5)
    assert (await finding).startswith("ghs_")
    github.answers = [(500, {}, {})] * 3
    finding = asyncio.create_task(_token(credentials, github, "other"))
    async with asyncio.timeout(30):
        while not finding.done():
            await asyncio.sleep(0)
            await clock.advance(0.5)
    with pytest.raises(errors.Unavailable, match=r"Secret shop/app.*500"):
        await finding


# --- Git with such a token -------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path, github: GitHubApps) -> Iterator[GitServer]:
    """A Git server that takes the newest token alone."""
    with git_server.serving(tmp_path / "served", password="nobody") as served:
        served.user = "kargo"
        served.create("acme/app.git", {"values.yaml": "tag: '1'\n"})

        def taken(token: str) -> None:
            served.password = token

        github.on_token = taken
        yield served


@pytest.fixture
async def bench(
    tmp_path: Path, server: GitServer, github: GitHubApps, credentials: Credentials
) -> Bench:
    """Git steps with the real credentials; GitHub's address leads to the Git server."""
    made = Bench(tmp_path / "bench", server)
    made.repositories = Repositories(
        git=made.git,
        root=made.root / "mirrors",
        pool=made.pool,
        rewrites=Rewrites.of({f"{server.url}/": [f"{github.url}/"]}),
    )
    made.client = replace(made.client, repositories=made.repositories, credentials=credentials)
    await made.start()
    return made


async def _promoted(bench: Bench, value: str, alias: str) -> Succeeded:
    updates = [{"key": "tag", "value": value}]
    await bench.run(
        "yaml-update", {"path": "./src/values.yaml", "updates": updates}, alias=f"u-{alias}"
    )
    await bench.run("git-commit", {"path": "./src", "message": value}, alias=f"c-{alias}")
    pushed = await bench.run("git-push", {"path": "./src"}, alias=f"p-{alias}")
    assert isinstance(pushed, Succeeded), pushed
    return pushed


async def test_git_is_spoken_with_the_token(
    store: Store, bench: Bench, server: GitServer, github: GitHubApps
) -> None:
    """Clone and push; one token does for both, and nobody is shown it."""
    await store.create(_secret(github), actor=ACTOR)
    cloned = await bench.clone(f"{github.url}/acme/app.git")
    assert isinstance(cloned, Succeeded), cloned
    await _promoted(bench, "two", "1")
    assert server.read("acme/app.git", "values.yaml") == "tag: 'two'"
    assert len(github.asked) == 1
    assert bench.client.disclosed.holds(server.password)


async def test_a_token_that_is_refused_midway_is_renewed_once(
    store: Store, bench: Bench, server: GitServer, github: GitHubApps
) -> None:
    """Git notices nothing. Where the new one is refused as well, that is the answer, and the Secret is named."""
    await store.create(_secret(github), actor=ACTOR)
    await bench.clone(f"{github.url}/acme/app.git")
    server.password = "revoked"
    await _promoted(bench, "two", "1")
    assert len(github.asked) == 2
    assert server.password.startswith("ghs_")
    assert bench.client.disclosed.holds(server.password)
    server.password = "revoked"
    github.on_token = lambda _: None
    await bench.run(
        "yaml-update",
        {"path": "./src/values.yaml", "updates": [{"key": "tag", "value": "three"}]},
        alias="u-2",
    )
    await bench.run("git-commit", {"path": "./src", "message": "3"}, alias="c-2")
    with pytest.raises(git_errors.AuthenticationFailed) as raised:
        await bench.run("git-push", {"path": "./src"}, alias="p-2")
    assert len(github.asked) == 3
    assert "ghs_" not in raised.value.message


async def test_a_repository_keeps_its_mirror_when_the_token_changes(
    store: Store, bench: Bench, github: GitHubApps, clock: VirtualClock
) -> None:
    """What was fetched stays: the mirror is the Secret's, not the token's."""
    await store.create(_secret(github), actor=ACTOR)
    url = f"{github.url}/acme/app.git"
    first = await bench.client.open(url)
    await clock.advance(3600)
    second = await bench.client.open(url)
    assert first.mirror.directory == second.mirror.directory
    assert len(github.asked) == 2
