"""Freight: named by its contents, called by an alias, approved by who may promote (docs/reference/kinds/freight.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.admission import stage_holdings
from towpath.admission.kind_rules import KindRules, annotations_of, labels_of, set_or_drop, text_at
from towpath.admission.recalled import Recalled
from towpath.errors import Conflict, FieldError, Forbidden, NotFound
from towpath.resources import freight_order, moments, scheme
from towpath.resources.annotations import QUARANTINE
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.labels import ALIAS_LABEL
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.rules import quarantine
from towpath.rules.aliases import draw_alias
from towpath.rules.freight_contents import contents_errors
from towpath.rules.freight_name import freight_name
from towpath.rules.rbac import Attributes
from towpath.store.contract import Order, Query, Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.store.contract import Document, Store, Stored

_TICK: Final = timedelta(microseconds=1)
_FURTHEST_AHEAD: Final = timedelta(days=1)
"""By which another clock may be ahead of ours."""
_FIXED: Final = ("origin", "commits", "images", "charts", "artifacts")
_OF_STAGES: Final = ("approvedFor", "currentlyIn", "verifiedIn")
"""What the status has by Stage."""


class FreightRules(KindRules):
    """Rules of Freight."""

    def __init__(
        self, store: Store, clock: Clock, authorizer: Authorizer, randomness: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._authorizer = authorizer
        self._clock = clock
        self._randomness = randomness
        # Whoever deletes thousands of Freight does not have all Stages read for each.
        self._holdings: Recalled[stage_holdings.Holdings] = Recalled(store, kinds=(scheme.STAGE,))

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Give new Freight its name, time and alias; the alias' label follows the field. Note who keeps it back."""
        before = text_at(old or {}, "metadata", "annotations", QUARANTINE)
        kept_back = text_at(document, "metadata", "annotations", QUARANTINE)
        if kept_back != before and not requester.is_controller:
            set_or_drop(
                annotations_of(document),
                QUARANTINE,
                quarantine.in_name_of(requester.actor, kept_back),
            )
        if not document.get("discoveredAt"):
            created = ((old or {}).get("metadata") or {}).get("creationTimestamp")
            document["discoveredAt"] = created or moments.precise(await self._next_moment(document))
        if old is None:
            if isinstance(document.get("origin"), dict):
                document["metadata"]["name"] = freight_name(_viewed(document))
            if not document.get("alias"):
                document["alias"] = await self._drawn()
        set_or_drop(labels_of(document), ALIAS_LABEL, text_at(document, "alias"))
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with contents, alias and time, and what must not change."""
        ahead = await self._time_errors(document, old)
        if old is not None:
            fixed = [
                FieldError(
                    field,
                    "FieldValueInvalid",
                    "Invalid value: Freight never changes; this field is fixed",
                )
                for field in _FIXED
                if document.get(field) != old.get(field)
            ]
            return [*fixed, *ahead]
        freight = _viewed(document)
        ref = Ref(scheme.WAREHOUSE, document["metadata"]["namespace"], freight.origin.name)
        try:
            warehouse = (await self._store.get(ref)).view(Warehouse)
        except NotFound:
            return [
                FieldError(
                    "origin.name",
                    "FieldValueNotFound",
                    f'Not found: "{freight.origin.name}": there is no such Warehouse',
                )
            ]
        found = contents_errors(freight, warehouse)
        return [*found, *ahead, *await self._alias_errors(document)]

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise Conflict when Freight that is there takes an alias that other Freight has.

        Forbidden when somebody changes what its status says of a Stage that they may not promote to: that it was approved
        or verified there, or since when it is there. The status is written by kubectl as well, and opens gates: of time
        too, which those behind the Stage go by.
        """
        if not requester.is_controller:
            for stage in _restated(document, old or {}):
                namespace = document["metadata"]["namespace"]
                on = Attributes(scheme.KARGO, scheme.STAGE.plural, namespace, stage)
                await self._authorizer.authorize(requester.user, "promote", on)
        is_taking = old is not None and document.get("alias") != old.get("alias")
        if is_taking and (taken := await self._alias_errors(document)):
            raise Conflict(f"{taken[0]}")

    async def check_deletion(self, stored: Stored, requester: Requester) -> None:
        """Raise Forbidden while the Freight is in a Stage, unless its whole Project goes."""
        if requester.is_controller or await self._is_going(stored.ref.namespace):
            return
        # Every Stage is asked, not only those of `status.currentlyIn`, which follows the Stages with a delay.
        namespace = stored.ref.namespace
        holdings = await self._holdings.of(
            namespace, lambda: stage_holdings.read(self._store, namespace)
        )
        for ref, text in holdings.unreadable:
            if stored.ref.name.encode() in text:
                raise Forbidden(
                    f"{stored.ref} is named by {ref}, which cannot be read: mend that Stage, or delete "
                    "it, before deleting the Freight"
                )
        stage = holdings.stages.get(stored.ref.name)
        if stage is not None:
            raise Forbidden(
                f"{stored.ref} is in Stage {stage} now; promote other Freight there before deleting it"
            )

    async def _next_moment(self, document: Document) -> datetime:
        """Return when new Freight was discovered: now, but later than all Freight of its origin.

        What is newest is told by this time alone, so it is no earlier when the clock was set back. It is told to the
        microsecond: of two Freight made within one second the newer one must be known.
        """
        now, newest = self._clock.now(), await self._newest(document)
        return now if newest is None or newest < now else moments.later(newest, _TICK)

    async def _newest(self, document: Document) -> datetime | None:
        """Return when the newest Freight of the same origin was discovered."""
        origin = text_at(document, "origin", "name")
        if not origin:
            return None
        query = Query(kind=scheme.FREIGHT, namespace=document["metadata"]["namespace"])
        between = freight_order.of(origin)
        order = Order(path=freight_order.DISCOVERED, descending=True, between=between)
        page = await self._store.list(query, order=order, limit=1, fresh=True)
        return moments.read(page.items[0].document.get("discoveredAt")) if page.items else None

    async def _time_errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return that Freight is newly said to come from a time ahead: no later Freight would ever be the newest."""
        text = document.get("discoveredAt")
        told, now = moments.read(text), self._clock.now()
        if told is None or text == (old or {}).get("discoveredAt"):
            return []
        if told <= moments.later(now, _FURTHEST_AHEAD):
            return []
        newest = await self._newest(document)  # ahead itself, where the clock was set back
        if newest is not None and told <= moments.later(newest, _TICK):
            return []
        said = (
            "it lies more than a day ahead, and would count as newer than all Freight to come; leave it out, or "
            f"give a moment that has been: it is {moments.written(now)}"
        )
        return [FieldError("discoveredAt", "FieldValueInvalid", f'Invalid value: "{text}": {said}')]

    async def _is_going(self, namespace: str) -> bool:
        try:
            found = await self._store.get(Ref(scheme.NAMESPACE, "", namespace))
        except NotFound:
            return True
        return bool(found.document["metadata"].get("deletionTimestamp"))

    async def _alias_errors(self, document: Document) -> list[FieldError]:
        alias = document.get("alias") or ""
        if not alias:
            return []
        query = Query(
            kind=scheme.FREIGHT,
            namespace=document["metadata"]["namespace"],
            labels=(Requirement(ALIAS_LABEL, "In", frozenset({alias})),),
        )
        page = await self._store.list(query, limit=2, fresh=True)
        others = [
            item.ref.name
            for item in page.items
            if item.ref.name != document["metadata"].get("name")
        ]
        if not others:
            return []
        return [
            FieldError(
                "alias",
                "FieldValueDuplicate",
                f'Duplicate value: "{alias}": Freight {others[0]} has this alias',
            )
        ]

    async def _drawn(self) -> str:
        """Return an alias that no Freight of any Project has."""
        taken: set[str] = set()
        while True:
            alias = draw_alias(self._choose, lambda name: name in taken)
            query = Query(
                kind=scheme.FREIGHT, labels=(Requirement(ALIAS_LABEL, "In", frozenset({alias})),)
            )
            if not (await self._store.list(query, limit=1)).items:
                return alias
            taken.add(alias)

    def _choose(self, words: Sequence[str]) -> str:
        return words[int.from_bytes(self._randomness(8), "big") % len(words)]


def _viewed(document: Any) -> Freight:
    return view(Freight, {**document, "status": None})


def _restated(document: Document, old: Document) -> list[str]:
    """Return the Stages of which the status of Freight says something else than before."""
    found: set[str] = set()
    for field in _OF_STAGES:
        is_, was = ((each.get("status") or {}).get(field) or {} for each in (document, old))
        found |= {str(stage) for stage in {**is_, **was} if is_.get(stage) != was.get(stage)}
    return sorted(found)
