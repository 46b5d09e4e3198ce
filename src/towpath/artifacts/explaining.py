"""Why a Warehouse finds what it finds: a look by which each candidate is told of, and what Freight would come of it.

Nothing is stored. What an explanation came to is kept in memory, for those who may see it and may not have others asked.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.artifacts import answers, criteria
from towpath.caller_turns import CallerTurns
from towpath.expressions import ExpressionError
from towpath.resources import moments, scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.structs import view
from towpath.resources.warehouse import DiscoveredArtifacts
from towpath.rules import bursts, discovery
from towpath.rules.freight_contents import freight_of
from towpath.rules.freight_name import freight_name
from towpath.runtime.evaluation import Evaluations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.artifacts.discoverer import Discoverer, Explained
    from towpath.artifacts.look_ledger import Spent
    from towpath.clock import Clock
    from towpath.resources.warehouse import Warehouse
    from towpath.store.contract import Store

_AT_ONCE: Final = 4
"""Warehouses that are explained at the same time: each is a question to many servers."""
_OF_ONE: Final = 1
"""Of one Project, whose servers may answer slowly or never."""
_MOST_WAITING: Final = 8
"""Of one Project."""
_MOST_OF_ALL: Final = 64
_SECONDS: Final = 120.0
_MOST_KEPT: Final = 20_000
"""Verdicts that are kept, of all Warehouses: some megabytes."""


@dataclass(frozen=True, slots=True)
class LookOutcome:
    """What would become of what was found."""

    state: str
    """`made`, `exists`, `settles`, `unmet`, `manual`, `lacking`, `failed`."""
    message: str
    name: str = ""
    """Of the Freight."""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a look came to."""

    at: datetime
    generation: int
    """Of the Warehouse that was explained."""
    subscriptions: Sequence[Explained]
    outcome: LookOutcome

    @property
    def size(self) -> int:
        """How many verdicts it holds, and one for each subscription."""
        return sum(
            1 + len(each.verdicts.offered) + len(each.verdicts.excluded)
            for each in self.subscriptions
        )


class WarehouseExplainer:
    """Explains Warehouses, a few at a time."""

    def __init__(self, store: Store, discoverer: Discoverer, clock: Clock) -> None:
        self._store = store
        self._discoverer = discoverer
        self._clock = clock
        self._evaluations = Evaluations()
        self._turns = CallerTurns(
            _AT_ONCE, _OF_ONE, most_of_one=_MOST_WAITING, most=_MOST_OF_ALL, leaves_room=True
        )
        self._kept: OrderedDict[str, Explanation] = OrderedDict()
        self._size = 0
        """Of all that is kept."""

    def kept(self, warehouse: Warehouse) -> Explanation | None:
        """Return what the Warehouse, as it is, was explained by last; None if nobody has asked since the start."""
        found = self._kept.get(warehouse.metadata.uid)
        is_of_it = found is not None and found.generation == warehouse.metadata.generation
        return found if is_of_it else None

    def spent(self, warehouse: Warehouse) -> Spent | None:
        """Return what looks at a Warehouse have cost the servers that they asked; None if there was none since the start."""
        return self._discoverer.ledger.of(warehouse.metadata.uid)

    async def explain(self, warehouse: Warehouse, *, is_stored: bool) -> Explanation:
        """Look at all subscriptions. `is_stored`: the Warehouse is as it is stored, and no trial.

        Raises TooManyRequests where many wait already, and Timeout.
        """
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._turns.turn(warehouse.metadata.namespace),
            ):
                made = await self._explained(warehouse)
        except TimeoutError as error:
            raise errors.Timeout(
                f"the subscriptions of Warehouse {warehouse.metadata.name} could not be looked at within {_SECONDS:g} s"
            ) from error
        if is_stored:
            self._keep(warehouse.metadata.uid, made)
        return made

    def _keep(self, uid: str, made: Explanation) -> None:
        before = self._kept.pop(uid, None)
        self._kept[uid] = made
        self._size += made.size - (before.size if before is not None else 0)
        while self._size > _MOST_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size

    async def _explained(self, warehouse: Warehouse) -> Explanation:
        now = self._clock.now()
        looked = await self._discoverer.explain(warehouse, now=now)
        outcome = await self._outcome(warehouse, looked, now)
        return Explanation(now, warehouse.metadata.generation or 0, looked, outcome)

    async def _outcome(
        self, warehouse: Warehouse, looked: Sequence[Explained], now: datetime
    ) -> LookOutcome:
        failed = [each.failure for each in looked if each.found is None]
        if failed:
            return LookOutcome(
                "failed", f"{len(failed)} of {len(looked)} subscriptions cannot be looked at"
            )
        found = DiscoveredArtifacts(discovered_at=moments.precise(now))
        answers.put(found, (each.found for each in looked if each.found is not None))
        lacking = discovery.shortfall(found)
        document = freight_of(warehouse, found)
        if lacking is not None or document is None:
            return LookOutcome("lacking", lacking.message if lacking is not None else "")
        name = freight_name(view(Freight, document))
        try:
            stored = await self._store.get(Ref(scheme.FREIGHT, warehouse.metadata.namespace, name))
        except errors.NotFound:
            pass
        else:
            alias = stored.view(Freight).alias
            return LookOutcome("exists", "there is Freight of these artifacts already", name, alias)
        if warehouse.spec.freight_creation_policy != "Automatic":
            return LookOutcome(
                "manual", "freightCreationPolicy is Manual: people make Freight", name
            )
        try:
            is_met = await criteria.met(warehouse, found, self._evaluations, now)
        except ExpressionError as error:
            said = f"spec.freightCreationCriteria.expression: {error}"
            return LookOutcome("unmet", said, name)
        if not is_met:
            return LookOutcome("unmet", "it does not meet spec.freightCreationCriteria", name)
        span = bursts.span_of(warehouse)
        if span is not None:
            burst = bursts.burst_of(warehouse.status.conditions if warehouse.status else ())
            said = bursts.waits(burst or bursts.Burst(now, now), span, name)
            return LookOutcome("settles", said, name)
        return LookOutcome("made", "Freight of these artifacts is made at the next look", name)
