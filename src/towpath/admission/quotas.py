"""How many objects of a kind a Project may have, where each of them is looked at for everything that happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import Forbidden
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store

MOST: Final = 200


async def refuse_more(store: Store, kind: Kind, document: Document) -> None:
    """Raise Forbidden if the Project of a new object has as many of its kind as it may."""
    metadata = document["metadata"]
    project = metadata["namespace"]
    if await store.count(Query(kind=kind, namespace=project)) >= MOST:
        raise Forbidden(
            f'{kind.resource} "{metadata.get("name", "")}" is forbidden: exceeded quota: a Project has at most {MOST} '
            f"{kind.name}s, and {project} has as many; delete one, or let one do the work of several"
        )
