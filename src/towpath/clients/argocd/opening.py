"""Opens what a connection needs: sockets of its own, because who certifies its server and what it is shown are its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from towpath.clients.argocd import kubernetes, rest
from towpath.clients.argocd.bearers import Bearers
from towpath.clients.argocd.kubernetes import KubernetesArgoCD
from towpath.clients.argocd.requests import ServerRequests
from towpath.clients.argocd.rest import RestArgoCD
from towpath.clients.argocd.server_access import ssl_context
from towpath.clients.http import Egress, urls
from towpath.clients.http.guard import Guard

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from towpath.clients.argocd.contract import ArgoCD
    from towpath.clients.argocd.requests import Remedies
    from towpath.clients.argocd.server_access import ServerAccess, TlsAccess
    from towpath.clock import Clock

_PER_SECOND: Final = 200.0
"""Requests to one server: hundreds of Stages may promote at once, and servers say themselves when it is too much (429)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSurroundings:
    """What all connections are opened with."""

    clock: Clock
    allowed: tuple[str, ...] = ()
    """Addresses of this machine, `HOST:PORT`, that may be reached."""
    own: tuple[str, ...] = ()
    """Our own listeners."""
    trust: ssl.SSLContext | None = None
    """Who certifies servers that name no authority; None: the machine's authorities."""
    programs: str = ""
    """Where programs that give credentials are looked for, as in `PATH`."""


@dataclass(frozen=True, slots=True)
class OpenArgoCD:
    """An installation that can be asked."""

    api: ArgoCD
    watched: Sequence[tuple[str, ArgoCD]]
    """What is watched: by namespace, the empty one standing for all."""


@asynccontextmanager
async def by_kubernetes(
    name: str,
    access: ServerAccess,
    around: ConnectionSurroundings,
    *,
    namespaces: Sequence[str] = (),
    is_operators: bool = False,
) -> AsyncIterator[OpenArgoCD]:
    """Open a connection to the API server that holds the Applications. Raises BadRequest, Unauthenticated.

    `namespaces`: those that are watched; none: all. `is_operators`: whether the operator has named the address, which may
    then be one of this machine.
    """
    async with requesting(
        name, access, around, kubernetes.REMEDIES, is_operators=is_operators
    ) as requests:
        each = [
            (one, KubernetesArgoCD(requests, around.clock, namespace=one)) for one in namespaces
        ]
        whole = KubernetesArgoCD(requests, around.clock)
        yield OpenArgoCD(whole, each or [("", whole)])


@asynccontextmanager
async def by_rest(
    name: str, access: ServerAccess, around: ConnectionSurroundings, *, is_operators: bool = False
) -> AsyncIterator[OpenArgoCD]:
    """Open a connection to Argo CD's own API. Raises as `by_kubernetes` does."""
    async with requesting(
        name, access, around, rest.REMEDIES, is_operators=is_operators
    ) as requests:
        api = RestArgoCD(requests, around.clock)
        yield OpenArgoCD(api, [("", api)])


@asynccontextmanager
async def requesting(
    name: str,
    access: ServerAccess,
    around: ConnectionSurroundings,
    remedies: Remedies,
    *,
    is_operators: bool,
    told: str = "Argo CD connection",
) -> AsyncIterator[ServerRequests]:
    """Open the way to one server. `told`: what it is, in messages, before its name."""
    bearers = Bearers(access.bearer, around.clock, source=access.source, programs=around.programs)
    tls = await _tls(access, bearers)
    context = await asyncio.to_thread(ssl_context, tls, around.trust, access.source)
    named = [access.server, *([access.proxy] if access.proxy else [])] if is_operators else []
    guard = Guard(allow=(*around.allowed, *map(_address, named)), own=around.own)
    async with Egress(
        guard=guard,
        clock=around.clock,
        per_second=_PER_SECOND,
        trust=context,
        server_name=access.tls.server_name,
    ) as egress:
        yield ServerRequests(
            name,
            access,
            egress=egress,
            bearers=bearers,
            clock=around.clock,
            remedies=remedies,
            told=told,
        )


async def _tls(access: ServerAccess, bearers: Bearers) -> TlsAccess:
    """Return what TLS takes, with the client certificate that a program gives, where one does."""
    if access.bearer.plugin is None:
        return access.tls
    shown = await bearers.shown()
    if not shown.certificate:
        return access.tls
    return replace(access.tls, certificate=shown.certificate, key=shown.key)


def _address(url: str) -> str:
    host, port = urls.split(url).where
    return f"{urls.bracketed(host)}:{port}"
