"""History: what happened to Promotions, verifications, Stages and approvals, kept when the objects are gone.

`derive` looks at one write, the document before and after, and says what it means for history: a pure
function, run in the transaction of the write. `History` answers questions about it. Intervals are
`[began, ended)` in the store's own time, which never decreases; the documents' own times are kept beside.

Documents may come from any version of the API and any writer: whatever does not have the expected shape
counts as absent here, it never stops a write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document

RecordT = TypeVar("RecordT")

GROUP: Final = "kargo.akuity.io"
CREATE_ACTOR: Final = "kargo.akuity.io/create-actor"
REASON: Final = "towpath.dev/reason"
"""Annotation of a Promotion: why it was asked for."""
APPROVAL_REASONS: Final = "towpath.dev/approval-reasons"
"""Annotation of a Freight: a JSON object, Stage name to why it was approved for that Stage."""


# --- what is recorded ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRecord:
    """A Promotion as last seen. Times in the document's own text (RFC 3339), empty if not yet."""

    uid: str
    project: str
    name: str
    stage: str
    freight: str
    actor: str
    """Who asked for it: its create-actor, else who wrote it."""
    reason: str
    phase: str
    message: str
    created: str
    started: str
    finished: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionDeleted:
    """A Promotion's object was deleted, finished or not."""

    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRecord:
    """One run of a Stage's verification as last seen."""

    stage_uid: str
    id: str
    project: str
    stage: str
    freight: tuple[str, ...]
    """Names of the Freight of the verified collection, sorted."""
    actor: str
    phase: str
    message: str
    analysis_run: str
    started: str
    finished: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightArrived:
    """A Stage came to hold a Freight of an origin (in place of another, if there was one)."""

    stage_uid: str
    project: str
    stage: str
    origin: str
    freight: str
    reference: str
    """The FreightReference as JSON: it tells images and commits when the Freight itself is gone."""
    promotion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightLeft:
    """A Stage holds nothing of an origin any more; with no origin: nothing at all, it was deleted."""

    stage_uid: str
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """A Freight was approved for a Stage."""

    project: str
    freight: str
    freight_uid: str
    stage: str
    actor: str
    reason: str
    approved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEnded:
    """An approval was taken back, or its Freight was deleted (stage None: for every Stage)."""

    freight_uid: str
    actor: str
    stage: str | None = None


Change = (
    PromotionRecord
    | PromotionDeleted
    | VerificationRecord
    | FreightArrived
    | FreightLeft
    | ApprovalGiven
    | ApprovalEnded
)


def derive(
    kind: Kind, before: Document | None, after: Document | None, *, actor: str
) -> Sequence[Change]:
    """Return what one write means for history; an empty sequence for nearly all.

    `before` None: the object was created; `after` None: it was deleted.
    """
    if kind.group != GROUP:
        return ()
    match kind.name:
        case "Promotion":
            return tuple(_of_promotion(before, after, actor))
        case "Stage":
            return tuple(_of_stage(before, after))
        case "Freight":
            return tuple(_of_freight(before, after, actor))
        case _:
            return ()


def _of_promotion(before: Document | None, after: Document | None, actor: str) -> Iterator[Change]:
    if after is None:
        yield PromotionDeleted(uid=_text(before, "metadata", "uid"))
        return
    creator = _text(before, "metadata", "annotations", CREATE_ACTOR) if before else ""
    record = _promotion(after, creator or actor)
    if before is None or record != _promotion(before, creator or actor):
        yield record


def _promotion(document: Document, actor: str) -> PromotionRecord:
    return PromotionRecord(
        uid=_text(document, "metadata", "uid"),
        project=_text(document, "metadata", "namespace"),
        name=_text(document, "metadata", "name"),
        stage=_text(document, "spec", "stage"),
        freight=_text(document, "spec", "freight") or _text(document, "status", "freight", "name"),
        actor=_text(document, "metadata", "annotations", CREATE_ACTOR) or actor,
        reason=_text(document, "metadata", "annotations", REASON),
        phase=_text(document, "status", "phase"),
        message=_text(document, "status", "message"),
        created=_text(document, "metadata", "creationTimestamp"),
        started=_text(document, "status", "startedAt"),
        finished=_text(document, "status", "finishedAt"),
    )


def _of_stage(before: Document | None, after: Document | None) -> Iterator[Change]:
    uid = _text(after or before, "metadata", "uid")
    if after is None:
        yield FreightLeft(stage_uid=uid)
        return
    history_before, history = _freight_history(before), _freight_history(after)
    if history_before == history:
        return
    yield from _occupancy(uid, before, after)
    known = dict(_verifications(uid, before))
    for id_, record in _verifications(uid, after):
        if known.get(id_) != record:
            yield record


def _occupancy(uid: str, before: Document | None, after: Document) -> Iterator[Change]:
    was, is_ = _current_items(before), _current_items(after)
    for origin in was:
        if origin not in is_:
            yield FreightLeft(stage_uid=uid, origin=origin)
    for origin, reference in is_.items():
        freight = _text(reference, "name")
        if freight == _text(was.get(origin), "name"):
            continue
        yield FreightArrived(
            stage_uid=uid,
            project=_text(after, "metadata", "namespace"),
            stage=_text(after, "metadata", "name"),
            origin=origin,
            freight=freight,
            reference=msgspec.json.encode(reference, order="sorted").decode(),
            promotion=_text(after, "status", "lastPromotion", "name"),
        )


def _verifications(uid: str, stage: Document | None) -> Iterator[tuple[str, VerificationRecord]]:
    for collection in _freight_history(stage):
        names = tuple(sorted(_text(item, "name") for item in _items(collection).values()))
        for run in _list(collection, "verificationHistory"):
            id_ = _text(run, "id")
            if id_:
                yield (
                    id_,
                    VerificationRecord(
                        stage_uid=uid,
                        id=id_,
                        project=_text(stage, "metadata", "namespace"),
                        stage=_text(stage, "metadata", "name"),
                        freight=names,
                        actor=_text(run, "actor"),
                        phase=_text(run, "phase"),
                        message=_text(run, "message"),
                        analysis_run=_text(run, "analysisRun", "name"),
                        started=_text(run, "startTime"),
                        finished=_text(run, "finishTime"),
                    ),
                )


def _of_freight(before: Document | None, after: Document | None, actor: str) -> Iterator[Change]:
    uid = _text(after or before, "metadata", "uid")
    if after is None:
        if _approvals(before):
            yield ApprovalEnded(freight_uid=uid, actor=actor)
        return
    was, is_ = _approvals(before), _approvals(after)
    if was == is_:
        return
    reasons = _approval_reasons(after)
    for stage in was:
        if stage not in is_:
            yield ApprovalEnded(freight_uid=uid, actor=actor, stage=stage)
    for stage, approval in is_.items():
        if stage not in was:
            yield ApprovalGiven(
                project=_text(after, "metadata", "namespace"),
                freight=_text(after, "metadata", "name"),
                freight_uid=uid,
                stage=stage,
                actor=actor,
                reason=_text(reasons, stage),
                approved=_text(approval, "approvedAt"),
            )


def _approval_reasons(freight: Document) -> Any:
    try:
        return msgspec.json.decode(
            _text(freight, "metadata", "annotations", APPROVAL_REASONS) or "{}"
        )
    except msgspec.DecodeError:
        return {}


def _freight_history(stage: Document | None) -> list[Any]:
    return _list(stage, "status", "freightHistory")


def _current_items(stage: Document | None) -> dict[str, Any]:
    history = _freight_history(stage)
    return _items(history[0]) if history else {}


def _items(collection: Any) -> dict[str, Any]:
    return {
        origin: item
        for origin, item in _mapping(collection, "items").items()
        if _text(item, "name")
    }


def _approvals(freight: Document | None) -> Mapping[str, Any]:
    return _mapping(freight, "status", "approvedFor")


def _at(value: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _text(value: Any, *path: str) -> str:
    found = _at(value, *path)
    return found if isinstance(found, str) else ""


def _mapping(value: Any, *path: str) -> Mapping[str, Any]:
    found = _at(value, *path)
    return found if isinstance(found, Mapping) else {}


def _list(value: Any, *path: str) -> list[Any]:
    found = _at(value, *path)
    return found if isinstance(found, list) else []


# --- what can be asked -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which records. Every term that is given must hold; times are aware, UTC."""

    project: str | None = None
    stage: str | None = None
    freight: str | None = None
    since: datetime | None = None
    """Only what was first recorded (began, was given) at or after this moment."""
    until: datetime | None = None
    """Only what was first recorded before this moment."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """A Promotion of the past or present."""

    record: PromotionRecord
    recorded: datetime
    """When it was first written."""
    updated: datetime
    deleted: datetime | None


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification run of the past or present."""

    record: VerificationRecord
    recorded: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Occupancy:
    """A Freight of one origin that was in a Stage from `began` until `ended` (None: it still is)."""

    record: FreightArrived
    began: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval, from when it was given until it ended (None: it holds)."""

    record: ApprovalGiven
    given: datetime
    ended: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class Records(Generic[RecordT]):
    """A part of an answer, newest first."""

    items: tuple[RecordT, ...]
    cursor: str | None
    """Pass it with the same selection for the next part; None: that was all."""


class History(Protocol):
    """Answers from the tables that outlive the objects. Parts hold at most `limit` records (1 to 1,000).

    Every method raises BadRequest for a limit out of range or a cursor that is not ours.
    """

    async def promotions(
        self, selection: Selection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Promoted]:
        """Return Promotions, the one created last first."""
        ...

    async def verifications(
        self, selection: Selection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Verified]:
        """Return verification runs, newest first. `freight` selects runs whose collection holds it."""
        ...

    async def occupancies(
        self, selection: Selection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Occupancy]:
        """Return what was in which Stage from when to when, the latest arrival first."""
        ...

    async def approvals(
        self, selection: Selection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Approval]:
        """Return approvals, newest first."""
        ...

    async def in_stage(self, project: str, stage: str, at: datetime) -> tuple[Occupancy, ...]:
        """Return what was in a Stage at a moment, by origin; also of a Stage that was deleted since."""
        ...

    async def of_freight(self, project: str, freight: str, at: datetime) -> tuple[Occupancy, ...]:
        """Return in which Stages a Freight was at a moment, by Stage and origin."""
        ...
