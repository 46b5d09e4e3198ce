"""What lets people in: made at the first start, and as the operator's settings say."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import stores
from towpath.admission import default_roles, namespaces
from towpath.app import admin_files
from towpath.app.entrance import Entrance
from towpath.app.settings import signing_in
from towpath.app.settings.operator import OperatorSettings
from towpath.app.settings.signing_in import (
    AdminAccountSettings,
    ClaimSettings,
    GlobalAccountsSettings,
    OidcSettings,
    ServerSettings,
)
from towpath.cli import main
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.server.auth import passwords

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Store

CLAIMS = "rbac.kargo.akuity.io/claims"


def opened(data: Path, **settings: Any) -> Entrance:
    """Return what a start makes of a data directory."""
    return Entrance.of(data, OperatorSettings(**settings), VirtualClock())


async def test_a_password_is_made_once_and_kept_as_its_hash(tmp_path: Path) -> None:
    """The next start knows it and does not; only the owner reads the file, which does not hold it."""
    first = opened(tmp_path)
    path = tmp_path / "admin-password"
    assert len(first.new_password) >= 20
    assert path.stat().st_mode & 0o777 == 0o600
    assert first.new_password not in path.read_text()
    assert path.read_text().startswith("$argon2id$")
    assert first.new_password not in repr(first)
    second = opened(tmp_path)
    assert second.new_password == ""
    assert await second.account.matches(first.new_password)


async def test_what_is_configured_goes_before_and_makes_nothing(tmp_path: Path) -> None:
    """A hash of the settings; and an account that is disabled has no password at all."""
    hash_ = passwords.hashed("of the settings")
    found = opened(tmp_path, admin_account=AdminAccountSettings(password_hash=hash_))
    assert await found.account.matches("of the settings")
    disabled = opened(tmp_path, admin_account=AdminAccountSettings(enabled=False))
    assert not disabled.account.is_enabled
    assert not (tmp_path / "admin-password").exists()


async def test_a_password_that_is_set_counts_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `towpath admin password`, which takes the first line of its input; one that is too short is refused."""
    running = opened(tmp_path)
    stamp = running.account.stamp
    monkeypatch.setattr("sys.stdin", io.StringIO("a new password\n"))
    assert main.run(["admin", "password", "--data", str(tmp_path)]) == 0
    assert "a new password" not in capsys.readouterr().out
    assert await running.account.matches("a new password")
    assert running.account.stamp != stamp
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main.run(["admin", "password", "--data", str(tmp_path)]) == 1
    assert await running.account.matches("a new password")
    stamp = running.account.stamp
    assert main.run(["admin", "sign-out-everyone", "--data", str(tmp_path)]) == 0
    assert running.account.stamp != stamp
    assert main.run(["admin", "sign-out-everyone", "--data", str(tmp_path / "none")]) == 1


def test_without_a_folder_the_hash_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the configuration; a generated password goes where the hash does not."""
    monkeypatch.setattr("sys.stdin", io.StringIO("a new password"))
    assert main.run(["admin", "password"]) == 0
    assert passwords.matches(capsys.readouterr().out.strip(), "a new password")
    assert main.run(["admin", "password", "--generate"]) == 0
    told = capsys.readouterr()
    assert passwords.matches(told.out.strip(), told.err.strip().removeprefix("password: "))


async def claims_of(store: Store, name: str) -> Any:
    """Return whom a system role is of."""
    found = await store.get(Ref(scheme.SERVICE_ACCOUNT, "kargo", name))
    said = (found.document["metadata"].get("annotations") or {}).get(CLAIMS)
    return json.loads(said) if said else None


async def test_system_roles_are_of_whom_the_settings_name_and_of_nobody_whom_they_named_before(
    tmp_path: Path,
) -> None:
    """What somebody annotated themselves stays where the settings name nobody."""
    admins = ClaimSettings(claims={"groups": ["platform"]})
    named = OidcSettings(issuer_url="https://idp.example", client_id="web", admins=admins)
    async with stores.opened(tmp_path / "store", clock=VirtualClock()) as store:
        await namespaces.ensure_system(store, actor="test")
        await default_roles.ensure(store, actor="test")

        def annotated(document: Any) -> Any:
            metadata = {**document["metadata"], "annotations": {CLAIMS: '{"email": ["a@b.c"]}'}}
            return {**document, "metadata": metadata}

        viewer = Ref(scheme.SERVICE_ACCOUNT, "kargo", "kargo-viewer")
        await store.patch(viewer, annotated, actor="test")
        (tmp_path / "data").mkdir()
        await opened(tmp_path / "data", oidc=named).map_claims(store)
        assert await claims_of(store, "kargo-admin") == {"groups": ["platform"]}
        revision = store.revision()
        await opened(tmp_path / "data", oidc=named).map_claims(store)
        assert store.revision() == revision
        await opened(tmp_path / "data").map_claims(store)
        assert await claims_of(store, "kargo-admin") is None
        assert await claims_of(store, "kargo-viewer") == {"email": ["a@b.c"]}


@pytest.mark.parametrize(
    ("key", "server", "admin", "oidc"),
    [
        ("server.url", {"url": "towpath.example"}, {}, None),
        ("server.url", {"url": "https://u:p@towpath.example"}, {}, None),
        ("server.trustedProxies[0]", {"trusted_proxies": ["10.0.0.0/99"]}, {}, None),
        ("adminAccount.passwordHash", {}, {"password_hash": "plain"}, None),
        ("adminAccount.tokenTTL", {}, {"token_ttl": "0s"}, None),
        ("adminAccount.tokenTTL", {}, {"token_ttl": "a day"}, None),
        ("oidc.issuerURL", {}, {}, {"issuer_url": "ldap://x"}),
        (
            "oidc.issuerURL",
            {"url": "https://IDP.example"},
            {},
            {"issuer_url": "https://idp.example/"},
        ),
        ("oidc.clientID", {}, {}, {"client_id": ""}),
        ("oidc.usernameClaim", {}, {}, {"username_claim": "system"}),
        ("oidc.usernameClaim", {}, {}, {"username_claim": "kubernetes:x"}),
        ("oidc.additionalScopes[0]", {}, {}, {"additional_scopes": ["a b"]}),
        ("oidc.clientSecretFile", {}, {}, {"client_secret_file": "/nonexistent"}),
        (
            "oidc.globalServiceAccounts.namespaces[0]",
            {},
            {},
            {"global_service_accounts": GlobalAccountsSettings(namespaces=["No Name"])},
        ),
        ("oidc.admins.claims.groups", {}, {}, {"admins": ClaimSettings(claims={"groups": []})}),
    ],
)
def test_settings_that_cannot_be_are_named(key: str, server: Any, admin: Any, oidc: Any) -> None:
    """Before the server starts."""
    base = {"issuer_url": "https://idp.example", "client_id": "web"}
    found = signing_in.problems(
        ServerSettings(**server),
        AdminAccountSettings(**admin),
        signing_in.SessionSettings(),
        signing_in.PersonalTokenSettings(),
        None if oidc is None else OidcSettings(**{**base, **oidc}),
    )
    assert [name for name, _ in found] == [key]


def test_a_chosen_password_has_a_least_length_and_no_control_characters() -> None:
    """Said before it is hashed."""
    for text in ("short", " padded password", "with\ttabulator", "x" * 2_000):
        with pytest.raises(Exception, match="the password must"):
            admin_files.check(text)
