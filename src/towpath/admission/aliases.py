"""Aliases that two Freight of a Project have, from before the store refused that: the older one keeps it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from towpath.admission.requester import Requester
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from towpath.admission.authority import Authority
    from towpath.store.contract import Document, Store

REQUESTER: Final = Requester("controller:system", is_controller=True)
_log = logging.getLogger(__name__)


async def mend(store: Store, writer: Authority) -> int:
    """Take the alias from Freight that shares it, the eldest excepted; return from how many."""
    mended = 0
    for namespace, alias in await store.shared_values(scheme.FREIGHT, "alias"):
        query = Query(kind=scheme.FREIGHT, namespace=namespace, fields=(FieldTerm("alias", alias),))
        found = (await store.list(query, fresh=True)).items
        for stored in sorted(found, key=lambda each: _age(each.document))[1:]:
            try:
                document = {key: value for key, value in stored.document.items() if key != "alias"}
                await writer.update(document, REQUESTER)
            except NotFound:
                continue  # it has just gone
            mended += 1
            _log.warning(
                "two Freight had one alias; the younger one has none now, until somebody gives it one",
                extra={"freight": str(stored.ref), "alias": alias},
            )
    return mended


def _age(document: Document) -> tuple[str, str]:
    metadata = document["metadata"]
    return str(metadata.get("creationTimestamp") or ""), str(metadata.get("name"))
