"""What is there instead of what a path names, for whoever may list it: did you mean that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import scheme
from towpath.resources.labels import ALIAS_LABEL
from towpath.rules.rbac import Attributes
from towpath.server.auth import caller
from towpath.server.requests import Missing
from towpath.store.contract import Order, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Stored

_MOST: Final = 100
"""Objects that are looked at: a wrong name is no reason for reading a long list."""
_NEWEST_FIRST: Final = {
    scheme.FREIGHT: "discoveredAt",
    scheme.PROMOTION: "metadata.creationTimestamp",
}


async def told(error: Missing, request: Request, services: Services) -> Missing:
    """Return an error with what the caller may have meant, or with the first few that there are."""
    ref = error.ref
    on = Attributes(ref.kind.group, ref.kind.plural, ref.namespace)
    if not (await services.authorizer.allowed(caller.of(request).user, "list", on)).allowed:
        return error
    path = _NEWEST_FIRST.get(ref.kind)
    order = Order(path=path, descending=True) if path else None
    query = Query(kind=ref.kind, namespace=ref.namespace or None, labels=error.among)
    page = await services.store.list(query, order=order, limit=_MOST)
    names = [name for stored in page.items for name in _names(stored)]
    if any(name == ref.name for name in names):
        return error  # it has come meanwhile
    said = messages.instead(ref.name, names)
    return Missing(f"{error.message}; {said}", ref)


def _names(stored: Stored) -> Iterator[str]:
    """Yield by what people name an object."""
    if stored.ref.kind is scheme.FREIGHT:
        labels = stored.document["metadata"].get("labels") or {}
        alias = labels.get(ALIAS_LABEL)
        yield alias if isinstance(alias, str) and alias else stored.ref.name
    else:
        yield stored.ref.name
