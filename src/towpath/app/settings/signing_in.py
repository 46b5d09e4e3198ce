"""What an operator says of who may come in: the administrator's account, sessions, tokens, an identity provider."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from towpath.app.settings import wrong
from towpath.disk import private_file
from towpath.errors import Unavailable
from towpath.resources import durations
from towpath.resources.validation import names
from towpath.server.auth import addresses, passwords
from towpath.server.auth.access import AccessTerms
from towpath.server.auth.admin_account import ISSUER, AdminTerms
from towpath.server.auth.oidc.terms import OidcTerms
from towpath.server.auth.personal_tokens import PersonalTerms
from towpath.server.auth.sessions import SessionTerms
from towpath.server.auth.way_in import WayIn

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADMIN: Final = AdminTerms()
_SESSIONS: Final = SessionTerms()
_PERSONAL: Final = PersonalTerms()
_OIDC: Final = OidcTerms(issuer="", client_id="")
_CLAIM: Final = re.compile(r"[A-Za-z0-9_./:-]{1,253}")
_TAKEN: Final = frozenset({"admin", "controller", "kubernetes", "system", "unknown actor"})
"""What the names of others begin with: a claim of such a name would let people be called like them."""
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_SECRET: Final = "the secret of the identity provider's client"  # noqa: S105 - its name


class ServerSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How callers come here."""

    url: str = ""
    """Where people reach this server, such as `https://towpath.example.com`."""
    trusted_proxies: list[str] = msgspec.field(default_factory=list, name="trustedProxies")
    """Addresses and networks whose `X-Forwarded-For` and `X-Forwarded-Proto` count."""

    def way_in(self, base_path: str) -> WayIn:
        """Return the same as callers are looked at by it."""
        trusted = addresses.networks(self.trusted_proxies)
        return WayIn(trusted=trusted, url=self.url.rstrip("/"), base_path=base_path)


class AdminAccountSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The administrator's account."""

    enabled: bool = True
    password_hash: str = msgspec.field(default="", name="passwordHash")
    """Argon2id, or bcrypt as Kargo's; empty: the one in the data directory."""
    token_ttl: str = msgspec.field(default="", name="tokenTTL")

    def terms(self, url: str) -> AdminTerms:
        """Return what holds for the account; `url`: where people reach this server."""
        url = url.rstrip("/")
        return AdminTerms(
            is_enabled=self.enabled,
            hash=self.password_hash,
            seconds=_seconds(self.token_ttl, _ADMIN.seconds),
            issuer=url or ISSUER,
            audience=urlsplit(url).netloc or _ADMIN.audience,
        )


class SessionSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Sessions of browsers."""

    idle: str = ""
    absolute: str = ""

    @property
    def terms(self) -> SessionTerms:
        """The same in seconds."""
        return SessionTerms(
            idle_seconds=_seconds(self.idle, _SESSIONS.idle_seconds),
            seconds=_seconds(self.absolute, _SESSIONS.seconds),
        )


class PersonalTokenSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Personal tokens."""

    maximum_age: str = msgspec.field(default="", name="maximumAge")

    @property
    def terms(self) -> PersonalTerms:
        """The same in seconds."""
        return PersonalTerms(most_seconds=_seconds(self.maximum_age, _PERSONAL.most_seconds))


class ClaimSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Who has a system role: whoever has one of these values of one of these claims."""

    claims: dict[str, list[str]] = {}


class GlobalAccountsSettings(msgspec.Struct, forbid_unknown_fields=True):
    """ServiceAccounts whose rights people have everywhere who are mapped to them."""

    namespaces: list[str] = []
    """In which they lie, besides Kargo's own."""


class OidcSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The identity provider that vouches for people."""

    issuer_url: str = msgspec.field(name="issuerURL")
    client_id: str = msgspec.field(name="clientID")
    cli_client_id: str = msgspec.field(default="", name="cliClientID")
    client_secret_file: str = msgspec.field(default="", name="clientSecretFile")
    """A file, of mode 0600, with the secret of `clientID`, for providers that insist on one."""
    additional_scopes: list[str] = msgspec.field(
        default_factory=lambda: list(_OIDC.additional_scopes), name="additionalScopes"
    )
    username_claim: str = msgspec.field(default=_OIDC.username_claim, name="usernameClaim")
    admins: ClaimSettings = msgspec.field(default_factory=ClaimSettings)
    viewers: ClaimSettings = msgspec.field(default_factory=ClaimSettings)
    users: ClaimSettings = msgspec.field(default_factory=ClaimSettings)
    project_creators: ClaimSettings = msgspec.field(
        default_factory=ClaimSettings, name="projectCreators"
    )
    global_service_accounts: GlobalAccountsSettings = msgspec.field(
        default_factory=GlobalAccountsSettings, name="globalServiceAccounts"
    )

    def terms(self) -> OidcTerms:
        """Return the same as people are looked at by it. Raises Unavailable for a secret that cannot be read."""
        secret = b""
        if self.client_secret_file:
            secret = private_file.read(Path(self.client_secret_file), _SECRET, is_ours=False)
        return OidcTerms(
            issuer=self.issuer_url,
            client_id=self.client_id,
            cli_client_id=self.cli_client_id,
            client_secret=secret.decode("utf-8", "replace").strip(),
            additional_scopes=tuple(self.additional_scopes),
            username_claim=self.username_claim,
        )

    @property
    def system_roles(self) -> dict[str, dict[str, list[str]]]:
        """Claims by the system role that they give."""
        return {
            "kargo-admin": self.admins.claims,
            "kargo-viewer": self.viewers.claims,
            "kargo-user": self.users.claims,
            "kargo-project-creator": self.project_creators.claims,
        }


def terms(
    server: ServerSettings,
    sessions: SessionSettings,
    tokens: PersonalTokenSettings,
    oidc: OidcSettings | None,
    *,
    base_path: str = "",
) -> AccessTerms:
    """Return what the settings come to; `base_path`: below which path of its host the server answers. Raises Unavailable for a file that cannot be read."""
    return AccessTerms(
        sessions=sessions.terms,
        personal=tokens.terms,
        way_in=server.way_in(base_path),
        oidc=oidc.terms() if oidc else None,
    )


def problems(
    server: ServerSettings,
    admin: AdminAccountSettings,
    sessions: SessionSettings,
    tokens: PersonalTokenSettings,
    oidc: OidcSettings | None,
) -> Iterator[tuple[str, str]]:
    """Yield each key that is wrong, and why."""
    if server.url:
        yield from wrong.url("server.url", server.url)
    for number, text in enumerate(server.trusted_proxies):
        try:
            addresses.networks([text])
        except ValueError:
            yield (
                f"server.trustedProxies[{number}]",
                f"{text!r} is no address, and no network such as 10.0.0.0/8",
            )
    if admin.password_hash and not passwords.is_hash(admin.password_hash):
        yield (
            "adminAccount.passwordHash",
            "it is no hash of Argon2id or bcrypt: run towpath admin password",
        )
    for key, text in (
        ("adminAccount.tokenTTL", admin.token_ttl),
        ("sessions.idle", sessions.idle),
        ("sessions.absolute", sessions.absolute),
        ("personalTokens.maximumAge", tokens.maximum_age),
    ):
        yield from wrong.span(key, text, may_be_none=False)
    if oidc is not None:
        yield from _wrong_oidc(oidc)
        if server.url and _is_same(server.url, oidc.issuer_url):
            yield (
                "oidc.issuerURL",
                "it is the address of this server, server.url, which signs tokens of its own: name the provider's",
            )


def _is_same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()


def _wrong_oidc(oidc: OidcSettings) -> Iterator[tuple[str, str]]:
    yield from wrong.url("oidc.issuerURL", oidc.issuer_url)
    if not oidc.client_id:
        yield "oidc.clientID", "name the client as which the web UI is known to the provider"
    claim = oidc.username_claim
    if not _CLAIM.fullmatch(claim) or claim.partition(":")[0] in _TAKEN:
        yield (
            "oidc.usernameClaim",
            f"{claim!r} cannot be a name's claim: take email, sub or preferred_username",
        )
    for number, scope in enumerate(oidc.additional_scopes):
        if not _SCOPE.fullmatch(scope):
            yield f"oidc.additionalScopes[{number}]", f"{scope!r} is no scope"
    for number, name in enumerate(oidc.global_service_accounts.namespaces):
        if names.wrong_with_label(name):
            yield (
                f"oidc.globalServiceAccounts.namespaces[{number}]",
                f"{name!r} is no name of a namespace",
            )
    if oidc.client_secret_file:
        try:
            private_file.read(Path(oidc.client_secret_file), _SECRET, is_ours=False)
        except Unavailable as error:
            yield "oidc.clientSecretFile", error.message
    for key, who in (
        ("admins", oidc.admins),
        ("viewers", oidc.viewers),
        ("users", oidc.users),
        ("projectCreators", oidc.project_creators),
    ):
        for claim, values in who.claims.items():
            if not values or not all(values):
                yield (
                    f"oidc.{key}.claims.{claim}",
                    "name at least one value, and none that is empty",
                )


def _seconds(text: str, usual: float) -> float:
    span = durations.span(text)
    return span.total_seconds() if span is not None else usual
