"""Asks a server how one signs in, and signs in with the administrator's password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFIG: Final = "/v1beta1/system/public-server-config"
_LOGIN: Final = "/v1beta1/login"
_NOBODY: Final = "nobody"
"""A token that is none, for what everybody may ask."""
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedProvider:
    """The provider that a server trusts."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """How one signs in."""

    is_admin_enabled: bool
    is_open: bool
    """Whether nobody needs to."""
    oidc: TrustedProvider | None


def ways_in(server: str, *, insecure: bool = False) -> WaysIn:
    """Ask a server. Raises BadRequest for an address that is none, Unavailable, Timeout."""
    transport = Transport(server, _NOBODY, seconds=_SECONDS, insecure=insecure)
    found = transport.json("GET", _CONFIG)
    if not isinstance(found, dict):
        raise errors.Unavailable(
            f"{transport.named}: it does not say how one signs in; is it a Towpath server?"
        )
    return WaysIn(
        is_admin_enabled=found.get("adminAccountEnabled") is True,
        is_open=found.get("skipAuth") is True,
        oidc=_oidc(found.get("oidcConfig")),
    )


def with_password(server: str, password: str, *, insecure: bool = False) -> str:
    """Return the token that the administrator's password stands for.

    Raises Forbidden for another password, TooManyRequests after too many of them.
    """
    if not password or not password.isascii() or not password.isprintable():
        raise errors.BadRequest("the password is empty, or has characters that no header can carry")
    transport = Transport(server, password, seconds=_SECONDS, insecure=insecure)
    answer = transport.json("POST", _LOGIN)
    token = answer.get("idToken") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise errors.Unavailable(f"{transport.named}: it took the password and gave no token")
    return token


def _oidc(found: Any) -> TrustedProvider | None:
    if not isinstance(found, dict) or not found.get("issuerUrl"):
        return None
    return TrustedProvider(
        issuer=str(found["issuerUrl"]),
        client_id=_client(found),
        scopes=tuple(map(str, found.get("scopes") or ("openid", "profile", "email"))),
    )


def _client(found: Mapping[str, Any]) -> str:
    return str(found.get("cliClientId") or found.get("clientId") or "")
