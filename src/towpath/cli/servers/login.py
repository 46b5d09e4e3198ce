"""`towpath login`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from towpath.cli.options import FILE, completing
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.cli.contexts.context_file import KnownServers, ServerContext

_LARGEST_PASSWORD: Final = 4096
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


@click.command("login")
@click.argument("server", required=False, metavar="[ADDRESS]")
@click.option("--admin", is_flag=True, help="Sign in with the administrator's password.")
@click.option("--sso", is_flag=True, help="Sign in with the OpenID provider, in the browser.")
@click.option(
    "--device", is_flag=True, help="The same, by a code that is typed in on another machine."
)
@click.option("--kubeconfig", is_flag=True, help="Take the token of the kubeconfig's current user.")
@click.option("--token-file", type=FILE, help="Keep the token in this file.")
@click.option(
    "--password",
    metavar="TEXT",
    help="The password; others on this machine can see it there: leave it out and be asked, or use --password-stdin.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="--sso: port that the browser comes back to; 0 (as it is) for any.",
)
@click.option(
    "--context",
    metavar="NAME",
    help="What to call the server; its host name if not given.",
    shell_complete=completing("contexts"),
)
@click.option("--project", "-p", metavar="NAME", help="The Project that commands there mean.")
@click.option(
    "--insecure-skip-tls-verify",
    "insecure",
    is_flag=True,
    help="Do not look at the server's certificate; kept.",
)
def command(
    server: str | None,
    admin: bool,
    sso: bool,
    device: bool,
    kubeconfig: bool,
    token_file: Path | None,
    password: str | None,
    password_stdin: bool,
    port: int | None,
    context: str | None,
    project: str | None,
    insecure: bool,
) -> None:
    """Sign in to a server, and keep its address and token for later commands.

    They are kept in $XDG_CONFIG_HOME/towpath/config (else ~/.config), which only you may read; `towpath logout` forgets them.
    Without ADDRESS and way it signs in to the current server again, the way it was done the last time. An ADDRESS without a
    scheme is taken to begin with https://.

    \b
    Examples:
      towpath login https://towpath.example.com --sso
      towpath login towpath.example.com --device --context prod
      towpath login http://127.0.0.1:8080 --admin --password-stdin < password
      towpath login http://127.0.0.1:8080 --token-file towpath-data/admin-token
      towpath login
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import connection, context_file, signing_in
    from towpath.cli.contexts.wanted_server import WantedServer
    from towpath.cli.environment import environment

    path = environment().contexts
    given = [
        name
        for name, is_given in (
            ("admin", admin),
            ("sso", sso),
            ("device", device),
            ("kubeconfig", kubeconfig),
            ("token", token_file),
        )
        if is_given
    ]
    if len(given) > 1:
        raise BadRequest(
            "login: give one of --admin, --sso, --device, --kubeconfig and --token-file"
        )
    known = context_file.read(path)
    method = given[0] if given else ""
    before = _before(known, server, context, environment().kargo_contexts)
    wanted = _wanted(known, before, server, context, method)
    wanted = _with(wanted, insecure=insecure, port=port, project=project)
    if (password is not None or password_stdin) and wanted.auth_method != "admin":
        raise BadRequest("login: --password and --password-stdin go with --admin")
    _warn(wanted)
    if token_file is not None:
        token = connection.of_file(token_file)
        wanted = _checked(wanted, token)
    else:
        secret = _of_stdin() if password_stdin else password
        wanted = signing_in.signed_in(wanted, secret)
    context_file.change(path, lambda servers: servers.with_(wanted, current=True))
    terminal.tell(f"signed in to {wanted.address}, from now on context {wanted.name}")
    if connection.chosen(WantedServer()) not in (
        None,
        connection.chosen(WantedServer(context=wanted.name)),
    ):
        terminal.say(
            "towpath: warning: the environment names another server, which commands speak to before any context "
            "(TOWPATH_SERVER, TOWPATH_CONTEXT, KARGO_API_ADDRESS)",
            err=True,
        )


def _warn(context: ServerContext) -> None:
    """Say where what is secret could be read or taken by others on its way."""
    from towpath.cli import terminal

    parts = urlsplit(context.address)
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        terminal.say(
            f"towpath: warning: {context.address}: passwords and tokens go there in the clear; name it with https:// if you can",
            err=True,
        )
    if context.insecure:
        terminal.say(
            f"towpath: warning: the certificate of {context.address} is not looked at, now and later: another server could "
            "take the token",
            err=True,
        )


def _before(
    known: KnownServers, server: str | None, context: str | None, kargos: Path
) -> ServerContext | None:
    """Return the context that is signed in to again, None for a new one."""
    from towpath.cli.contexts import context_file

    if context is not None:
        return next((each for each in known.contexts if each.name == context), None)
    if server is not None:
        return known.at(address_of(server))
    return known.meant or context_file.read_kargos(kargos)


def _wanted(
    known: KnownServers,
    before: ServerContext | None,
    server: str | None,
    context: str | None,
    method: str,
) -> ServerContext:
    """Return what is signed in to, and how. Raises BadRequest if that is not said."""
    from dataclasses import replace

    from towpath.cli.contexts.context_file import ServerContext

    if server is None and before is None:
        raise BadRequest(
            "login: name the server and one way, as in: towpath login https://towpath.example.com --sso"
        )
    if not method:
        method = before.auth_method if before is not None else ""
        if method in ("", "token"):
            raise BadRequest(
                "login: give one of --admin, --sso, --device, --kubeconfig and --token-file"
            )
    if before is not None:
        address = before.address if server is None else address_of(server)
        return replace(before, address=address, auth_method=method)
    address = address_of(server or "")
    return ServerContext(
        name=context or _free_name(known, address), address=address, auth_method=method
    )


def _with(
    context: ServerContext, *, insecure: bool, port: int | None, project: str | None
) -> ServerContext:
    from dataclasses import replace

    return replace(
        context,
        insecure=context.insecure or insecure,
        callback_port=context.callback_port if port is None else port,
        project=context.project if project is None else project,
    )


def _checked(context: ServerContext, token: str) -> ServerContext:
    """Return a context with a token that its server takes. Raises what the server answers."""
    from dataclasses import replace

    from towpath.sdk.client import Client

    Client(context.address, token, seconds=30, insecure=context.insecure).version()
    return replace(context, token=token, refresh_token="")


def address_of(text: str) -> str:
    """Return an address with its scheme, https if it has none. Raises BadRequest for what is none."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest(f"login: {text!r} is no address such as https://towpath.example.com")
    if parts.username is not None or parts.password is not None:
        raise BadRequest("login: the address must not have a user or password in it")
    return address.rstrip("/")


def _free_name(known: KnownServers, address: str) -> str:
    """Return the host name; with its port, then a number, where that is taken."""
    parts = urlsplit(address)
    host = parts.hostname or "server"
    taken = {each.name for each in known.contexts}
    names = [
        host,
        f"{host}:{parts.port or 443}",
        *(f"{host}-{n}" for n in range(2, len(taken) + 3)),
    ]
    return next(name for name in names if name not in taken)


def _of_stdin() -> str:
    text = sys.stdin.buffer.read(_LARGEST_PASSWORD + 1)
    try:
        found = text.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadRequest("--password-stdin: it is not text in UTF-8") from None
    if not found or len(text) > _LARGEST_PASSWORD:
        raise BadRequest("--password-stdin: it is empty, or too long for a password")
    return found
