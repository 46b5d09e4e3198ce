"""Loads the objects that expressions of a Promotion ask for; Secrets are opened on the record."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.released.reporting import Asker
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.structs import to_document
from towpath.rules.released.functions import RELEASE, compared

if TYPE_CHECKING:
    from towpath.credentials.finder import Credentials
    from towpath.expressions import Need
    from towpath.promotion.disclosed import Disclosed
    from towpath.released.reporting import ReleaseReporter
    from towpath.store.contract import Store

_KINDS: Final = {
    kind.name: kind
    for kind in (scheme.SECRET, scheme.CONFIG_MAP, scheme.FREIGHT, scheme.STAGE, scheme.WAREHOUSE)
}


class Loader:
    """Loads for one Promotion."""

    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        disclosed: Disclosed,
        *,
        actor: str,
        whom: str,
        releases: ReleaseReporter | None = None,
    ) -> None:
        """`disclosed`: learns the values of every Secret that is given out. `whom`: for what they are opened, on the record.

        `releases`: who tells what was released; None: that is not looked at here.
        """
        self._releases = releases
        self._whom = whom
        self._disclosed = disclosed
        self._store = store
        self._credentials = credentials
        self._actor = actor
        self._reason = f"expression of {whom}"

    async def __call__(self, need: Need) -> Any:
        """Return an object as a document, None if there is none; a Secret with its values."""
        if need.kind == RELEASE:
            return await self._released(need)
        kind = _KINDS[need.kind]
        ref = Ref(kind, need.namespace, need.name)
        if kind is scheme.SECRET:
            found = await self._credentials.opened(ref, actor=self._actor, reason=self._reason)
            if found is not None:
                for _ in self._disclosed.learning(found):
                    await asyncio.sleep(0)  # others have a turn
            return found
        try:
            return (await self._store.get(ref)).document
        except errors.NotFound:
            return None

    async def _released(self, need: Need) -> Any:
        if self._releases is None:
            return None
        asker = Asker(project=need.namespace, actor=self._actor, whom=self._whom)
        return to_document(await self._releases.report(*compared(need.name), asker))
