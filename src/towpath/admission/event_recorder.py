"""Events: what happened to Promotions and Freight, as core/v1 Events with a payload.

An Event's name is made from what it tells of, so that a controller that is cut off and does its work again tells of
nothing twice.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.admission.kind_rules import KindRules, text_at
from towpath.resources import booleans, moments
from towpath.resources.annotations import CREATE_ACTOR, ROLLBACK, VIA
from towpath.resources.promotion import VerificationPhase
from towpath.resources.structs import to_document
from towpath.resources.validation import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.resources.promotion import VerificationInfo
    from towpath.resources.stage import Stage
    from towpath.store.contract import Document, Store, Stored

PREFIX: Final = "event.kargo.akuity.io/"
_LONGEST_NAME: Final = 253 - 17
_VERIFICATIONS: Final[Mapping[str, str]] = {
    VerificationPhase.SUCCESSFUL: "Succeeded",
    VerificationPhase.FAILED: "Failed",
    VerificationPhase.ERROR: "Errored",
    VerificationPhase.ABORTED: "Aborted",
    VerificationPhase.INCONCLUSIVE: "Inconclusive",
}
"""What Events call the phases of verifications that have ended."""
_CAME_TO: Final[Mapping[str, str]] = {
    VerificationPhase.SUCCESSFUL: "succeeded",
    VerificationPhase.FAILED: "failed",
    VerificationPhase.ERROR: "ended in an error",
    VerificationPhase.ABORTED: "was aborted",
    VerificationPhase.INCONCLUSIVE: "was inconclusive",
}
_NOWHERE: Final = "default"
"""Where Events of objects without a namespace are kept, as in Kubernetes."""


class EventRules(KindRules):
    """Rules of Events that others make."""

    async def errors(self, document: Document, old: Document | None) -> list[errors.FieldError]:
        """Return that an Event is not where its object is."""
        del old
        about = text_at(document, "involvedObject", "namespace")
        if about in ("", text_at(document, "metadata", "namespace")):
            return []
        said = "does not match event.namespace"
        return [wording.invalid("involvedObject.namespace", about, said)]


class EventRecorder:
    """Records Events."""

    def __init__(self, store: Store, clock: Clock, requester: Requester) -> None:
        """`requester`: whose actor the Events are written as and who is said to report them."""
        self._store = store
        self._clock = clock
        self._actor = requester.actor

    async def freight_created(self, freight: Stored, via: str = "") -> None:
        """Tell that Freight was made. `via`, here and below: how and from where somebody asked for it; empty where nobody did."""
        document = freight.document
        await self._record(
            freight,
            "FreightCreated",
            f"Freight {_named(document)} was created",
            _freight(document),
            key="",
            via=via,
        )

    async def freight_approved(self, freight: Stored, stage: str, requester: Requester) -> None:
        """Tell that Freight was approved for a Stage."""
        document = freight.document
        await self._record(
            freight,
            "FreightApproved",
            f"Freight {_named(document)} was approved for Stage {stage} by {requester.actor}",
            {**_freight(document), "stage-name": stage, "actor": requester.actor},
            key=stage,
            via=requester.via,
        )

    async def verified(self, stage: Stage, freight: Ref) -> None:
        """Tell that Freight counts as verified in a Stage that only controls the flow."""
        try:
            found = await self._store.get(freight)
        except errors.NotFound:
            return
        payload = {**_freight(found.document), "stage-name": stage.metadata.name}
        await self._record(
            found,
            "FreightVerificationSucceeded",
            f"Freight {_named(found.document)} was verified in Stage {stage.metadata.name}",
            payload,
            key=f"{stage.metadata.uid}",
        )

    async def verification(
        self, stage: Stage, freight: Stored, entry: VerificationInfo, via: str = ""
    ) -> None:
        """Tell how a verification of Freight in a Stage has ended: `FreightVerificationSucceeded` and so on."""
        word = _VERIFICATIONS.get(entry.phase, "Unknown")
        run = entry.analysis_run
        payload = {
            **_freight(freight.document),
            "stage-name": stage.metadata.name,
            "actor": entry.actor or self._actor,
            "verification-start-time": entry.start_time or "",
            "verification-finish-time": entry.finish_time or "",
            "analysis-run-name": run.name if run is not None else "",
        }
        came_to = _CAME_TO.get(entry.phase, "ended without a known result")
        said = f"Freight {_named(freight.document)}: its verification in Stage {stage.metadata.name} {came_to}"
        await self._record(
            freight,
            f"FreightVerification{word}",
            f"{said}: {entry.message}" if entry.message else said,
            payload,
            key=f"{stage.metadata.uid}:{entry.id}",
            via=via,
        )

    async def promotion(
        self, promotion: Stored, reason: str, message: str, freight: Document | None
    ) -> None:
        """Tell how a Promotion fares: `PromotionCreated`, `PromotionSucceeded` and so on."""
        document = promotion.document
        annotations = document["metadata"].get("annotations") or {}
        payload = {
            "promotion-name": promotion.ref.name,
            "promotion-create-time": str(document["metadata"].get("creationTimestamp") or ""),
            "stage-name": document["spec"]["stage"],
        }
        actor = annotations.get(CREATE_ACTOR)
        if actor:
            payload["actor"] = str(actor)
        if booleans.is_set(annotations, ROLLBACK):
            payload["rollback"] = "true"
        if freight is not None:
            payload |= _freight(freight)
        via = str(annotations.get(VIA) or "")
        await self._record(promotion, reason, message, payload, key="", via=via)

    async def stage(
        self,
        stage: Stored,
        reason: str,
        message: str,
        payload: Mapping[str, str],
        *,
        key: str,
        via: str = "",
    ) -> None:
        """Tell what became of a Stage: `StageHealthChanged`, `AutoPromotionHeld`, `AutoPromotionResumed`."""
        named = {**payload, "stage-name": stage.ref.name}
        await self._record(stage, reason, message, named, key=key, via=via)

    async def failed(self, about: Stored, reason: str, message: str, *, key: str) -> None:
        """Warn of what keeps an object from being reconciled, once for each `key`."""
        await self._record(about, reason, message, {}, key=key, type_="Warning")

    async def recorded(
        self, about: Stored, type_: str, message: str, payload: Mapping[str, str], *, key: str
    ) -> str:
        """Put on record what a step was told to, once for each `key`; return the Event's name."""
        return await self._record(about, type_, message, payload, key=f"recorded:{key}")

    async def _record(
        self,
        about: Stored,
        reason: str,
        message: str,
        payload: Mapping[str, str],
        *,
        key: str,
        type_: str = "Normal",
        via: str = "",
    ) -> str:
        """Record an Event, if there is none of that name; return its name. `via`: how and from where its actor asked."""
        said = f"{about.uid}:{reason}:{key}"
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        now = moments.whole_seconds(self._clock.now())
        project = about.ref.namespace or _NOWHERE
        document: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{about.ref.name[:_LONGEST_NAME].rstrip('.-')}.{digest}",
                "namespace": project,
                "annotations": {
                    f"{PREFIX}{name}": value
                    for name, value in {"project": project, **payload}.items()
                    if value
                }
                | ({VIA: via} if via else {}),
            },
            "involvedObject": {
                "apiVersion": about.ref.kind.api_version,
                "kind": about.ref.kind.name,
                "name": about.ref.name,
                "namespace": about.ref.namespace,
                "uid": about.uid,
                "resourceVersion": str(about.revision),
            },
            "reason": reason,
            "message": message[:1024],
            "type": type_,
            "source": {"component": self._actor.removeprefix("controller:")},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "reportingComponent": self._actor.removeprefix("controller:"),
            "reportingInstance": "",
        }
        with contextlib.suppress(errors.AlreadyExists):
            await self._store.create(document, actor=self._actor, via=via)
        return str(document["metadata"]["name"])


def _named(freight: Document) -> str:
    return str(freight.get("alias") or freight["metadata"]["name"])


def _freight(document: Document) -> dict[str, str]:
    """Return the part of a payload that tells of Freight."""
    payload = {
        "freight-name": str(document["metadata"]["name"]),
        "freight-alias": str(document.get("alias") or ""),
        "freight-create-time": str(document["metadata"].get("creationTimestamp") or ""),
        "freight-warehouse-name": str((document.get("origin") or {}).get("name") or ""),
    }
    for field in ("commits", "images", "charts", "artifacts"):
        if document.get(field):
            payload[f"freight-{field}"] = msgspec.json.encode(to_document(document[field])).decode()
    return payload
