"""What is kept of an Application: what Stages are judged by, and nothing of its hundreds of resources. Pure.

The table is the one list of it. As a rule an Application is read by types made from the table, which pass over everything
else without decoding it; one whose types are odd is read whole and cut down to the table; one that cannot be read at all
keeps its name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET

from towpath.clients.argocd import decoding
from towpath.resources.annotations import AUTHORIZED_STAGE
from towpath.rules.argocd.application import REFRESH, SKIP
from towpath.rules.argocd.source_paths import GENERATE_PATHS

if TYPE_CHECKING:
    from collections.abc import Mapping

Table = dict[str, Any]
"""Field names; the value says what of it is kept: None, all of it; a table; or a list with a table, for each of its items."""

_SOURCE: Final[Table] = {
    **dict.fromkeys(("repoURL", "path", "chart", "targetRevision", "ref", "name")),
    "helm": {"valueFiles": None},
}
_SYNCED: Final[Table] = {
    **dict.fromkeys(("repoURL", "chart", "targetRevision")),
    "helm": {"parameters": None},
    "kustomize": {"images": None},
}
_ASKED: Final[Table] = {
    "initiatedBy": None,
    "info": None,
    "retry": None,
    "sync": dict.fromkeys(("revision", "revisions", "prune", "dryRun", "syncOptions")),
}
TABLE: Final[Table] = {
    "metadata": {
        **dict.fromkeys(
            ("name", "namespace", "uid", "resourceVersion", "deletionTimestamp", "labels")
        ),
        "annotations": {
            AUTHORIZED_STAGE: None,
            REFRESH: None,
            SKIP: None,
            GENERATE_PATHS: None,
        },
    },
    "spec": {
        "project": None,
        "destination": dict.fromkeys(("server", "name", "namespace")),
        "source": _SOURCE,
        "sources": [_SOURCE],
        "sourceHydrator": None,
        "syncPolicy": {"automated": None},
    },
    "operation": _ASKED,
    "status": {
        "reconciledAt": None,
        "sync": dict.fromkeys(("status", "revision", "revisions")),
        "health": dict.fromkeys(("status", "message", "lastTransitionTime")),
        "conditions": [dict.fromkeys(("type", "message", "lastTransitionTime"))],
        "operationState": {
            **dict.fromkeys(("phase", "message", "startedAt", "finishedAt", "retryCount")),
            "operation": _ASKED,
            "syncResult": {
                **dict.fromkeys(("revision", "revisions")),
                "source": _SYNCED,
                "sources": [_SYNCED],
            },
        },
        "history": [dict.fromkeys(("revision", "revisions", "deployedAt"))],
        "summary": dict.fromkeys(("images", "externalURLs")),
    },
}
_MOST_MARKS: Final = 250_000
"""Brackets and commas of an Application that is read: some tens of milliseconds; one of 3 MB has some 200,000."""
MOST_BYTES: Final = 32 << 10
"""Of one Application, as it is kept."""
_STEPS: Final = ((1_000, 100), (250, 20), (100, 10))
"""Characters of a text and items of a list that are kept where there is too much, one pair after the other."""


_LAST_ONLY: Final = "history"
"""Of this list the last entry alone is kept: what was deployed last."""


def _type(name: str, table: Table) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for key, inner in table.items():
        hint: Any = Any
        if isinstance(inner, dict):
            hint = _type(f"{name}_{key}", inner) | None | msgspec.UnsetType
        elif isinstance(inner, list):
            item = _type(f"{name}_{key}", inner[0])
            hint = list[item | None] | None | msgspec.UnsetType  # type: ignore[valid-type]
        # Annotations are told from one another by what stands behind the slash.
        attribute = key.rpartition("/")[2].replace("-", "_")
        names[attribute] = key
        fields.append((attribute, hint, UNSET))
    return msgspec.defstruct(name.replace("-", "_"), fields, rename=names, gc=False)


_Application: Final = _type("Application", TABLE)
_DECODER: Final = msgspec.json.Decoder(_Application)
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an Application."""

    document: bytes
    """As JSON."""

    state: int
    """Another number where anything is different but when it was looked at last, or that somebody wants it looked at.

    Argo CD looks every few minutes. Whether it has looked since the last operation ended does make a difference.
    """

    fault: str = ""
    """Why this is not what it should be; empty if it is."""


def kept(document: bytes) -> Kept:
    """Return what is kept of an Application. Raises nothing, whatever the document is."""
    if not decoding.is_bounded(document, _MOST_MARKS):
        return Kept(b"{}", 0, "it holds more values than an Application has")
    try:
        application: Any = _DECODER.decode(document)
    except (msgspec.MsgspecError, RecursionError):
        return _of_an_odd_one(document)
    status = application.status
    if status and status.history:
        status.history = status.history[-1:]
    found = _ENCODER.encode(application)
    looked = UNSET
    if status:
        looked, status.reconciledAt = status.reconciledAt, UNSET
    ended = status.operationState.finishedAt if status and status.operationState else UNSET
    if metadata := application.metadata:
        metadata.resourceVersion = UNSET
        if metadata.annotations:
            metadata.annotations.refresh = UNSET
            metadata.annotations = (
                metadata.annotations if _says_more(metadata.annotations) else UNSET
            )
    return Kept(_bounded(found), hash((_ENCODER.encode(application), _is_fresh(looked, ended))))


def cut(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is kept of an Application that was asked for: as much as of those that are watched, whoever wrote it."""
    found: Mapping[str, Any] = msgspec.json.decode(kept(_ENCODER.encode(document)).document)
    return found


def _says_more(annotations: msgspec.Struct) -> bool:
    return any(getattr(annotations, name) is not UNSET for name in annotations.__struct_fields__)


def _is_fresh(looked: Any, ended: Any) -> bool:
    """Whether a look came after the end. Times are RFC 3339, UTC, in whole seconds: as texts they are in order."""
    if not isinstance(ended, str):
        return True
    return isinstance(looked, str) and looked >= ended


def _of_an_odd_one(document: bytes) -> Kept:
    try:
        found = json.loads(document)
    except RecursionError:
        return Kept(b"{}", 0, "it is nested too deeply to be read")
    except ValueError:
        return Kept(b"{}", 0, "it is no JSON that can be read")
    if not isinstance(found, dict):
        return Kept(b"{}", 0, "it is no object")
    small = json.dumps(_cut(found, TABLE)).encode()
    try:  # half a character, and numbers beyond any bound, are read by one reader and not by the other
        return Kept(_bounded(_ENCODER.encode(msgspec.json.decode(small))), hash(small))
    except (msgspec.MsgspecError, RecursionError):
        return Kept(b"{}", 0, "it is no JSON that can be read")


def _cut(value: Any, table: Any) -> Any:
    if isinstance(table, dict) and isinstance(value, dict):
        cut = {key: _cut(value[key], inner) for key, inner in table.items() if key in value}
        if isinstance(history := cut.get(_LAST_ONLY), list):
            cut[_LAST_ONLY] = history[-1:]
        return cut
    if isinstance(table, list) and isinstance(value, list):
        return [_cut(item, table[0]) for item in value]
    return value


def _bounded(found: bytes) -> bytes:
    """Return what is kept, in the bytes that it may take: long texts and lists are cut off."""
    for most_characters, most_items in _STEPS:
        if len(found) <= MOST_BYTES:
            return found
        found = _ENCODER.encode(_shortened(msgspec.json.decode(found), most_characters, most_items))
    return found


def _shortened(value: Any, most_characters: int, most_items: int) -> Any:
    if isinstance(value, str):
        return value[:most_characters]
    if isinstance(value, list):
        return [_shortened(item, most_characters, most_items) for item in value[:most_items]]
    if isinstance(value, dict):
        few = list(value.items())[:most_items]
        return {
            key[:most_characters]: _shortened(item, most_characters, most_items)
            for key, item in few
        }
    return value
