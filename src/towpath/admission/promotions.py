"""Promotions: what a request becomes, and whether its Freight may go there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.admission import policies
from towpath.admission.candidates import choose
from towpath.admission.kind_rules import (
    SHARD_LABEL,
    KindRules,
    annotations_of,
    labels_of,
    set_or_drop,
)
from towpath.admission.requester import asked
from towpath.errors import FieldError, Forbidden, Invalid, NotFound
from towpath.resources import promotion_queue, scheme
from towpath.resources.annotations import ABORT, CREATE_ACTOR, HOLD, RESUME, STAGE, requested
from towpath.resources.freight import Freight, FreightOrigin
from towpath.resources.kinds import Ref
from towpath.resources.shortening import label_value
from towpath.resources.stage import Stage
from towpath.rules import availability, holds
from towpath.rules.inflation import inflate
from towpath.rules.policies import is_enabled
from towpath.rules.promotion_name import moment, promotion_name
from towpath.rules.rbac import Attributes
from towpath.rules.ulid import ulid
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.store.contract import Document, Store

_RANDOM_BITS: Final = 80
_FURTHEST_AHEAD: Final = 100 * 366 * 24 * 3600 * 1000
"""Milliseconds that a clock may have been set back by."""


class PromotionRules(KindRules):
    """Rules of Promotions."""

    def __init__(
        self, store: Store, clock: Clock, authorizer: Authorizer, randomness: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._clock = clock
        self._authorizer = authorizer
        self._randomness = randomness
        self._last = (0, 0)

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Return a request as the Promotion it asks for: name, steps, variables, intent, owner.

        Raises Forbidden for who may not `promote` to the Stage, NotFound for an unknown one, Invalid when it cannot
        be promoted to or the Freight may not go there, naming every shut gate.
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
        stage, stage_document = stored.view(Stage), stored.document
        template = _template(stage_document)
        freight = await self._freight(stage, spec, namespace)
        if freight is None:
            return document
        spec.pop("origin", None)
        spec["freight"] = freight.metadata.name
        newest = await self._newest(stage)
        document["metadata"]["name"] = promotion_name(
            stage.metadata.name, freight.metadata.name, self._ulid(after=newest)
        )
        document["metadata"].pop("generateName", None)
        spec["vars"] = [*(stage_document["spec"].get("vars") or ()), *(template.get("vars") or ())]
        if not spec["vars"]:
            del spec["vars"]
        spec["steps"] = inflate(
            template["steps"],
            spec.get("vars") or [],
            await self._tasks(namespace, template["steps"]),
        )
        self._refuse_unavailable(stage, freight)
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

    async def _stage(self, namespace: str, name: str) -> Any:
        try:
            stored = await self._store.get(Ref(scheme.STAGE, namespace, name), fresh=True)
        except NotFound:
            raise NotFound(
                f'stages.kargo.akuity.io "{namespace}/{name}" not found: spec.stage must name a Stage of the '
                "Project"
            ) from None
        document = stored.document
        if document["metadata"].get("deletionTimestamp"):
            raise Forbidden(f"{stored.ref} is being deleted; nothing is promoted to it any more")
        if not (_template(document).get("steps")):
            raise _invalid(
                "spec.stage",
                name,
                "the Stage has no promotion steps: it only controls the flow to other Stages",
            )
        if document["spec"].get("targets"):
            raise _invalid(
                "spec.stage",
                name,
                "the Stage has targets; promoting to targets is not supported yet",
            )
        return stored

    async def _freight(self, stage: Stage, spec: Document, namespace: str) -> Freight | None:
        """Return the Freight that is asked for; None when the request is malformed."""
        name, origin = spec.get("freight"), spec.get("origin")
        if bool(name) == bool(origin):
            raise _invalid(
                "spec", name or "", "exactly one of freight and origin says what is promoted"
            )
        if name:
            try:
                return (
                    await self._store.get(Ref(scheme.FREIGHT, namespace, str(name)), fresh=True)
                ).view(Freight)
            except NotFound:
                raise NotFound(
                    f'freights.kargo.akuity.io "{namespace}/{name}" not found: spec.freight must name '
                    "Freight of the Project"
                ) from None
        try:
            wanted = msgspec.convert(origin, FreightOrigin)
        except msgspec.ValidationError:
            return None
        request = availability.request_for(stage, wanted.key)
        if request is None:
            raise _invalid("spec.origin.name", wanted.name, "the Stage requests no Freight of it")
        found = (await choose(self._store, stage, request, now=self._clock.now())).freight
        if found is None:
            raise _invalid(
                "spec.origin.name",
                wanted.name,
                f"no Freight of it is available to Stage {stage.metadata.name} now",
            )
        return found

    async def _tasks(
        self, namespace: str, steps: list[Document]
    ) -> Callable[[str, str], Document | None]:
        found: dict[tuple[str, str], Document | None] = {}
        for step in steps:
            task = step.get("task")
            if not task:
                continue
            kind = task.get("kind") or scheme.PROMOTION_TASK.name
            is_shared = kind == scheme.CLUSTER_PROMOTION_TASK.name
            ref = (
                Ref(scheme.CLUSTER_PROMOTION_TASK, "", task["name"])
                if is_shared
                else Ref(scheme.PROMOTION_TASK, namespace, task["name"])
            )
            try:
                found[kind, task["name"]] = (await self._store.get(ref)).document
            except NotFound:
                found[kind, task["name"]] = None
        return lambda kind, name: found.get((kind or scheme.PROMOTION_TASK.name, name))

    def _refuse_unavailable(self, stage: Stage, freight: Freight) -> None:
        gates = availability.gates(stage, freight, now=self._clock.now())
        shut = [gate for gate in gates if not gate.open]
        if not shut:
            return
        named = freight.alias or freight.metadata.name
        said = "; ".join(f"{gate.name}: {gate.reason}" for gate in shut)
        raise _invalid(
            "spec.freight",
            freight.metadata.name,
            f"Freight {named} is not available to Stage {stage.metadata.name}: {said}",
        )

    async def _stamp(
        self, document: Document, stage: Stage, freight: Freight, requester: Requester
    ) -> None:
        """Note who asks and, where a person asks for what auto-promotion might undo, what they intend."""
        found = annotations_of(document)
        for key in (HOLD, RESUME):
            found.pop(key, None)
        if requester.is_controller:
            return
        found[CREATE_ACTOR] = requester.actor
        if not await self._is_automatic(stage):
            return
        request = availability.request_for(stage, freight.origin.key)
        if request is None:
            return
        wanted = (await choose(self._store, stage, request, now=self._clock.now())).freight
        found[holds.intent(freight, wanted)] = freight.origin.key

    async def _is_automatic(self, stage: Stage) -> bool:
        return is_enabled(stage, await policies.in_force(self._store, stage.metadata.namespace))

    def _note_abort(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Write a request to abort as JSON that says who asked; intents stay as they were admitted."""
        before = ((old or {}).get("metadata") or {}).get("annotations") or {}
        found = annotations_of(document)
        for key in (HOLD, RESUME):
            if old is not None:
                set_or_drop(found, key, str(before.get(key) or ""))
        value = found.get(ABORT)
        if not isinstance(value, str) or not value or value == before.get(ABORT):
            return
        found[ABORT] = asked(requested(value, "action"), requester)

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
        waiting = Query(
            kind=scheme.PROMOTION,
            namespace=stage.metadata.namespace,
            fields=(FieldTerm(promotion_queue.WAITING, stage.metadata.name),),
        )
        names += [item.ref.name for item in (await self._store.list(waiting, fresh=True)).items]
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


def _template(stage: Document) -> Document:
    template: Document = (stage["spec"].get("promotionTemplate") or {}).get("spec") or {}
    return template


def _invalid(path: str, value: str, why: str) -> Invalid:
    error = FieldError(path, "FieldValueInvalid", f'Invalid value: "{value}": {why}')
    return Invalid.of(scheme.PROMOTION.qualified, "", [error])
