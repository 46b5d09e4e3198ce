"""What is in a namespace, deleted when the namespace goes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from towpath.errors import NotFound
from towpath.runtime.several import several
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.admission.authority import Authority
    from towpath.admission.requester import Requester
    from towpath.resources.kinds import Kind, Ref
    from towpath.store.contract import Store


async def empty(
    store: Store, writer: Authority, kinds: Iterable[Kind], namespace: str, requester: Requester
) -> list[str]:
    """Delete what is in a namespace; return the plural names of kinds of which something is left."""

    async def delete(ref: Ref) -> None:
        with contextlib.suppress(NotFound):
            await writer.delete(ref, requester)

    left = []
    for kind in kinds:
        query = Query(kind=kind, namespace=namespace)
        refs = [item.ref async for batch in store.scan(query) for item in batch]
        await several(refs, delete)
        if refs and await store.count(query):
            left.append(kind.plural)
    return left
