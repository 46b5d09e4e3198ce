"""Opening stores in tests, and small documents to put into them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from towpath.resources import scheme
from towpath.resources.kinds import Kind, Ref
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.clock import Clock
    from towpath.store.contract import LogRetention, Store, Watch, WatchEvent, WatchLimits

ACTOR = "email:a@example.com"


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    clock: Clock | None = None,
    retention: LogRetention | None = None,
    watch_limits: WatchLimits | None = None,
) -> AsyncIterator[Store]:
    """Open the store in `folder`, whose key lies beside it, and close it again."""
    store = await open_store(
        folder / "data",
        key_file=folder / "keys" / "key",
        scheme=scheme.SCHEME,
        clock=clock,
        retention=retention,
        watch_limits=watch_limits,
    )
    try:
        yield store
    finally:
        await store.close()


def document(kind: Kind, name: str, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    """Return a small document; `labels`, `annotations`, `finalizers` and `owners` go into its metadata."""
    metadata: dict[str, Any] = {"name": name}
    if kind.namespaced:
        metadata["namespace"] = namespace
    for key in ("labels", "annotations", "finalizers"):
        if key in more:
            metadata[key] = more.pop(key)
    if "owners" in more:
        metadata["ownerReferences"] = more.pop("owners")
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **more}


def config_map(name: str, value: str = "", namespace: str = "shop", **more: Any) -> dict[str, Any]:
    """Return a ConfigMap whose key `v` holds a value."""
    return document(scheme.CONFIG_MAP, name, namespace, data={"v": value}, **more)


def freight(
    name: str, origin: str = "main", namespace: str = "shop", **more: Any
) -> dict[str, Any]:
    """Return a Freight of a Warehouse."""
    about = {"kind": "Warehouse", "name": origin}
    return document(scheme.FREIGHT, name, namespace, origin=about, **more)


def secret(name: str, value: str, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    """Return a Secret whose key `password` holds a value (base64)."""
    return document(scheme.SECRET, name, namespace, data={"password": value}, **more)


def ref(kind: Kind, name: str, namespace: str = "shop") -> Ref:
    """Return the reference to an object."""
    return Ref(kind, namespace if kind.namespaced else "", name)


def owner(stored: Any, *, blocking: bool = False) -> dict[str, Any]:
    """Return an owner reference to a stored object."""
    about = stored.document
    return {
        "apiVersion": about["apiVersion"],
        "kind": about["kind"],
        "name": stored.ref.name,
        "uid": stored.uid,
        **({"blockOwnerDeletion": True} if blocking else {}),
    }


async def take(watch: Watch, count: int) -> list[WatchEvent]:
    """Return the next events of a watch. Raises TimeoutError if they do not come."""
    async with asyncio.timeout(20):
        iterator = aiter(watch)
        return [await anext(iterator) for _ in range(count)]
