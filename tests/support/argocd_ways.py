"""The ways to Argo CD, opened as an operator would; what a watch yields; the ready manifests of least rights."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from towpath.clients.argocd import opening
from towpath.clients.argocd.opening import ConnectionSurroundings
from towpath.clients.argocd.server_access import Bearer, ServerAccess
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from tests.support.argocd_answers import Scripted
    from towpath.clients.argocd import ApplicationEvent, ArgoCD
    from towpath.clock import Clock

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "argocd"


@asynccontextmanager
async def kubernetes(
    server: Scripted, *, clock: Clock | None = None, namespaces: tuple[str, ...] = (), **more: Any
) -> AsyncIterator[ArgoCD]:
    """Open a connection by Kubernetes, as an operator would."""
    access = ServerAccess(
        server=server.url,
        bearer=more.pop("bearer", Bearer(token="tok-secret")),
        source="kubeconfig k",
        **more,
    )
    around = ConnectionSurroundings(clock=clock or SystemClock())
    async with opening.by_kubernetes(
        "prod", access, around, namespaces=namespaces, is_operators=True
    ) as opened:
        yield opened.watched[0][1] if namespaces else opened.api


@asynccontextmanager
async def rest(server: Scripted, *, clock: Clock | None = None) -> AsyncIterator[ArgoCD]:
    """Open a connection by REST."""
    access = ServerAccess(server=server.url, bearer=Bearer(token="tok-secret"), source="Secret s")
    async with opening.by_rest(
        "eu", access, ConnectionSurroundings(clock=clock or SystemClock()), is_operators=True
    ) as opened:
        yield opened.api


async def taken(watch: AsyncGenerator[ApplicationEvent], number: int) -> list[tuple[str, str, str]]:
    """Return kind, name and version of the next events of a watch."""
    async with asyncio.timeout(20):
        events = [await anext(watch) for _ in range(number)]
    return [(event.kind.value, event.name, event.version) for event in events]


def manifests(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file."""
    return list(yaml.safe_load_all((FOLDER / name).read_text()))
