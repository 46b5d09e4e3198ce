"""Makes the roles and bindings that are there from the beginning, and completes them after an upgrade."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules import default_roles
from towpath.store.damage import Damaged

if TYPE_CHECKING:
    from towpath.store.contract import Document, Store

_log = logging.getLogger(__name__)


async def ensure(store: Store, *, actor: str) -> None:
    """Make what is missing, and add the rules and subjects that a role or binding lacks. Writes nothing else."""
    for wanted in default_roles.documents():
        kind = scheme.find(wanted["apiVersion"], wanted["kind"])
        if kind is None:
            continue
        metadata = wanted["metadata"]
        ref = Ref(kind, metadata.get("namespace", ""), metadata["name"])
        try:
            found = (await store.get(ref, fresh=True)).document
        except NotFound:
            await store.create(wanted, actor=actor)
            continue
        except Damaged as error:  # without it nobody could come in to mend anything
            _log.warning("%s; it is made anew", error)
            await store.delete(ref, actor=actor)
            await store.create(wanted, actor=actor)
            continue
        if default_roles.completed(found, wanted) is not None:

            def complete(document: Document, wanted: Document = wanted) -> Document:
                return default_roles.completed(document, wanted) or document

            await store.patch(ref, complete, actor=actor)
