"""What goes along with a Project, what does not, and what must have ended before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.annotations import ARGOCD_CONNECTION, FROZEN, IMPORTED
from towpath.resources.promotion import PromotionPhase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind

FIRST: Final = (scheme.PROJECT, scheme.NAMESPACE)
"""Of these the ones that have the Project's name; all that lies in the Namespace comes behind them."""
_STAYS: Final = (scheme.EVENT, scheme.LEASE, scheme.MESSAGE, scheme.PROMOTION_JOURNAL)
"""Events would have hooks run and messages be sent a second time; journals are of what runs, and nothing does."""
CARRIED: Final = tuple(kind for kind in scheme.SCHEME if kind.namespaced and kind not in _STAYS)
"""What lies in the Project's Namespace and goes along."""
TOKEN: Final = "kubernetes.io/service-account-token"  # noqa: S105 - a type
"""The type of Secrets with tokens: they are signed by the instance that gave them out."""
_REFERABLE: Final = {
    kind.name: kind
    for kind in (
        scheme.CLUSTER_PROMOTION_TASK,
        scheme.CLUSTER_ANALYSIS_TEMPLATE,
        scheme.CLUSTER_MESSAGE_CHANNEL,
    )
}


def kind_of(document: Document) -> Kind | None:
    """Return the kind of a document that goes along; None if it does not."""
    kind = scheme.find(document.get("apiVersion"), document.get("kind"))
    return kind if kind is not None and kind in (*FIRST, *CARRIED) else None


def place(document: Document) -> tuple[str, str]:
    """Return namespace and name of a document of any shape; empty where it has none."""
    metadata = document.get("metadata")
    found = metadata if isinstance(metadata, dict) else {}
    return _text(found, "namespace"), _text(found, "name")


def named(document: Document) -> str:
    """Return what messages call an object."""
    return f"{document.get('kind')} {'/'.join(part for part in place(document) if part)}"


def is_token(document: Document) -> bool:
    """Whether a document is a Secret with a token."""
    return document.get("kind") == "Secret" and document.get("type") == TOKEN


def moved(document: Document, archive: str) -> Document:
    """Return a Project as it arrives: no longer frozen, and with the archive that it came in."""
    metadata = document["metadata"]
    annotations = {k: v for k, v in (metadata.get("annotations") or {}).items() if k != FROZEN}
    annotations[IMPORTED] = archive
    return {**document, "metadata": {**metadata, "annotations": annotations}}


def under_way(documents: Iterable[Document]) -> list[str]:
    """Return what runs, in words: as long as anything does, a Project is not moved. A Promotion that waits may be."""
    found: dict[str, None] = {}
    for document in documents:
        if said := _runs(document):
            found[said] = None
    return list(found)


def _runs(document: Document) -> str:
    status = document.get("status")
    phase = _text(status, "phase") if isinstance(status, dict) else ""
    _, name = place(document)
    match document.get("kind"):
        case "Promotion" if phase == PromotionPhase.RUNNING:
            return f"Promotion {name} is under way"
        case "Stage" if isinstance(status, dict) and status.get("currentPromotion"):
            current = status["currentPromotion"]
            return f"Promotion {_text(current, 'name')} is under way"
        case "AnalysisRun" if not phase or not AnalysisPhase(phase).is_terminal:
            return f"AnalysisRun {name} is under way"
        case "HookRun" if not PromotionPhase(phase).is_terminal:
            return f"HookRun {name} is under way"
    return ""


def references(document: Document) -> set[tuple[Kind, str]]:
    """Return what a document names that belongs to no Project: kinds and names."""
    found = set(_references(document.get("spec")))
    annotations = (document.get("metadata") or {}).get("annotations")
    connection = _text(annotations, ARGOCD_CONNECTION) if isinstance(annotations, dict) else ""
    if connection:
        found.add((scheme.ARGOCD_CONNECTION, connection))
    return found


def _references(value: Any) -> Iterator[tuple[Kind, str]]:
    """Yield what is named anywhere in a value, which is not nested deeper than admission lets it be."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            kind = _REFERABLE.get(_text(here, "kind"))
            if kind is not None and _text(here, "name"):
                yield kind, _text(here, "name")
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
