"""The journal of one Promotion: notes that reach the disk before the effect they are about is begun.

It lies with the authority as an object of its own (kind PromotionJournal), so that whoever goes on with the
Promotion, in this process or another, finds it. It is made with the first note: Promotions without effects have
none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import errors, faults
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.admission.writer import Writer
    from towpath.clock import Clock
    from towpath.promotion.effects import EffectClass
    from towpath.store.contract import Store

BEFORE_NOTE: Final = faults.point(
    "promotion.before-note", "an effect is decided on but not yet noted"
)
AFTER_NOTE: Final = faults.point("promotion.after-note", "an effect is noted but not yet begun")


class PromotionJournal:
    """The notes of one Promotion. `of` gives each step its own part."""

    def __init__(
        self,
        promotion: Ref,
        owner: dict[str, Any],
        *,
        store: Store,
        writer: Writer,
        requester: Requester,
        clock: Clock,
    ) -> None:
        """`owner`: the owner reference to the Promotion, with which the journal goes."""
        self._ref = Ref(scheme.PROMOTION_JOURNAL, promotion.namespace, promotion.name)
        self._owner = owner
        self._store = store
        self._writer = writer
        self._requester = requester
        self._clock = clock
        self._entries: list[dict[str, Any]] = []
        self._is_closed = False

    def close(self) -> None:
        """Take no more notes: the Promotion was ended. A step that runs on begins no further effect."""
        self._is_closed = True

    async def load(self) -> None:
        """Read what was noted before."""
        try:
            stored = await self._store.get(self._ref, fresh=True)
        except errors.NotFound:
            self._entries = []
        else:
            self._entries = list(stored.document.get("entries") or ())

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

    async def _write(self) -> None:
        document = {
            "apiVersion": scheme.PROMOTION_JOURNAL.api_version,
            "kind": scheme.PROMOTION_JOURNAL.name,
            "metadata": {
                "name": self._ref.name,
                "namespace": self._ref.namespace,
                "ownerReferences": [self._owner],
            },
            "entries": self._entries,
        }
        try:
            await self._writer.update(document, self._requester)
        except errors.NotFound:
            await self._writer.create(document, self._requester)


class StepJournal:
    """What one step sees of the journal; `effects.Journal` is its contract."""

    def __init__(self, journal: PromotionJournal, step: str) -> None:
        self._journal = journal
        self._step = step

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key; None if nothing was."""
        return self._journal.find(self._step, key)

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Remember a JSON value under a key, durably, before the effect is begun."""
        await self._journal.add(self._step, key, value, effect)
