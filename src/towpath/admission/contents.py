"""What is in a namespace, deleted when the namespace goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import NotFound
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.admission.authority import Authority
    from towpath.admission.requester import Requester
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store


async def empty(
    store: Store, writer: Authority, kinds: Iterable[Kind], namespace: str, requester: Requester
) -> list[str]:
    """Delete what is in a namespace; return the plural names of kinds of which something is left."""
    left = []
    for kind in kinds:
        query = Query(kind=kind, namespace=namespace)
        refs = [item.ref async for batch in store.scan(query) for item in batch]
        for ref in refs:
            try:
                await writer.delete(ref, requester)
            except NotFound:
                continue
        if refs and await store.count(query):
            left.append(kind.plural)
    return left
