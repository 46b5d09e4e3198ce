"""What else there is, for warnings about what is not: as far as the one who writes may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from towpath.admission.warnings.known import KnownObjects
from towpath.errors import NotFound
from towpath.resources.kinds import Ref
from towpath.rules.rbac import Attributes
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store, Stored

Part = TypeVar("Part")

MOST: Final = 1_000
"""Objects of one kind that are read; where there are more, nothing is said of all of them."""
MOST_BYTES: Final = 16 << 20
"""Of their JSON: every write would wait for what is more."""
_MOST_NAMED: Final = 100
"""Objects that one document may name and have looked up."""


class Surroundings:
    """Looks things up in one namespace for one requester."""

    def __init__(
        self, store: Store, authorizer: Authorizer, requester: Requester, namespace: str
    ) -> None:
        self._store = store
        self._authorizer = authorizer
        self._requester = requester
        self._namespace = namespace

    async def known(self, kind: Kind, wanted: Iterable[str]) -> KnownObjects | None:
        """Return those of some objects that are there; None if the requester may not know."""
        if not await self._may_list(kind):
            return None
        names = list(dict.fromkeys(wanted))[:_MOST_NAMED]
        found = {name: document for name in names if (document := await self._get(kind, name))}
        others = [] if len(found) == len(names) else await self._names(kind)
        return KnownObjects(found, frozenset(names), others)

    async def each(self, kind: Kind, taken: Callable[[Stored], Part]) -> list[Part] | None:
        """Return what is taken of all objects of a kind; the objects themselves may be large, and are not kept.

        None if the requester may not know, or if there is too much to be read.
        """
        if not await self._may_list(kind):
            return None
        found: list[Part] = []
        size = 0
        async for batch in self._store.scan(self._query(kind)):
            for item in batch:
                size += len(item.raw)
                found.append(taken(item))
            if len(found) > MOST or size > MOST_BYTES:
                return None
        return found

    def _query(self, kind: Kind) -> Query:
        return Query(kind=kind, namespace=self._namespace if kind.namespaced else None)

    async def _may_list(self, kind: Kind) -> bool:
        if self._requester.is_controller:
            return False
        on = Attributes(kind.group, kind.plural, self._namespace if kind.namespaced else "")
        return (await self._authorizer.allowed(self._requester.user, "list", on)).allowed

    async def _get(self, kind: Kind, name: str) -> Document | None:
        ref = Ref(kind, self._namespace if kind.namespaced else "", name)
        try:
            return (await self._store.get(ref, fresh=True)).document
        except NotFound:
            return None

    async def _names(self, kind: Kind) -> list[str]:
        page = await self._store.list(self._query(kind), limit=_MOST_NAMED)
        return [item.ref.name for item in page.items]
