"""Looks at all subscriptions of a Warehouse (docs/explanation/registries.md)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.artifacts.subscription import NotLetIn, Subscription
from towpath.resources import durations, moments
from towpath.resources.structs import to_document
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.warehouse import (
    ChartDiscoveryResult,
    DiscoveredArtifacts,
    DiscoveryResult,
    GitDiscoveryResult,
    ImageDiscoveryResult,
    subscription_schema,
    subscription_type,
)
from towpath.rules import polling

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.artifacts.subscription import LookClients, Result, SubscriptionType
    from towpath.resources.warehouse import Warehouse

GROUP: Final = "towpath.subscriptions"
AT_ONCE: Final = 16
"""Subscriptions of one Warehouse that are looked at at the same time; the others wait for their turn."""
_LONGEST_SHARED_SECONDS: Final = 30.0
"""For which an answer that one Warehouse was given may do for others."""

_log = logging.getLogger(__name__)


class DiscoveryFailed(errors.Unavailable):
    """Subscriptions could not be looked at; the message names every one of them, and why."""

    def __init__(self, message: str, *, is_final: bool = False, is_refused: bool = False) -> None:
        """`is_final`: one of them cannot be looked at before the Warehouse changes; `is_refused`: all lack another Secret."""
        super().__init__(message)
        self.is_final = is_final
        self.is_refused = is_refused


@dataclass(frozen=True, slots=True)
class _Failure:
    """What kept a subscription from being looked at."""

    said: str
    is_final: bool = False
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a look at all subscriptions came to."""

    artifacts: DiscoveredArtifacts
    notes: tuple[str, ...] = ()
    """What people should know of it, each naming its subscription."""


class Discoverer:
    """Knows the subscription types there are."""

    def __init__(self, types: Iterable[SubscriptionType], clients: LookClients) -> None:
        self._types = {type_.name: type_ for type_ in types}
        self._clients = clients

    @classmethod
    def installed(cls, clients: LookClients) -> Discoverer:
        """Return a discoverer that knows every installed subscription type, ours and those of plugins."""
        return cls(
            (found.load()() for found in sorted(entry_points(group=GROUP), key=str)), clients
        )

    @property
    def known_types(self) -> frozenset[str]:
        """The keys that may name a type in `spec.subscriptions[]`."""
        return frozenset(self._types)

    async def discover(self, warehouse: Warehouse, *, now: datetime, manual: bool) -> Discovered:
        """Look at every subscription, some at the same time; results are in the order of the manifest.

        Raises DiscoveryFailed when one of them fails: what was found of the others does not count alone.
        """
        notes: dict[int, list[str]] = {}
        turns = asyncio.Semaphore(AT_ONCE)

        async def in_turn(place: int, item: Any) -> Result | _Failure:
            async with turns:
                return await self._look(
                    warehouse, place, item, now, manual, notes.setdefault(place, [])
                )

        answers = await asyncio.gather(
            *(in_turn(place, item) for place, item in enumerate(warehouse.spec.subscriptions))
        )
        failures = [answer for answer in answers if isinstance(answer, _Failure)]
        if failures:
            raise DiscoveryFailed(
                "; ".join(failure.said for failure in failures),
                is_final=any(failure.is_final for failure in failures),
                is_refused=all(failure.is_refused for failure in failures),
            )
        found = DiscoveredArtifacts(discovered_at=moments.precise(now))
        for answer in answers:
            match answer:
                case GitDiscoveryResult():
                    found.git = [*found.git, answer]
                case ImageDiscoveryResult():
                    found.images = [*found.images, answer]
                case ChartDiscoveryResult():
                    found.charts = [*found.charts, answer]
                case DiscoveryResult():
                    found.results = [*found.results, answer]
        told = tuple(note for place in sorted(notes) for note in notes[place])
        return Discovered(found, told)

    async def _look(
        self,
        warehouse: Warehouse,
        place: int,
        item: Any,
        now: datetime,
        manual: bool,
        notes: list[str],
    ) -> Result | _Failure:
        """Return what a subscription has found, or what kept it from it; `notes` is filled with what it notes."""
        type_ = subscription_type(item)
        where = f"spec.subscriptions[{place}]"
        known = self._types.get(type_) if type_ is not None else None
        if type_ is None or known is None:
            there = ", ".join(sorted(self._types))
            return _Failure(
                f"{where}: this version does not look for artifacts of type {type_!r}; it does for {there}",
                is_final=True,
            )
        schema = subscription_schema(type_)
        config = with_defaults(schema, item[type_]) if schema is not None else item[type_]
        subscription = Subscription(
            project=warehouse.metadata.namespace,
            warehouse=warehouse.metadata.name,
            name=str(item.get("name") or ""),
            config=to_document(config),
            now=now,
            is_manual=manual,
            most_seconds=0.0 if manual else _shared_seconds(warehouse),
            note=lambda said: notes.append(
                f"{where} ({type_} {config.get('repoURL', '')}): {said}"
            ),
        )
        try:
            return await known.discover(subscription, self._clients)
        except errors.TowpathError as error:
            said = f"{where} ({type_} {config.get('repoURL', '')}): {error.message}"
            return _Failure(
                said,
                is_final=isinstance(error, errors.Invalid),
                is_refused=isinstance(error, NotLetIn),
            )
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a fault in one type must not take the others along
            _log.exception("a subscription failed", extra={"warehouse": warehouse.metadata.name})
            return _Failure(f"{where}: {type(error).__name__}; the server's log has more")


def _shared_seconds(warehouse: Warehouse) -> float:
    """Return how old an answer may be: the part of the interval over which looks are spread anyway."""
    interval = durations.span(warehouse.spec.interval) or polling.DEFAULT
    return min(interval.total_seconds() * polling.SPREAD, _LONGEST_SHARED_SECONDS)
