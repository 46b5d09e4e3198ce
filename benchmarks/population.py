"""The data that the store is measured with: Freight of Projects, as discovery would make them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.store.contract import Store

PROJECTS = 200
FREIGHT_PER_PROJECT = 1_000

_AT_ONCE = 256


def freight(project: str, number: int) -> dict[str, Any]:
    """Return one Freight document of about 2 KB."""
    name = hashlib.sha1(f"{project}/{number}".encode(), usedforsecurity=False).hexdigest()
    digest = hashlib.sha256(name.encode()).hexdigest()
    minute, second = divmod(number, 60)
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {
            "name": name,
            "namespace": project,
            "labels": {"kargo.akuity.io/alias": f"alias-{number}"},
        },
        "alias": f"alias-{number}",
        "origin": {"kind": "Warehouse", "name": f"warehouse-{number % 4}"},
        "images": [
            {
                "repoURL": f"registry.example.com/team/service-{image}",
                "tag": f"v1.{number}.{image}",
                "digest": f"sha256:{digest}",
                "annotations": {
                    "org.opencontainers.image.revision": name,
                    "org.opencontainers.image.source": f"https://git.example.com/team/service-{image}",
                },
            }
            for image in range(3)
        ],
        "commits": [
            {
                "repoURL": "https://git.example.com/team/config.git",
                "id": name,
                "branch": "main",
                "author": "A. Developer <a.developer@example.com>",
                "message": "Raise the limits of the queue worker " * 8,
            }
        ],
        "discoveredAt": f"2026-01-01T{minute % 24:02d}:{minute // 24:02d}:{second:02d}Z",
    }


def project_names() -> Iterator[str]:
    """Yield the names of the Projects."""
    return (f"project-{number:03d}" for number in range(PROJECTS))


async def populate(store: Store) -> int:
    """Write all Freight, many at a time. Returns how many."""
    written = 0

    async def write(documents: Iterator[dict[str, Any]]) -> None:
        nonlocal written
        for document in documents:
            await store.create(document, actor="benchmark")
            written += 1

    documents = (
        freight(project, number)
        for project in project_names()
        for number in range(FREIGHT_PER_PROJECT)
    )
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(write(documents))
    return written
