"""The journal of one Promotion: notes that reach the disk before the effect they are about is begun, and its secrets.

It lies with the authority as an object of its own (kind PromotionJournal), so that whoever goes on with the
Promotion, in this process or another, finds it. It is made with the first note: Promotions without effects have
none.

What the Promotion was told in confidence lies in the journal as well, under `data`, which the store seals and masks as
it does with Secrets: the values themselves, outputs of steps that hold some, notes that do. The Promotion's own
document has the masked form of it. An output is here before the Promotion says that there is one, so what is here is
never older than what the Promotion shows.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors, faults
from towpath.promotion.disclosed import Disclosed
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.promotion.effects import EffectClass
    from towpath.store.contract import Document, Store

BEFORE_NOTE: Final = faults.point(
    "promotion.before-note", "an effect is decided on but not yet noted"
)
AFTER_NOTE: Final = faults.point("promotion.after-note", "an effect is noted but not yet begun")

_SEALED: Final = "sealed"
"""The key of `data`."""


@dataclass(slots=True)
class Confidence:
    """What of a Promotion is secret, as long as this process works on it."""

    disclosed: Disclosed = field(default_factory=Disclosed)
    outputs: dict[str, Any] = field(default_factory=dict)
    """Outputs that hold secret values, or once did, by alias."""
    notes: list[dict[str, Any]] = field(default_factory=list)
    """Entries whose values hold some."""
    revision: int | None = None
    """Of the journal that this was read from or written to; None before."""
    is_taken_over: bool = False
    """Whether another process was told it: what became of it there, nobody knows."""
    saved: int = 0
    """How many of `disclosed.kept` are in the journal."""


class Journal:
    """The notes of one Promotion. `of` gives each step its own part."""

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
        self._ref = Ref(scheme.PROMOTION_JOURNAL, promotion.namespace, promotion.name)
        self._owner = owner
        self._store = store
        self._writer = writer
        self._requester = requester
        self._clock = clock
        self._opened = opened
        self._entries: list[dict[str, Any]] = []
        self._is_closed = False
        self.confidence = confidence or Confidence()

    def close(self) -> None:
        """Take no more notes: the Promotion was ended. A step that runs on begins no further effect."""
        self._is_closed = True

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

    def of(self, step: str) -> StepJournal:
        """Return the part of the step of an alias."""
        return StepJournal(self, step)

    def find(self, step: str, key: str) -> Any | None:
        """Return the newest value that a step noted under a key."""
        for entry in reversed(self._entries):
            if entry["step"] == step and entry["key"] == key:
                return entry.get("value")
        return None

    async def add(self, step: str, key: str, value: Any, effect: EffectClass) -> None:
        """Keep a note; one of the same step and key is replaced. It is on the disk when this returns.

        Raises Unavailable when the Promotion was ended meanwhile.
        """
        if self._is_closed:
            raise errors.Unavailable(f"Promotion {self._ref.name} was ended: nothing more is begun")
        if self.find(step, key) == value and value is not None:
            return
        entry = {
            "step": step,
            "key": key,
            "effect": str(effect),
            "notedAt": moments.written(self._clock.now()),
            "value": value,
        }
        kept = [old for old in self._entries if (old["step"], old["key"]) != (step, key)]
        self._entries = [*kept, entry]
        BEFORE_NOTE()
        await self._write()
        AFTER_NOTE()

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


class StepJournal:
    """What one step sees of the journal; `effects.EffectNotes` is its contract."""

    def __init__(self, journal: Journal, step: str) -> None:
        self._journal = journal
        self._step = step

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key; None if nothing was."""
        return self._journal.find(self._step, key)

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Remember a JSON value under a key, durably, before the effect is begun."""
        await self._journal.add(self._step, key, value, effect)


class RehearsedJournal(Journal):
    """The journal of a plan, which lasts as long as that is made, and is written nowhere."""

    def __init__(self, confidence: Confidence, clock: Clock) -> None:
        self._clock = clock
        self._entries = []
        self._is_closed = False
        self.confidence = confidence

    async def load(self) -> None:
        """Find nothing."""

    async def keep(self, outputs: Mapping[str, Any]) -> None:
        """Keep nothing: nobody goes on with a plan."""

    async def _write(self) -> None:
        """Write nothing."""
