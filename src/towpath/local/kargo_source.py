"""Where the objects of a Project of Kargo come from: a folder of manifests, or a cluster that a kubeconfig leads to."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from towpath.clients.argocd import kubeconfig, opening
from towpath.clients.argocd.opening import ConnectionSurroundings
from towpath.clients.argocd.requests import Remedies, ServerRequests, path
from towpath.clock import SystemClock
from towpath.disk import reading
from towpath.errors import BadRequest, NotFound
from towpath.resources import manifests
from towpath.transfer import contents

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_PAGE: Final = 500
_REMEDIES: Final = Remedies(
    unauthenticated="the token or certificate is not accepted, or has ended: renew it",
    forbidden="its account must be able to list everything in the Project's namespace, Secrets too",
    missing="check the address, the context, and that Kargo is installed there",
)


def read(source: Path, project: str, context: str) -> list[Document]:
    """Return the objects of a Project, and what else a folder holds. Raises BadRequest, and what a cluster answers."""
    if source.is_dir():
        return _of_folder(source)
    return asyncio.run(_of_cluster(source, project, context))


def _of_folder(folder: Path) -> list[Document]:
    files = sorted(each for each in folder.rglob("*") if each.suffix in _SUFFIXES)
    if not files:
        raise BadRequest(f"{folder}: there is no file in it that ends with .yaml, .yml or .json")
    found: list[Document] = []
    for file in files:
        try:
            text = reading.read(file, manifests.LARGEST_BYTES)
        except OSError as error:
            raise BadRequest(f"{file}: cannot be read: {error.strerror or error}") from error
        found += [each.document for each in manifests.read(text, str(file))]
    return found


async def _of_cluster(file: Path, project: str, context: str) -> list[Document]:
    access = await asyncio.to_thread(kubeconfig.from_file, file, context, source=str(file))
    around = ConnectionSurroundings(clock=SystemClock(), programs=os.environ.get("PATH", ""))
    way = opening.requesting(
        str(file), access, around, _REMEDIES, is_operators=True, told="cluster of"
    )
    async with way as requests:
        project_kind, namespace_kind = contents.FIRST
        found = [
            await _one(requests, project_kind, project),
            await _one(requests, namespace_kind, project),
        ]
        for kind in contents.CARRIED:
            found += await _all(requests, kind, project)
    return found


async def _one(requests: ServerRequests, kind: Kind, name: str) -> Document:
    document = await requests.call(
        "GET", _root(kind) + path(kind.plural, name), f"{kind.name} {name}"
    )
    return {"apiVersion": kind.api_version, "kind": kind.name, **document}


async def _all(requests: ServerRequests, kind: Kind, project: str) -> list[Document]:
    """Return all objects of a kind; none where the cluster does not know the kind."""
    found: list[Document] = []
    where = _root(kind) + path("namespaces", project, kind.plural)
    query = {"limit": str(_PAGE)}
    while True:
        try:
            page = await requests.call(
                "GET", where, f"{kind.plural} of Project {project}", query=query
            )
        except NotFound:
            return found
        # The items of a list do not say what they are.
        head = {"apiVersion": kind.api_version, "kind": kind.name}
        found += [{**head, **item} for item in page.get("items") or [] if isinstance(item, dict)]
        token = (page.get("metadata") or {}).get("continue")
        if not token:
            return found
        query = {"limit": str(_PAGE), "continue": str(token)}


def _root(kind: Kind) -> str:
    return f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
