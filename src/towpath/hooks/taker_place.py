"""How far a taker is in the order of what happened: a ConfigMap of the system, so that it outlives the process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.store.contract import Document, Store

_KEY: Final = "revision"
_EVENTS: Final = Query(kind=scheme.EVENT)

_log = logging.getLogger(__name__)


class TakerPlace:
    """The place of one taker."""

    def __init__(self, store: Store, taker: str, *, actor: str) -> None:
        self._store = store
        self._actor = actor
        self._ref = Ref(scheme.CONFIG_MAP, SYSTEM, f"towpath-dispatch-{taker}")
        self._taker = taker
        self.kept = 0
        """All up to this revision was taken, and that is on the disk."""

    async def load(self) -> int:
        """Return the place. Where there is none, or none that can be read, it is the beginning: 0.

        Then all Events that there still are, are handed on, which is logged. Nothing is lost, and what was taken before has no
        effects again as long as these are kept: that is for longer than Events are.
        """
        end = self._store.revision()
        try:
            found = (await self._store.get(self._ref, fresh=True)).document
        except errors.NotFound:
            return await self._begun(end, "is not there")
        written = (found.get("data") or {}).get(_KEY)
        if not isinstance(written, str) or not written.isascii() or not written.isdecimal():
            return await self._begun(end, f"has no number as its {_KEY}")
        # One that lies ahead is of a store that was restored since.
        self.kept = min(int(written[:18]), end)
        return self.kept

    async def _begun(self, end: int, why: str) -> int:
        """Return where to begin, written down: at the end if nothing has happened yet."""
        events = await self._store.count(_EVENTS)
        place = 0 if events else end
        await self.keep(place)
        if events:
            _log.warning(
                "ConfigMap %s/%s %s, so it is not known what %s took: they are handed all %d Events that there are. What "
                "follows from these and is still there is not made again",
                self._ref.namespace,
                self._ref.name,
                why,
                self._taker,
                events,
            )
        return place

    async def keep(self, revision: int) -> None:
        """Write a place down."""
        try:
            await self._store.update(self._document(revision), actor=self._actor)
        except errors.NotFound:
            await self._store.create(self._document(revision), actor=self._actor)
        self.kept = revision

    def _document(self, revision: int) -> Document:
        return {
            "apiVersion": scheme.CONFIG_MAP.api_version,
            "kind": scheme.CONFIG_MAP.name,
            "metadata": {"name": self._ref.name, "namespace": self._ref.namespace},
            "data": {_KEY: str(revision)},
        }
