"""What one write means for history: a pure function, run for every write in the write's transaction.

Documents may come from any version of the API and any writer: whatever does not have the expected shape
counts as absent here, it never stops a write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.resources.annotations import (
    APPROVAL_REASONS,
    CREATE_ACTOR,
    REASON,
    RETRY_FROM,
    RETRY_OF,
    REVERIFY,
)
from towpath.resources.document import at
from towpath.store.history.changes import (
    ApprovalEnded,
    ApprovalExplained,
    ApprovalGiven,
    Change,
    FreightArrived,
    FreightLeft,
    PromotionDeleted,
    PromotionRecord,
    VerificationRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind

GROUP: Final = "kargo.akuity.io"
SUCCEEDED: Final = "Succeeded"


def derive(
    kind: Kind, before: Document | None, after: Document | None, *, actor: str, via: str = ""
) -> Sequence[Change]:
    """Return what one write means for history; an empty sequence for nearly all.

    `before` None: the object was created; `after` None: it was deleted. `via`: how and from where the actor asked.
    """
    if kind.group != GROUP:
        return ()
    match kind.name:
        case "Promotion":
            return tuple(_of_promotion(before, after, actor, via))
        case "Stage":
            return tuple(_of_stage(before, after))
        case "Freight":
            return tuple(_of_freight(before, after, actor, via))
        case _:
            return ()


def _of_promotion(
    before: Document | None, after: Document | None, actor: str, via: str
) -> Iterator[Change]:
    if after is None:
        yield PromotionDeleted(uid=_text(before, "metadata", "uid"))
        return
    record = _promotion(after, actor, via)
    if before is None or record != _promotion(before, actor, via):
        yield record


def _promotion(document: Document, actor: str, via: str) -> PromotionRecord:
    metadata, annotations = (
        _texts(document, "metadata"),
        _texts(document, "metadata", "annotations"),
    )
    spec, status = _texts(document, "spec"), _texts(document, "status")
    return PromotionRecord(
        uid=metadata("uid"),
        project=metadata("namespace"),
        name=metadata("name"),
        stage=spec("stage"),
        freight=spec("freight") or _text(document, "status", "freight", "name"),
        actor=annotations(CREATE_ACTOR) or actor,
        via=via,
        reason=annotations(REASON),
        phase=status("phase"),
        message=status("message"),
        created=metadata("creationTimestamp"),
        started=status("startedAt"),
        finished=status("finishedAt"),
        retry_of=annotations(RETRY_OF),
        retry_from=annotations(RETRY_FROM),
    )


def _texts(document: Document, *path: str) -> Callable[[str], str]:
    """Return what gives the texts of one object in a document, by key; empty where there is none."""
    found = _mapping(document, *path)

    def text(key: str) -> str:
        value = found.get(key)
        return value if isinstance(value, str) else ""

    return text


def _of_stage(before: Document | None, after: Document | None) -> Iterator[Change]:
    uid = _text(after or before, "metadata", "uid")
    if after is None:
        yield FreightLeft(stage_uid=uid)
        return
    was, is_ = _freight_history(before), _freight_history(after)
    if was == is_:
        return
    yield from _occupancy(uid, before, after)
    # Of ten collections one or two change, as a rule.
    known = dict(_verifications(uid, after, [each for each in was if each not in is_]))
    for id_, record in _verifications(uid, after, [each for each in is_ if each not in was]):
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
            promotion=_bringer(after, origin, freight),
        )


def _bringer(stage: Document, origin: str, freight: str) -> str:
    """Return the Promotion that brought a Freight, if the Stage's status tells.

    The last Promotion that ended need not be it: when several are replayed in one pass,
    a later one may have failed.
    """
    last = _mapping(stage, "status", "lastPromotion")
    if _text(last, "status", "phase") != SUCCEEDED:
        return ""
    brought = _mapping(last, "status", "freightCollection", "items")
    if freight not in (_text(last, "freight", "name"), _text(brought, origin, "name")):
        return ""
    return _text(last, "name")


def _verifications(
    uid: str, stage: Document, collections: Sequence[Any]
) -> Iterator[tuple[str, VerificationRecord]]:
    asked = _object(_text(stage, "metadata", "annotations", REVERIFY))
    for collection in collections:
        names = tuple(sorted(_text(item, "name") for item in _items(collection).values()))
        for run in _list(collection, "verificationHistory"):
            id_ = _text(run, "id")
            if id_:
                actor = _text(run, "actor")
                is_asked = actor and _text(asked, "actor") == actor
                yield (
                    id_,
                    VerificationRecord(
                        stage_uid=uid,
                        id=id_,
                        project=_text(stage, "metadata", "namespace"),
                        stage=_text(stage, "metadata", "name"),
                        collection=_text(collection, "id"),
                        freight=names,
                        actor=actor,
                        via=_text(asked, "via") if is_asked else "",
                        phase=_text(run, "phase"),
                        message=_text(run, "message"),
                        analysis_run=_text(run, "analysisRun", "name"),
                        started=_text(run, "startTime"),
                        finished=_text(run, "finishTime"),
                    ),
                )


def _of_freight(
    before: Document | None, after: Document | None, actor: str, via: str
) -> Iterator[Change]:
    uid = _text(after or before, "metadata", "uid")
    if after is None:
        if _approvals(before):
            yield ApprovalEnded(freight_uid=uid, actor=actor)
        return
    was, is_ = _approvals(before), _approvals(after)
    if not was and not is_:
        return
    for stage in was:
        if stage not in is_:
            yield ApprovalEnded(freight_uid=uid, actor=actor, stage=stage)
    reasons_before, reasons = _approval_reasons(before), _approval_reasons(after)
    for stage, approval in is_.items():
        reason = _text(reasons, stage)
        if stage not in was:
            yield ApprovalGiven(
                project=_text(after, "metadata", "namespace"),
                freight=_text(after, "metadata", "name"),
                freight_uid=uid,
                stage=stage,
                actor=actor,
                via=via,
                reason=reason,
                approved=_text(approval, "approvedAt"),
            )
        elif reason and reason != _text(reasons_before, stage):
            yield ApprovalExplained(freight_uid=uid, stage=stage, reason=reason)


def _approval_reasons(freight: Document | None) -> Mapping[str, Any]:
    return _object(_text(freight, "metadata", "annotations", APPROVAL_REASONS))


def _object(text: str) -> Mapping[str, Any]:
    """Return the JSON object that an annotation is; an empty one for any other text."""
    if not text:
        return {}
    try:
        return _mapping(msgspec.json.decode(text))
    except (ValueError, RecursionError):  # no JSON, or nested beyond what the decoder follows
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


def _text(value: Any, *path: str) -> str:
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def _mapping(value: Any, *path: str) -> Mapping[str, Any]:
    found = at(value, *path)
    return found if type(found) is dict or isinstance(found, Mapping) else {}


def _list(value: Any, *path: str) -> list[Any]:
    found = at(value, *path)
    return found if isinstance(found, list) else []
