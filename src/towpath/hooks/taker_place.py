"""How far a taker is in the order of what happened: a ConfigMap of the system, so that it outlives the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM

if TYPE_CHECKING:
    from towpath.store.contract import Document, Store

_KEY: Final = "revision"


class TakerPlace:
    """The place of one taker."""

    def __init__(self, store: Store, taker: str, *, actor: str) -> None:
        self._store = store
        self._actor = actor
        self._ref = Ref(scheme.CONFIG_MAP, SYSTEM, f"towpath-dispatch-{taker}")
        self.kept = 0
        """All up to this revision was taken, and that is on the disk."""

    async def load(self) -> int:
        """Return the place. Where there is none, or none that can be read, it is the end: what is to come is taken."""
        end = self._store.revision()
        try:
            found = (await self._store.get(self._ref, fresh=True)).document
        except errors.NotFound:
            await self._store.create(self._document(end), actor=self._actor)
            self.kept = end
            return end
        written = (found.get("data") or {}).get(_KEY)
        if not isinstance(written, str) or not written.isascii() or not written.isdecimal():
            await self.keep(end)
            return end
        # One that lies ahead is of a store that was restored since.
        self.kept = min(int(written[:18]), end)
        return self.kept

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
