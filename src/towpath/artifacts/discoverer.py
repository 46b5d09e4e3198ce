"""Looks at all subscriptions of a Warehouse (docs/explanation/registries.md)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.artifacts import answers
from towpath.artifacts.look_ledger import LookLedger
from towpath.artifacts.subscription import LOOK_SECONDS, HasConfig, Subscription, TakesLonger
from towpath.artifacts.verdicts import Verdicts
from towpath.clients.http.spending import spending
from towpath.resources import durations, moments
from towpath.resources.structs import schema_of, to_document
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.warehouse import (
    SUBSCRIPTIONS,
    DiscoveredArtifacts,
    GenericSubscription,
    subscription_schema,
    subscription_type,
)
from towpath.rules import extension_configs, polling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from towpath.artifacts.subscription import LookClients, Result, SubscriptionType
    from towpath.resources.schema import Schema
    from towpath.resources.warehouse import Warehouse

GROUP: Final = "towpath.subscriptions"
AT_ONCE: Final = 16
"""Subscriptions of one Warehouse that are looked at at the same time; the others wait for their turn."""
_LONGEST_SHARED_SECONDS: Final = 30.0
"""For which an answer that one Warehouse was given may do for others."""

_SAID_BYTES: Final = 2 * messages.FOREIGN_BYTES
_MOST_NOTES: Final = 20
"""Of one subscription at one look."""
_MOST_LISTED: Final = 2_000
"""Candidates that an explanation lists of each kind, those that are kept out and those that are not, of all subscriptions."""
_FEWEST_LISTED: Final = 4
"""Of one subscription."""
_NOT_THERE: Final = (
    errors.Forbidden,
    errors.Unauthenticated,
    errors.NotFound,
    errors.TooLarge,
)
"""What another Secret may help against, or nothing, and asking again at once does not."""

_log = logging.getLogger(__name__)


class DiscoveryFailed(errors.Unavailable):
    """Subscriptions could not be looked at; the message names every one of them, and why."""

    def __init__(
        self,
        message: str,
        *,
        is_final: bool = False,
        is_refused: bool = False,
        seconds: float | None = None,
    ) -> None:
        """`is_final`: one of them cannot be looked at before the Warehouse changes; `is_refused`: all lack another Secret.

        `seconds`: for which a host wants to be left alone; None: none does.
        """
        super().__init__(message)
        self.is_final = is_final
        self.is_refused = is_refused
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class _Failure:
    """What kept a subscription from being looked at."""

    where: str
    """Which one it is."""
    said: str
    is_final: bool = False
    is_refused: bool = False
    seconds: float | None = None
    """For which its host wants to be left alone; None: it does not say."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How all subscriptions of a Warehouse are looked at."""

    now: datetime
    is_manual: bool
    most_seconds: float
    """How old an answer may be that others were given."""
    heard: datetime | None = None
    """When a webhook told of something new."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a look at all subscriptions came to."""

    artifacts: DiscoveredArtifacts
    notes: tuple[str, ...] = ()
    """What people should know of it, each naming its subscription."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What a look at one subscription came to, and what became of its candidates."""

    place: int
    """In `spec.subscriptions[]`."""
    item: Any
    verdicts: Verdicts
    found: Result | None
    """None where it could not be looked at."""
    failure: str
    notes: tuple[str, ...]


class Discoverer:
    """Knows the subscription types there are."""

    def __init__(self, types: Iterable[SubscriptionType], clients: LookClients) -> None:
        """Raises ValueError for two types of one name."""
        self._types: dict[str, SubscriptionType] = {}
        for type_ in types:
            if type_.name in self._types:
                raise ValueError(f"two subscription types are named {type_.name}")
            self._types[type_.name] = type_
        self._clients = clients
        self.ledger = LookLedger()
        """What looks have cost."""

    @classmethod
    def installed(cls, clients: LookClients) -> Discoverer:
        """Return a discoverer that knows every installed subscription type, ours and those of plugins."""
        return cls(
            (found.load()() for found in sorted(entry_points(group=GROUP), key=str)), clients
        )

    @property
    def known_types(self) -> Mapping[str, Schema | None]:
        """The keys that may name a type in `spec.subscriptions[]`, and how the `config` of an extension's looks, if it says.

        Kargo's own are taken also where this installation cannot look for them: the condition says so.
        """
        return dict.fromkeys(SUBSCRIPTIONS) | {
            name: schema_of(type_.config) if isinstance(type_, HasConfig) else None
            for name, type_ in self._types.items()
        }

    async def discover(
        self, warehouse: Warehouse, *, now: datetime, manual: bool, heard: datetime | None = None
    ) -> Discovered:
        """Look at every subscription, some at the same time; results are in the order of the manifest.

        `heard`: when a webhook told of something new; what was answered before that is not good enough. Raises
        DiscoveryFailed when one of them fails: what was found of the others does not count alone.
        """
        notes: dict[int, list[str]] = {}
        turns = asyncio.Semaphore(AT_ONCE)
        seconds = _shared_seconds(warehouse, now, manual=manual, heard=heard)
        look = _Look(now, manual, seconds, heard)

        async def in_turn(place: int, item: Any) -> Result | _Failure:
            async with turns:
                return await self._look(warehouse, place, item, look, notes.setdefault(place, []))

        with spending() as spent, self._insisting() if manual else nullcontext():
            looked = await asyncio.gather(
                *(in_turn(place, item) for place, item in enumerate(warehouse.spec.subscriptions))
            )
        self.ledger.note(warehouse.metadata.uid, spent, now=now)
        failures = [each for each in looked if isinstance(each, _Failure)]
        if failures:
            raise DiscoveryFailed(
                "; ".join(f"{failure.where}: {failure.said}" for failure in failures),
                is_final=any(failure.is_final for failure in failures),
                is_refused=all(failure.is_refused for failure in failures),
                seconds=max((each.seconds for each in failures if each.seconds), default=None),
            )
        found = DiscoveredArtifacts(discovered_at=moments.precise(now))
        answers.put(found, (each for each in looked if not isinstance(each, _Failure)))
        told = tuple(note for place in sorted(notes) for note in notes[place])
        return Discovered(found, told)

    def _insisting(self) -> AbstractContextManager[None]:
        """Have hosts asked that would be left alone for a while: a person wants to know now."""
        egress = self._clients.egress
        return nullcontext() if egress is None else egress.health.insisting()

    async def explain(self, warehouse: Warehouse, *, now: datetime) -> list[Explained]:
        """Look at every subscription, and tell what becomes of each candidate, or what kept it from being looked at.

        Nothing is kept but what any look keeps to spare servers the next one.
        """
        turns = asyncio.Semaphore(AT_ONCE)
        look = _Look(now, False, _shared_seconds(warehouse, now, manual=False, heard=None))

        async def in_turn(place: int, item: Any) -> Explained:
            notes, verdicts = list[str](), Verdicts(most)
            async with turns:
                looked = await self._look(warehouse, place, item, look, notes, verdicts=verdicts)
            if isinstance(looked, _Failure):
                return Explained(place, item, verdicts, None, looked.said, tuple(notes))
            return Explained(place, item, verdicts, looked, "", tuple(notes))

        items = warehouse.spec.subscriptions
        most = max(_FEWEST_LISTED, _MOST_LISTED // max(1, len(items)))
        with spending() as spent:
            looked = await asyncio.gather(*(in_turn(*each) for each in enumerate(items)))
        self.ledger.note(warehouse.metadata.uid, spent, now=now)
        return list(looked)

    async def _look(
        self,
        warehouse: Warehouse,
        place: int,
        item: Any,
        look: _Look,
        notes: list[str],
        *,
        verdicts: Verdicts | None = None,
    ) -> Result | _Failure:
        """Return what a subscription has found, or what kept it from it; `notes` is filled with what it notes."""
        type_ = subscription_type(item)
        where = f"spec.subscriptions[{place}]"
        known = self._types.get(type_) if type_ is not None else None
        if type_ is None or known is None:
            there = ", ".join(sorted(self._types))
            return _Failure(
                where,
                f"this version does not look for artifacts of type {type_!r}; it does for {there}",
                is_final=True,
            )
        schema = subscription_schema(type_) or schema_of(GenericSubscription)
        config = with_defaults(schema, item[type_])
        called = f"{type_} {config.get('repoURL') or item.get('name') or ''}".rstrip()
        where = f"{where} ({called})"

        def note(said: str) -> None:
            if len(notes) < _MOST_NOTES:
                notes.append(f"{where}: {_said(said)}")

        seconds = known.look_seconds if isinstance(known, TakesLonger) else LOOK_SECONDS
        deadline = asyncio.timeout(seconds)
        try:
            subscription = Subscription(
                project=warehouse.metadata.namespace,
                warehouse=warehouse.metadata.name,
                name=str(item.get("name") or ""),
                config=to_document(config),
                wanted=(
                    extension_configs.read(known.config, config)
                    if isinstance(known, HasConfig)
                    else None
                ),
                now=look.now,
                is_manual=look.is_manual,
                heard=look.heard,
                most_seconds=look.most_seconds,
                note=note,
                verdicts=verdicts,
            )
            async with deadline:
                answer = await known.discover(subscription, self._clients)
            return answers.checked(answer, type_, subscription)
        except errors.TowpathError as error:
            return _Failure(
                where,
                _said(error.message),
                is_final=isinstance(error, errors.Invalid),
                is_refused=isinstance(error, _NOT_THERE),
                seconds=error.seconds if isinstance(error, errors.TooManyRequests) else None,
            )
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a fault in one type must not take the others along
            if deadline.expired():
                return _Failure(where, f"the look was not over after {seconds:g} s")
            _log.exception("a subscription failed", extra={"warehouse": warehouse.metadata.name})
            return _Failure(where, f"{type(error).__name__}; the server's log has more")


def _said(text: str) -> str:
    """Return what a type says, which may be anybody's: plain, and as much as people read of one subscription."""
    return messages.cut(messages.plain(text), _SAID_BYTES)


def _shared_seconds(
    warehouse: Warehouse, now: datetime, *, manual: bool, heard: datetime | None
) -> float:
    """Return how old an answer may be: the part of the interval over which looks are spread anyway.

    None is good enough for who asks by hand. After a webhook those are that were asked for since it came: of a hundred
    Warehouses on one repository that a push wakes, the first asks for all of them.
    """
    if manual:
        return 0.0
    if heard is not None:
        return max(0.0, (now - heard).total_seconds())
    interval = durations.span(warehouse.spec.interval) or polling.DEFAULT
    return min(interval.total_seconds() * polling.SPREAD, _LONGEST_SHARED_SECONDS)
