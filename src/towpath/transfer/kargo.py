"""A Project of Kargo, as its manifests have it, made into what goes into an archive.

Objects stay as they are: names, uids, times, statuses. Of history there is what the statuses tell: Promotions, the
collections that Stages held with their verifications, approvals.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.admission.namespaces import namespace_document
from towpath.errors import Conflict, NotFound
from towpath.messages import first
from towpath.resources import moments, scheme
from towpath.store.contract import MASK
from towpath.store.history import (
    Approval,
    Occupancy,
    PastPromotion,
    Verified,
    derive,
)
from towpath.store.history.changes import (
    ApprovalGiven,
    FreightArrived,
    PromotionRecord,
    VerificationRecord,
)
from towpath.transfer import contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from towpath.resources.document import Document
    from towpath.store.history import Past

_ACTOR: Final = "kargo"
_TOLD: Final = 10
_OF_THE_CLUSTER: Final = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
"""Every namespace of a cluster has them."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What an archive of a Kargo Project is made of."""

    documents: list[Document]
    past: list[Past]
    warnings: list[str]
    latest: str
    """When the newest of the objects was made (RFC 3339)."""


@dataclass(slots=True)
class _Sorted:
    """The documents that were given, as far as they are of the Project."""

    project: Document | None = None
    namespace: Document | None = None
    others: list[Document] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    masked: list[str] = field(default_factory=list)
    """Secrets whose values were not shown to who got the manifests."""


def taken_over(documents: Iterable[Document], project: str) -> TakenOver:
    """Return what a Project of Kargo comes to. Raises NotFound without its Project, Conflict while something runs in it."""
    found = _sorted(documents, project)
    if found.project is None:
        raise NotFound(
            f"Project {project} is not among the manifests: get it too (kubectl get project {project} -o yaml)"
        )
    running = contents.under_way(found.others)
    if running:
        raise Conflict(
            f"Project {project} of Kargo cannot be taken over yet: {first(running, _TOLD)}; wait until it has ended, stop Kargo's "
            "controller, and get the manifests anew"
        )
    space = found.namespace or namespace_document(project, is_project=True)
    whole = [found.project, space, *found.others]
    made = [
        at for each in whole if (at := moments.read(_text(each, "metadata", "creationTimestamp")))
    ]
    latest = moments.whole_seconds(max(made)) if made else ""
    named = [f"{count} {kind}" for kind, count in sorted(found.left.items())]
    warnings = (
        [f"left out, as nothing here has a use for them: {', '.join(named)}"] if named else []
    )
    if found.masked:
        warnings.append(
            f"Secrets whose values are masked where they were read are left out; make them anew: {first(found.masked, _TOLD)}"
        )
    past = sorted(_past(found.others, max(made, default=None)), key=lambda each: each.latest)
    return TakenOver(whole, past[::-1], warnings, latest)


def _sorted(documents: Iterable[Document], project: str) -> _Sorted:
    found, seen = _Sorted(), set[tuple[str, str]]()
    for document in documents:
        namespace, name = contents.place(document)
        kind = contents.kind_of(document)
        if kind is scheme.PROJECT and name == project:
            found.project = _bare(document)
        elif kind is scheme.NAMESPACE and name == project:
            found.namespace = _bare(document)
        elif kind is None or namespace != project or contents.is_token(document):
            found.left[str(document.get("kind"))[:60]] += 1
        elif kind.sealed and MASK in _values(document):
            found.masked.append(name)
        elif (kind.name, name) not in _OF_THE_CLUSTER and (kind.resource, name) not in seen:
            seen.add((kind.resource, name))
            found.others.append(_bare(document))
    return found


def _values(document: Document) -> list[Any]:
    fields = (document.get("data"), document.get("stringData"))
    return [value for each in fields if isinstance(each, dict) for value in each.values()]


def _bare(document: Document) -> Document:
    """Return a document without what belongs to the cluster that it was in."""
    gone = ("resourceVersion", "managedFields", "selfLink")
    metadata = {key: value for key, value in document["metadata"].items() if key not in gone}
    return {**document, "metadata": metadata}


def _past(documents: Sequence[Document], latest: datetime | None) -> Iterator[Past]:
    if latest is None:
        return
    promotions = [each for each in documents if each["kind"] == "Promotion"]
    freight = {contents.place(each)[1]: each for each in documents if each["kind"] == "Freight"}
    for document in sorted(promotions, key=lambda each: contents.place(each)[1]):
        yield from _promotion(document, latest)
    for document in documents:
        if document["kind"] == "Stage":
            yield from _stage(document, promotions, freight, latest)
        elif document["kind"] == "Freight":
            yield from _approvals(document, latest)


def _promotion(document: Document, latest: datetime) -> Iterator[Past]:
    for change in derive(scheme.PROMOTION, None, document, actor=_ACTOR):
        if isinstance(change, PromotionRecord):
            recorded = moments.read(change.created) or latest
            ended = moments.read(change.finished) or recorded
            yield PastPromotion(change, recorded, max(recorded, ended), None)


def _approvals(document: Document, latest: datetime) -> Iterator[Past]:
    for change in derive(scheme.FREIGHT, None, document, actor=_ACTOR):
        if isinstance(change, ApprovalGiven):
            yield Approval(change, moments.read(change.approved) or latest, None, "")


def _stage(
    document: Document,
    promotions: Sequence[Document],
    freight: dict[str, Document],
    latest: datetime,
) -> Iterator[Past]:
    for change in derive(scheme.STAGE, None, document, actor=_ACTOR):
        if isinstance(change, VerificationRecord):
            began = moments.read(change.started) or moments.read(change.finished) or latest
            ended = moments.read(change.finished) or began
            yield Verified(change, began, max(began, ended))
    held = _held(document, promotions, freight, latest)
    open_: dict[str, tuple[FreightArrived, datetime]] = {}
    for at, arrived in held:
        there = {each.origin for each in arrived}
        for origin in [each for each in open_ if each not in there]:
            record, began = open_.pop(origin)
            yield Occupancy(record, began, max(began, at))
        for each in arrived:
            before = open_.get(each.origin)
            if before is not None and before[0].freight == each.freight:
                continue
            if before is not None:
                yield Occupancy(before[0], before[1], max(before[1], at))
            open_[each.origin] = (each, at)
    for record, began in open_.values():
        yield Occupancy(record, began, None)


def _held(
    stage: Document,
    promotions: Sequence[Document],
    freight: dict[str, Document],
    latest: datetime,
) -> list[tuple[datetime, list[FreightArrived]]]:
    """Return what a Stage held, the oldest first, and from when: as exactly as the statuses tell."""
    history = _list(stage, "status", "freightHistory")
    found: list[tuple[datetime, list[FreightArrived]]] = []
    until = latest
    before: tuple[datetime, str] | None = None
    for number, collection in enumerate(history):
        at, by = _arrival(stage, collection, promotions, before)
        if at is None and not number:
            at = _since(stage, collection, freight)
        if at is None:
            at = min([*_verified_at(collection), until])
        until = min(at, until) if number else at
        before = (until, by)
        single = {**stage, "status": {**stage["status"], "freightHistory": [collection]}}
        arrived = [
            FreightArrived(
                stage_uid=each.stage_uid,
                project=each.project,
                stage=each.stage,
                origin=each.origin,
                freight=each.freight,
                reference=each.reference,
                promotion=by,
            )
            for each in derive(scheme.STAGE, None, single, actor=_ACTOR)
            if isinstance(each, FreightArrived)
        ]
        found.append((until, arrived))
    return found[::-1]


def _arrival(
    stage: Document,
    collection: Any,
    promotions: Sequence[Document],
    before: tuple[datetime, str] | None,
) -> tuple[datetime | None, str]:
    """Return when the last Promotion that brought a collection ended, and its name; None where no such one is left.

    `before`: when the next one came, and by which Promotion, whose names are in the order of their age.
    """
    name, id_ = contents.place(stage)[1], _text(collection, "id")
    best: tuple[datetime, str] | None = None
    for document in promotions:
        if (
            _text(document, "spec", "stage") != name
            or _text(document, "status", "phase") != "Succeeded"
            or _text(document, "status", "freightCollection", "id") != id_
        ):
            continue
        ended = moments.read(_text(document, "status", "finishedAt"))
        candidate = (ended, contents.place(document)[1]) if ended is not None else None
        is_earlier = candidate is not None and (before is None or candidate < _bound(before))
        if candidate is not None and is_earlier:
            best = candidate if best is None else max(best, candidate)
    return best if best is not None else (None, "")


def _bound(before: tuple[datetime, str]) -> tuple[datetime, str]:
    """Return what a Promotion comes before; without a name whatever ended by then does."""
    at, name = before
    return (at, name or "\U0010ffff")


def _since(stage: Document, collection: Any, freight: dict[str, Document]) -> datetime | None:
    """Return since when the Freight of a collection says that it is in a Stage."""
    name, found = contents.place(stage)[1], []
    items = collection.get("items") if isinstance(collection, dict) else None
    for item in (items or {}).values():
        document = freight.get(_text(item, "name"))
        at = moments.read(_text(document, "status", "currentlyIn", name, "since"))
        found += [at] if at is not None else []
    return max(found, default=None)


def _verified_at(collection: Any) -> list[datetime]:
    runs = _list(collection, "verificationHistory")
    return [at for run in runs if (at := moments.read(_text(run, "startTime"))) is not None]


def _text(value: Any, *path: str) -> str:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _list(value: Any, *path: str) -> list[Any]:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []
