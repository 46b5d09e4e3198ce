"""What the application controller writes into the status of an Application after a comparison. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.demo.argocd import comparison, sources
from towpath.demo.argocd.surroundings import REFRESH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.demo.argocd.comparison import ComparedObject
    from towpath.demo.argocd.keys import Document
    from towpath.demo.argocd.manifests import Made

COMPARED: Final = frozenset({"ComparisonError", "InvalidSpecError"})
"""The conditions that a comparison decides on."""


def after_comparison(
    status: Document,
    application: Document,
    made: Made,
    found: Sequence[ComparedObject],
    *,
    stamp: str,
) -> Document:
    """Return the status after a comparison that came to its end."""
    sync: Document = {"status": comparison.sync_status(found), "comparedTo": compared_to(application)}  # fmt: skip
    sync |= revisions_of(application, made.revisions)
    told = status | {
        "sync": sync,
        "health": health_of(status, comparison.health_of(found), stamp),
        "resources": [each.status() for each in found],
        "summary": {"images": comparison.images_of(found)} if comparison.images_of(found) else {},
    }
    if sources.is_multiple(application):
        told["sourceTypes"] = list(made.types)
    else:
        told["sourceType"] = made.types[0] if made.types else "Directory"
    return with_conditions(told, COMPARED, [], stamp)


def after_failure(
    status: Document, application: Document, kind: str, messages: Sequence[str], health: str, *, stamp: str
) -> Document:  # fmt: skip
    """Return the status after a comparison that could not be made: sync is Unknown, the revision as the spec names it."""
    named = [str(each.get("targetRevision") or "") for each in sources.of(application)]
    sync: Document = {"status": "Unknown", "comparedTo": compared_to(application)}
    told = status | {
        "sync": sync | revisions_of(application, named),
        "health": health_of(status, health, stamp),
    }
    return with_conditions(told, COMPARED, [(kind, each) for each in messages], stamp)


def compared_to(application: Document) -> Document:
    """Return what of a spec was compared."""
    spec = application.get("spec") or {}
    told: Document = {"destination": spec.get("destination") or {}}
    if sources.is_multiple(application):
        told["sources"] = sources.of(application)
    elif found := sources.of(application):
        told["source"] = found[0]
    if ignored := spec.get("ignoreDifferences"):
        told["ignoreDifferences"] = ignored
    return told


def revisions_of(application: Document, revisions: Sequence[str]) -> Document:
    """Return revisions as they are told: one as `revision`, those of several sources as `revisions`."""
    if sources.is_multiple(application):
        return {"revisions": list(revisions)}
    return {"revision": revisions[0] if revisions else ""}


def with_conditions(
    status: Document, decided: Iterable[str], now: Sequence[tuple[str, str]], stamp: str
) -> Document:
    """Return a status whose conditions of the decided types are those given, others kept, times too where nothing changed."""
    before = status.get("conditions") or []
    since = {(each["type"], each["message"]): each.get("lastTransitionTime") for each in before}
    kept = [each for each in before if each["type"] not in set(decided)]
    made = [
        {"type": kind, "message": said, "lastTransitionTime": since.get((kind, said)) or stamp}
        for kind, said in now
    ]
    told = {name: value for name, value in status.items() if name != "conditions"}
    return told | {"conditions": [*kept, *made]} if kept or made else told


def health_of(status: Document, health: str, stamp: str) -> Document:
    """Return a health, with the time since when it is so."""
    before: dict[str, Any] = status.get("health") or {}
    since = before.get("lastTransitionTime") if before.get("status") == health else None
    return {"status": health, "lastTransitionTime": since or stamp}


def refresh_of(application: Document) -> str:
    """Return the refresh that is asked for: `hard`, anything else, or empty."""
    return str((application["metadata"].get("annotations") or {}).get(REFRESH) or "")


def without_refresh(application: Document, asked: str) -> Document:
    """Return an Application whose request for a refresh was answered, unless it is a newer one."""
    if refresh_of(application) != asked or not asked:
        return application
    metadata = dict(application["metadata"])
    annotations = {k: v for k, v in metadata["annotations"].items() if k != REFRESH}
    metadata["annotations"] = annotations
    if not annotations:
        del metadata["annotations"]
    return application | {"metadata": metadata}
