"""Promotions: what a request becomes, and whether its Freight may go there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.admission import gathering, policies, retries, stage_promotions
from towpath.admission.candidates import choose
from towpath.admission.kind_rules import KindRules, annotations_of, labels_of, set_or_drop
from towpath.admission.policies import Policies
from towpath.admission.requester import asked
from towpath.errors import FieldError, Forbidden, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.annotations import (
    ABORT,
    CREATE_ACTOR,
    HOLD,
    RESUME,
    RETRY_FROM,
    RETRY_NOTE,
    RETRY_OF,
    STAGE,
    VIA,
    requested,
)
from towpath.resources.freight import Freight, FreightOrigin
from towpath.resources.kinds import Ref
from towpath.resources.labels import SHARD_LABEL
from towpath.resources.shortening import label_value
from towpath.resources.stage import Stage
from towpath.rules import holds
from towpath.rules.gates import availability
from towpath.rules.gates.gate import Bars, said, shut
from towpath.rules.gates.listing import Move, by_hand
from towpath.rules.gates.stage import STAGE as STAGE_GATE
from towpath.rules.gates.steps import TASKS, InflatedTemplate
from towpath.rules.policies import is_enabled
from towpath.rules.promotion_name import moment, promotion_name
from towpath.rules.rbac import Attributes
from towpath.rules.ulid import ulid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Document, Store, Stored

_INTENTS: Final = (CREATE_ACTOR, VIA, HOLD, RESUME, RETRY_OF, RETRY_FROM, RETRY_NOTE)
"""Annotations that say who asked for a Promotion, how, and as what."""
_RANDOM_BITS: Final = 80
_MOST_HEEDED: Final = 10_000
_FURTHEST_AHEAD: Final = 100 * 366 * 24 * 3600 * 1000
"""Milliseconds that a clock may have been set back by."""


class PromotionRules(KindRules):
    """Rules of Promotions."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        authorizer: Authorizer,
        randomness: Callable[[int], bytes],
        known_steps: Mapping[str, StepKind],
    ) -> None:
        self._store = store
        self._clock = clock
        self._authorizer = authorizer
        self._randomness = randomness
        self._known_steps = known_steps
        self._policies = Policies(store)
        self._last = (0, 0)
        self._heeded: dict[str, None] = {}
        """Uids of Stages whose newest Promotion was made before what was drawn last; the oldest go when there are too many."""

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Return a request as the Promotion it asks for: name, steps, variables, intent, owner.

        Raises Forbidden for who may not `promote` to the Stage and while the Stage is being deleted, NotFound for an
        unknown one, Invalid when it cannot be promoted to or the Freight may not go there, naming every shut gate.
        """
        self._note_abort(document, old, requester)
        if old is not None:
            return document
        spec = document.get("spec")
        if not isinstance(spec, dict) or not isinstance(spec.get("stage"), str):
            return document  # the schema says what is missing
        namespace = document["metadata"]["namespace"]
        if not requester.is_controller:
            stages = Attributes(scheme.KARGO, scheme.STAGE.plural, namespace, spec["stage"])
            await self._authorizer.authorize(requester.user, "promote", stages)
        stored = await self._stage(namespace, spec["stage"])
        move = await self._move(stored, spec, namespace)
        if move is None:
            return document
        freight = _let_through(stored.ref, move, spec)
        stage = move.stage
        retried = await self._retried(document, freight, requester)
        made_from = move.template if retried is None else retried
        spec.pop("origin", None)
        spec["freight"] = freight.metadata.name
        document["metadata"]["name"] = promotion_name(
            stage.metadata.name, freight.metadata.name, await self._next(stored.uid, stage)
        )
        document["metadata"].pop("generateName", None)
        spec["vars"] = list(made_from.variables)
        if not spec["vars"]:
            del spec["vars"]
        spec["steps"] = list(made_from.steps)
        await self._stamp(document, stage, freight, requester)
        labels_of(document)[STAGE] = label_value(stage.metadata.name)
        annotations_of(document)[STAGE] = stage.metadata.name
        set_or_drop(labels_of(document), SHARD_LABEL, stage.spec.shard)
        document["metadata"]["ownerReferences"] = [
            {
                "apiVersion": scheme.STAGE.api_version,
                "kind": scheme.STAGE.name,
                "name": stage.metadata.name,
                "uid": stored.uid,
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with an update: what is promoted is fixed."""
        if old is None or document.get("spec") == old.get("spec"):
            return []
        return [
            FieldError("spec", "FieldValueInvalid", "Invalid value: a Promotion's spec is fixed")
        ]

    # The parts of a request

    async def _retried(
        self, document: Document, freight: Freight, requester: Requester
    ) -> InflatedTemplate | None:
        """Return what a retry is made from, None for what is none. Raises Forbidden for who may not see what is retried."""
        found = annotations_of(document)
        if not found.get(RETRY_OF):
            for key in (RETRY_OF, RETRY_FROM, RETRY_NOTE):
                found.pop(key, None)
            return None
        if not requester.is_controller:
            namespace, name = document["metadata"]["namespace"], str(found[RETRY_OF])
            on = Attributes(scheme.KARGO, scheme.PROMOTION.plural, namespace, name)
            await self._authorizer.authorize(requester.user, "get", on)
        return await retries.template(
            self._store, document, freight=freight.metadata.name, kinds=self._known_steps
        )

    async def _stage(self, namespace: str, name: str) -> Stored:
        try:
            return await self._store.get(Ref(scheme.STAGE, namespace, name), fresh=True)
        except NotFound:
            raise NotFound(
                f'stages.kargo.akuity.io "{namespace}/{name}" not found: spec.stage must name a Stage of the '
                "Project"
            ) from None

    async def _move(self, stored: Stored, spec: Document, namespace: str) -> Move | None:
        """Return what is asked for and what decides whether it may be; None when the request is malformed."""
        stage, now = stored.view(Stage), self._clock.now()
        name, given = spec.get("freight"), spec.get("origin")
        if bool(name) == bool(given):
            raise _invalid(
                "spec", name or "", "exactly one of freight and origin says what is promoted"
            )
        lacking, freight = "", None
        if name:
            freight = await self._freight(namespace, str(name))
            origin = freight.origin.key
        else:
            try:
                origin = msgspec.convert(given, FreightOrigin).key
            except msgspec.ValidationError:
                return None
            request = availability.request_for(stage, origin)
            if request is not None:
                freight = (await choose(self._store, stage, request, now=now)).freight
            lacking = f"no Freight of {origin} is available to Stage {stage.metadata.name} now"
        template = await gathering.template(self._store, namespace, stored.document)
        return Move(
            now=now,
            stage=stage,
            origin=origin,
            freight=freight,
            lacking=lacking,
            template=template,
            calendar=(await policies.in_force(self._store, namespace)).calendar,
        )

    async def _freight(self, namespace: str, name: str) -> Freight:
        try:
            ref = Ref(scheme.FREIGHT, namespace, name)
            return (await self._store.get(ref, fresh=True)).view(Freight)
        except NotFound:
            raise NotFound(
                f'freights.kargo.akuity.io "{namespace}/{name}" not found: spec.freight must name '
                "Freight of the Project"
            ) from None

    async def _stamp(
        self, document: Document, stage: Stage, freight: Freight, requester: Requester
    ) -> None:
        """Note who asks and, where a person asks for what auto-promotion might undo, what they intend."""
        found = annotations_of(document)
        for key in (VIA, HOLD, RESUME):
            found.pop(key, None)
        if requester.is_controller:
            return
        found[CREATE_ACTOR] = requester.actor
        set_or_drop(found, VIA, requester.via)
        if not await self._is_automatic(stage):
            return
        request = availability.request_for(stage, freight.origin.key)
        if request is None:
            return
        wanted = (await choose(self._store, stage, request, now=self._clock.now())).freight
        found[holds.intent(freight, wanted)] = freight.origin.key

    async def _is_automatic(self, stage: Stage) -> bool:
        return is_enabled(stage, await self._policies.in_force(stage.metadata.namespace))

    def _note_abort(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Write a request to abort as JSON that says who asked; intents stay as they were admitted."""
        before = ((old or {}).get("metadata") or {}).get("annotations") or {}
        found = annotations_of(document)
        if old is not None:
            for key in _INTENTS:
                set_or_drop(found, key, str(before.get(key) or ""))
        value = found.get(ABORT)
        if not isinstance(value, str) or not value or value == before.get(ABORT):
            return
        found[ABORT] = asked(requested(value, "action"), requester)

    async def _next(self, uid: str, stage: Stage) -> str:
        """Return a ULID for a Promotion of a Stage, above that of its newest.

        What is drawn here is above all that was: once the first for a Stage is, nobody has to look for its newest again.
        """
        newest = 0 if uid in self._heeded else await self._newest(stage)
        drawn = self._ulid(after=newest)
        self._heeded[uid] = None
        if len(self._heeded) > _MOST_HEEDED:
            del self._heeded[next(iter(self._heeded))]
        return drawn

    async def _newest(self, stage: Stage) -> int:
        """Return when the newest Promotion of a Stage was made, as its name tells (milliseconds since 1970).

        A later one must sort after it, also when the clock was set back while nothing ran: its Stage goes by names.
        What lies a century ahead was not made here: following it, the names of all Stages would run out of time.
        """
        status = stage.status
        names = [
            reference.name
            for reference in (
                status.last_promotion if status else None,
                status.current_promotion if status else None,
            )
            if reference is not None
        ]
        names += await stage_promotions.waiting(
            self._store, stage.metadata.namespace, stage.metadata.name
        )
        latest = int(self._clock.now().timestamp() * 1000) + _FURTHEST_AHEAD
        told = [each for name in names if (each := moment(name)) is not None]
        return max((each for each in told if each <= latest), default=0)

    def _ulid(self, *, after: int = 0) -> str:
        """Return a ULID above all before it, also within one millisecond and when the clock is set back.

        `after`: a moment that it must not lie before (milliseconds since 1970).
        """
        now = int(self._clock.now().timestamp() * 1000)
        moment, randomness = self._last
        if after > moment:
            # Made by a process before this one: what it drew is not known, so only a later moment is above it.
            now = max(now, after + 1)
        if now > moment:
            moment, randomness = now, int.from_bytes(self._randomness(10), "big")
        else:
            randomness += 1
            if randomness >> _RANDOM_BITS:
                moment, randomness = moment + 1, 0
        self._last = (moment, randomness)
        when = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=moment)
        return ulid(when, randomness.to_bytes(10, "big"))


def _let_through(ref: Ref, move: Move, spec: Document) -> Freight:
    """Return the Freight that may be promoted. Raises Forbidden or Invalid, naming every shut gate."""
    closed = shut(by_hand(move), Bars.PROMOTION)
    if not closed and move.freight is not None:
        return move.freight
    if move.stage.metadata.deletion_timestamp:
        raise Forbidden(f"{ref}: {said(closed)}")
    stage, freight = move.stage.metadata.name, move.freight
    of_stage = [gate for gate in closed if gate.name in (STAGE_GATE, TASKS)]
    of_freight = [gate for gate in closed if gate not in of_stage]
    causes = []
    if of_stage:
        causes.append(_cause("spec.stage", stage, f"it cannot be promoted to: {said(of_stage)}"))
    if of_freight:
        named = (freight.alias or freight.metadata.name) if freight else ""
        what = f"Freight {named}" if named else f"Freight of {move.origin}"
        causes.append(
            _cause(
                "spec.freight" if spec.get("freight") else "spec.origin",
                freight.metadata.name if freight is not None else move.origin,
                f"{what} is not available to Stage {stage}: {said(of_freight)}",
            )
        )
    raise Invalid.of(scheme.PROMOTION.qualified, "", causes)


def _cause(path: str, value: str, why: str) -> FieldError:
    return FieldError(path, "FieldValueInvalid", f'Invalid value: "{value}": {why}')


def _invalid(path: str, value: str, why: str) -> Invalid:
    return Invalid.of(scheme.PROMOTION.qualified, "", [_cause(path, value, why)])
