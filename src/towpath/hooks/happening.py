"""Reads what happened from a stored Event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.admission.event_recorder import PREFIX
from towpath.resources.happening import HEARD, TYPES, Happening

if TYPE_CHECKING:
    from towpath.store.contract import Document, Stored

_TYPES = frozenset(TYPES)


def happening(stored: Stored) -> Happening | None:
    """Return what a stored Event tells of; None for one that is about something else, or cannot be read.

    Whatever somebody wrote into an Event, this raises nothing but Damaged, for what is no JSON object.
    """
    return of(stored.document, stored.revision)


def of(document: Document, revision: int = 0) -> Happening | None:
    """Return what an Event tells of, given as a document."""
    type_ = document.get("reason")
    if not isinstance(type_, str) or type_ not in _TYPES:
        return None
    metadata = _mapping(document.get("metadata"))
    payload = {
        key.removeprefix(PREFIX): value
        for key, value in _mapping(metadata.get("annotations")).items()
        if key.startswith(PREFIX) and isinstance(value, str)
    }
    about = _mapping(document.get("involvedObject"))
    kind, named = about.get("kind"), _text(about.get("name"))
    return Happening(
        name=_text(metadata.get("name")),
        type=type_,
        event=HEARD.get(type_, ""),
        project=_text(metadata.get("namespace")),
        stage=payload.get("stage-name") or (named if kind == "Stage" else ""),
        promotion=payload.get("promotion-name") or (named if kind == "Promotion" else ""),
        freight=payload.get("freight-name") or (named if kind == "Freight" else ""),
        actor=payload.get("actor", ""),
        message=_text(document.get("message")),
        time=_text(document.get("firstTimestamp")),
        revision=revision,
        payload=payload,
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
