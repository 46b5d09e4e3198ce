"""A journal that lies with the authority as an object of its own (kind PromotionJournal).

Whoever goes on with the Promotion, in this process or another, finds it. It is made with the first note: Promotions
without effects have none.

What the Promotion was told in confidence lies in the journal as well, under `data`, which the store seals and masks as
it does with Secrets: the values themselves, outputs of steps that hold some, notes that do. The Promotion's own
document has the masked form of it. An output is here before the Promotion says that there is one, so what is here is
never older than what the Promotion shows.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.promotion.confidence import Confidence
from towpath.promotion.journal import Journal
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.store.contract import Document, Store

_SEALED: Final = "sealed"
"""The key of `data`."""


def journal_of(run: Ref) -> Ref:
    """Return where the journal of a Promotion lies, or that of the run of a hook."""
    prefix = "" if run.kind is scheme.PROMOTION else f"{run.kind.singular}."
    return Ref(scheme.PROMOTION_JOURNAL, run.namespace, f"{prefix}{run.name}")


class StoredJournal(Journal):
    """The journal of a Promotion that is carried out, or of the run of a hook."""

    def __init__(
        self,
        promotion: Ref,
        owner: dict[str, Any],
        *,
        store: Store,
        writer: SystemAuthority,
        requester: Requester,
        clock: Clock,
        opened: Callable[[Ref], Awaitable[Document | None]],
        confidence: Confidence | None = None,
    ) -> None:
        """`owner`: the owner reference to the Promotion, with which the journal goes.

        `opened` returns the journal with its values; `confidence`: what is known of them already.
        """
        super().__init__(promotion.name, clock, confidence, kind=promotion.kind.name)
        self._ref = journal_of(promotion)
        self._owner = owner
        self._store = store
        self._writer = writer
        self._requester = requester
        self._opened = opened

    async def load(self) -> None:
        """Read what was noted before; it is opened only when somebody else wrote it."""
        try:
            stored = await self._store.get(self._ref, fresh=True)
        except errors.NotFound:
            self._entries = []
            return
        document = stored.document
        if document.get("data") and stored.revision != self.confidence.revision:
            self._take(await self._opened(self._ref) or {})
        self.confidence.revision = stored.revision
        noted = {(note["step"], note["key"]): note for note in self.confidence.notes}
        self._entries = [
            noted.get((entry["step"], entry["key"]), entry)
            for entry in document.get("entries") or ()
        ]

    def _take(self, document: Mapping[str, Any]) -> None:
        sealed = (document.get("data") or {}).get(_SEALED)
        if sealed is None:
            return
        found = msgspec.json.decode(base64.b64decode(sealed))
        known = self.confidence
        known.is_taken_over = True
        known.disclosed.learn(*found["values"])
        known.saved = len(known.disclosed.kept)
        known.outputs = dict(found["outputs"])
        known.notes = list(found["notes"])

    async def keep(self, outputs: Mapping[str, Any]) -> None:
        """Keep what is secret of these outputs, by alias, and of what was learnt; written only where that is new.

        Raises TooLarge where there is no room for it; then nothing was kept.
        """
        known = self.confidence
        secret = {
            alias: output
            for alias, output in outputs.items()
            if alias in known.outputs or known.disclosed.holds(output)
        }
        if len(known.disclosed.kept) == known.saved and all(
            known.outputs.get(alias) == output for alias, output in secret.items()
        ):
            return
        before, known.outputs = known.outputs, known.outputs | secret
        try:
            await self._write()
        except errors.TooLarge:
            known.outputs = before
            raise

    async def forget(self) -> None:
        """Drop what was secret: nobody goes on with the Promotion."""
        known = self.confidence
        if known.saved or known.outputs or known.notes:
            self.confidence = Confidence(revision=known.revision)
            self._entries = known.disclosed.masked(self._entries)
            await self._write()

    async def _write(self) -> None:
        known = self.confidence
        known.notes = [entry for entry in self._entries if known.disclosed.holds(entry["value"])]
        document = {
            "apiVersion": scheme.PROMOTION_JOURNAL.api_version,
            "kind": scheme.PROMOTION_JOURNAL.name,
            "metadata": {
                "name": self._ref.name,
                "namespace": self._ref.namespace,
                "ownerReferences": [self._owner],
            },
            "entries": [
                {**entry, "value": known.disclosed.masked(entry["value"])}
                for entry in self._entries
            ],
        }
        kept = known.disclosed.kept
        if kept or known.outputs or known.notes:
            sealed = {"values": kept, "outputs": known.outputs, "notes": known.notes}
            encoded = base64.b64encode(msgspec.json.encode(sealed)).decode("ascii")
            document["data"] = {_SEALED: encoded}
        try:
            written = await self._writer.update(document, self._requester)
        except errors.NotFound:
            written = await self._writer.create(document, self._requester)
        known.revision, known.saved = written.stored.revision, len(kept)
