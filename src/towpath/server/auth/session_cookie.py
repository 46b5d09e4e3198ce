"""The cookie of a session: what it is called, how it is set, read and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

NAME: Final = "towpath-session"
SECURE_NAME: Final = "__Host-towpath-session"
"""Over TLS: no other host and no page without TLS can set one of this name."""
SIGN_IN: Final = "towpath-sign-in"
"""What a browser keeps while its user is at the identity provider."""
SIGN_IN_PATH: Final = "/towpath/v1/session"
SIGN_IN_SECONDS: Final = 600


def shown(scope: Scope, *, is_https: bool) -> tuple[str, ...]:
    """Return the values of the session's cookie that a request shows; over TLS only what came over TLS."""
    wanted = SECURE_NAME if is_https else NAME
    return tuple(value for name, value in _cookies(scope) if name == wanted and value)


def sign_in(scope: Scope) -> str:
    """Return what a browser has kept of a sign-in that it has begun; empty: nothing."""
    return next((value for name, value in _cookies(scope) if name == SIGN_IN), "")


def set_session(response: Response, secret: str, *, is_https: bool) -> None:
    """Have the browser keep a session until it is closed; no script can read it, no other site have it sent."""
    response.set_cookie(
        SECURE_NAME if is_https else NAME,
        secret,
        path="/",
        secure=is_https,
        httponly=True,
        samesite="strict",
    )


def drop_session(response: Response, *, is_https: bool) -> None:
    """Have the browser forget it."""
    for name in (SECURE_NAME, NAME) if is_https else (NAME,):
        response.delete_cookie(
            name, path="/", secure=name == SECURE_NAME, httponly=True, samesite="strict"
        )


def set_sign_in(response: Response, kept: str, *, is_https: bool, base: str = "") -> None:
    """Have the browser keep what it has to show when it comes back from the identity provider.

    `base`: below which path of its host the server answers.
    """
    response.set_cookie(
        SIGN_IN,
        kept,
        max_age=SIGN_IN_SECONDS,
        path=f"{base}{SIGN_IN_PATH}",
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def drop_sign_in(response: Response, *, base: str = "") -> None:
    """Have the browser forget that."""
    response.delete_cookie(SIGN_IN, path=f"{base}{SIGN_IN_PATH}", httponly=True, samesite="lax")


def _cookies(scope: Scope) -> list[tuple[str, str]]:
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    pairs = [part.strip().partition("=") for line in lines for part in line.split(";")]
    return [(name, value) for name, _, value in pairs]
