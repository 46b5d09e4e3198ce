"""How many objects of a kind a Project may have, where each of them is looked at for everything that happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import Forbidden
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store

MOST: Final = 200
MOST_RIGHTS: Final = 1_000
"""Of Roles, of their bindings, of ServiceAccounts: all that may mean a caller are looked through for a request of theirs."""


async def refuse_more(store: Store, kind: Kind, document: Document) -> None:
    """Raise Forbidden if the Project of a new object has as many of its kind as it may."""
    await _refuse(store, kind, document, MOST)


async def refuse_more_rights(store: Store, kind: Kind, document: Document) -> None:
    """Raise Forbidden if the namespace of a new object that decides about rights has as many of its kind as it may."""
    await _refuse(store, kind, document, MOST_RIGHTS)


async def _refuse(store: Store, kind: Kind, document: Document, most: int) -> None:
    metadata = document["metadata"]
    project = metadata["namespace"]
    if await store.count(Query(kind=kind, namespace=project)) >= most:
        raise Forbidden(
            f'{kind.resource} "{metadata.get("name", "")}" is forbidden: exceeded quota: a Project has at most {most} '
            f"{kind.name}s, and {project} has as many; delete one, or let one do the work of several"
        )
