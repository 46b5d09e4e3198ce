"""Which server a command speaks to, as whom, and which Project it means.

The first of these that says it: `--server`; `--context`; `TOWPATH_SERVER`; `TOWPATH_CONTEXT`; `KARGO_API_ADDRESS` with
`KARGO_API_TOKEN`; the current context of our file; the file of Kargo's own command line. A token goes only to the server
that it is for: that of a context to the context's address, that of the environment to the environment's or to `--server`.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from towpath.cli.contexts import context_file
from towpath.cli.contexts.wanted_server import WantedServer, wanted
from towpath.cli.environment import environment
from towpath.disk import reading
from towpath.errors import BadRequest, Unauthenticated

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.cli.contexts.context_file import ServerContext
    from towpath.config import Environment
    from towpath.sdk.client import Client

_LARGEST_TOKEN: Final = 64 << 10
_EARLY: Final = 10.0
"""Seconds: a token that ends so soon is renewed now."""
_REMEDY: Final = (
    "log in with `towpath login`, set TOWPATH_TOKEN, or name its file with --token-file: the server's data directory "
    "has it in the file admin-token"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenServer:
    """A server that was chosen."""

    address: str
    token: str = ""
    project: str = ""
    insecure: bool = False
    context: ServerContext | None = None
    """Where it comes from; None for options and environment."""
    is_kargos: bool = False
    """Whether the context is that of Kargo's own file, which is not written to."""


def chosen(asked: WantedServer, settings: Environment | None = None) -> ChosenServer | None:
    """Return the server that is meant, None if nothing names one. Raises BadRequest, NotFound for a context that is not there."""
    settings = settings or environment()
    if asked.server and asked.context:
        raise BadRequest("--server and --context both name a server; give one of them")
    found = _chosen(asked, settings)
    if found is None:
        return None
    token = of_file(asked.token_file) if asked.token_file else found.token
    return replace(
        found, token=token, insecure=found.insecure or asked.insecure or settings.insecure
    )


def _chosen(asked: WantedServer, settings: Environment) -> ChosenServer | None:
    name = asked.context or (None if asked.server or settings.server else settings.context)
    if name:
        return _of(context_file.read(settings.contexts).named(name), settings)
    address = asked.server or settings.server
    if address:
        if settings.token:
            return ChosenServer(address=address, token=settings.token)
        known = context_file.read(settings.contexts).at(address)
        if known is not None:
            return _of(known, settings)
        is_kargos = settings.kargo_server == address and settings.kargo_token
        return ChosenServer(
            address=address, token=(settings.kargo_token or "") if is_kargos else ""
        )
    if settings.kargo_server and settings.kargo_token:
        return ChosenServer(address=settings.kargo_server, token=settings.kargo_token)
    servers = context_file.read(settings.contexts)
    if servers.current:
        return _of(servers.named(servers.current), settings)
    if servers.contexts:
        return None
    kargos = context_file.read_kargos(settings.kargo_contexts)
    return None if kargos is None else replace(_of(kargos, settings), is_kargos=True)


def _of(context: ServerContext, settings: Environment) -> ChosenServer:
    return ChosenServer(
        address=context.address,
        token=context.token or (settings.token or "" if not settings.server else ""),
        project=context.project,
        insecure=context.insecure,
        context=context,
    )


def default_project() -> str | None:
    """Return the Project that is meant where none is named: TOWPATH_PROJECT, else that of the server's context."""
    settings = environment()
    if settings.project:
        return settings.project
    found = chosen(replace(wanted(), token_file=None), settings)
    return (found.project if found is not None else "") or None


def named(asked: WantedServer) -> ChosenServer:
    """Return the server that is meant. Raises BadRequest, with the remedy, if nothing names one."""
    found = chosen(asked)
    if found is None:
        known = context_file.read(environment().contexts).contexts
        which = (
            ""
            if not known
            else f"choose one of {', '.join(each.name for each in known)} with `towpath config use-context`, or "
        )
        raise BadRequest(
            f"no server is named: {which}log in with `towpath login`, set TOWPATH_SERVER (such as http://127.0.0.1:8080), "
            "or give --server; `towpath up` runs one"
        )
    return found


def connect(asked: WantedServer, *, seconds: float | None = None) -> Client:
    """Return a client of the server that is meant; `seconds`: how long one answer may take.

    Raises BadRequest, with the remedy, if nothing names one or the token is missing, Unauthenticated for one that has ended.
    """
    from towpath.sdk.client import Client

    found = named(asked)
    if not found.token:
        raise BadRequest(f"there is no token for the server {found.address}: {_REMEDY}")
    is_brief = seconds is not None  # nobody waits for another sign-in then
    token = found.token if asked.token_file else _fresh(found, may_renew=not is_brief)
    address = found.address.rstrip("/")
    if seconds is None:
        return Client(address, token, insecure=found.insecure)
    return Client(address, token, seconds=seconds, insecure=found.insecure)


def _fresh(found: ChosenServer, *, may_renew: bool) -> str:
    """Return the token, renewed if it has ended and can be. Raises Unauthenticated if not."""
    context = found.context
    ends = end_of(found.token)
    if ends is None or ends - _EARLY > time.time():
        return found.token
    again = "towpath login" + (
        f" --context {context.name}" if context and not found.is_kargos else ""
    )
    if context is None or not context.refresh_token or not may_renew:
        if ends > time.time():
            return found.token
        raise Unauthenticated(f"the token for {found.address} is expired; log in again: {again}")
    from towpath.cli.contexts import signing_in

    renewed = signing_in.renewed(context, again, keeps=not found.is_kargos)
    return renewed.token


def end_of(token: str) -> float | None:
    """Return when a token ends, in seconds since 1970, if it says so (a JWT with `exp`)."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return None


def of_file(file: Path) -> str:
    """Return the token in a file. Raises BadRequest, with the remedy, for one that has none."""
    try:
        found = reading.read(file, _LARGEST_TOKEN).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadRequest(f"--token-file {file}: cannot be read: {why}; {_REMEDY}") from error
    if not found:
        raise BadRequest(f"--token-file {file}: it is empty; {_REMEDY}")
    return found
