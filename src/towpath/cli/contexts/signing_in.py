"""Getting a token for a server, by password, browser, code or kubeconfig, and renewing it."""

from __future__ import annotations

import sys
import time
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli import terminal
from towpath.cli.contexts import context_file
from towpath.cli.environment import environment
from towpath.errors import BadRequest, Unauthenticated

if TYPE_CHECKING:
    from towpath.cli.contexts.context_file import ServerContext
    from towpath.sdk.oidc import DeviceCode, Tokens
    from towpath.sdk.signing_in import WaysIn

_SECONDS_FOR_A_PERSON: Final = 300.0
METHODS: Final = ("admin", "sso", "device", "kubeconfig")
_LARGEST: Final = 4 << 20


def signed_in(context: ServerContext, password: str | None) -> ServerContext:
    """Return a context with the tokens that its way of signing in gives.

    Raises BadRequest for a way that the server does not have, and whatever the way itself raises.
    """
    from towpath.sdk import signing_in

    if context.auth_method == "kubeconfig":
        return replace(context, token=_of_kubeconfig())
    ways = signing_in.ways_in(context.address, insecure=context.insecure)
    if context.auth_method == "admin":
        if not ways.is_admin_enabled:
            raise BadRequest(
                f"{context.address}: nobody signs in there with the administrator's password; {_instead(ways)}"
            )
        secret = _password() if password is None else password
        token = signing_in.with_password(context.address, secret, insecure=context.insecure)
        return replace(context, token=token, refresh_token="")
    tokens = _with_provider(context, ways)
    # as Kargo's: what cannot be trusted gets no token that can be renewed
    kept = "" if context.insecure else tokens.refresh_token
    return replace(context, token=tokens.id_token, refresh_token=kept)


def renewed(context: ServerContext, again: str, *, keeps: bool) -> ServerContext:
    """Return a context with a new token, which is kept in our file. Raises Unauthenticated if the provider gives none."""
    from towpath.sdk import signing_in
    from towpath.sdk.oidc import OpenIdProvider

    ways = signing_in.ways_in(context.address, insecure=context.insecure)
    if ways.oidc is None:
        raise Unauthenticated(f"the token for {context.address} is expired; log in again: {again}")
    try:
        tokens = OpenIdProvider(ways.oidc, insecure=context.insecure).renewed(context.refresh_token)
    except Unauthenticated as error:
        raise Unauthenticated(f"{error.message}; log in again: {again}") from None
    found = replace(context, token=tokens.id_token, refresh_token=tokens.refresh_token)
    if keeps:
        context_file.change(environment().contexts, lambda servers: servers.with_(found))
    return found


def open_in_browser(address: str) -> bool:
    """Open an address in the browser of this machine; return whether there is one."""
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


def _with_provider(context: ServerContext, ways: WaysIn) -> Tokens:
    from towpath.sdk.oidc import OpenIdProvider

    if ways.oidc is None:
        raise BadRequest(f"{context.address}: it trusts no OpenID provider; {_instead(ways)}")
    provider = OpenIdProvider(ways.oidc, insecure=context.insecure)
    if context.auth_method == "device":
        return provider.by_code(_show_code, time.sleep, time.monotonic)
    return provider.in_browser(context.callback_port, _show_address, _SECONDS_FOR_A_PERSON)


def _instead(ways: WaysIn) -> str:
    there = [
        *(["--admin"] if ways.is_admin_enabled else []),
        *(["--sso", "--device"] if ways.oidc is not None else []),
    ]
    if there:
        return f"there is {' and '.join(there)}"
    return "name a token with TOWPATH_TOKEN or --token-file instead (`towpath login --token-file FILE` keeps it)"


def _show_address(address: str) -> None:
    if not open_in_browser(address):
        terminal.say(
            "No browser could be opened. Sign in at this address, on this machine:", err=True
        )
        terminal.say(address, err=True)
    else:
        terminal.say(f"Sign in in the browser that has opened, or at {address}", err=True)


def _show_code(code: DeviceCode) -> None:
    terminal.say(f"Sign in at {code.address} and type in the code {code.code}", err=True)
    if code.whole_address:
        terminal.say(f"or open {code.whole_address}", err=True)


def _password() -> str:
    if not sys.stdin.isatty():
        raise BadRequest(
            "there is no terminal to ask for the password; give --password-stdin and pipe it in"
        )
    return str(click.prompt("Admin user password", hide_input=True, err=True))


def _of_kubeconfig() -> str:
    """Return the token of the current user of the kubeconfig (KUBECONFIG, else ~/.kube/config). Raises BadRequest without one."""
    import yaml

    from towpath.disk import reading

    path = environment().kubeconfig
    try:
        text = reading.read(path, _LARGEST)
        found: Any = yaml.safe_load(text)
        contexts = {each["name"]: each["context"] for each in found.get("contexts") or []}
        users = {each["name"]: each.get("user") or {} for each in found.get("users") or []}
        user = users[contexts[found["current-context"]]["user"]]
    except OSError as error:
        raise BadRequest(f"--kubeconfig: {path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, RecursionError):
        raise BadRequest(f"--kubeconfig: {path}: it has no current context with a user") from None
    token = user.get("token")
    if not token and user.get("tokenFile"):
        from pathlib import Path

        try:
            token = reading.read(Path(user["tokenFile"]), _LARGEST).decode().strip()
        except (OSError, UnicodeDecodeError):
            token = None
    if not token:
        raise BadRequest(
            f"--kubeconfig: {path}: the user of its current context has no token; Towpath takes tokens only, such as those of "
            "`towpath kubeconfig`, `kubectl create token` and `towpath create token`"
        )
    return str(token)
