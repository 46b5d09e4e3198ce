"""What a Stage's status keeps of an Application: the fields that Kargo keeps, without what changes at every look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.rules.argocd.application import Application

_TEXT: Final = "text"
_NUMBER: Final = "number"
_FLAG: Final = "flag"

_SOURCE: Final[dict[str, Any]] = {
    "repoURL": "text!",
    "targetRevision": _TEXT,
    "helm": {"parameters": [{"name": _TEXT, "value": _TEXT}]},
    "kustomize": {"images": [_TEXT]},
    "chart": _TEXT,
}
_OPERATION: Final[dict[str, Any]] = {
    "sync": {"syncOptions": [_TEXT], "revisions": [_TEXT], "prune": _FLAG},
    "initiatedBy!": {"username": _TEXT, "automated": _FLAG},
    "info": [{"name": "text!", "value": "text!"}],
    "retry!": {
        "limit": _NUMBER,
        "backoff": {"duration": _TEXT, "factor": _NUMBER, "maxDuration": _TEXT},
    },
}
_STATUS: Final[dict[str, Any]] = {
    "health!": {"status": _TEXT, "message": _TEXT},
    "sync!": {"status": "text!", "revision": _TEXT, "revisions": [_TEXT]},
    "conditions": [{"type": "text!", "message": "text!"}],
    "operationState": {
        "operation!": _OPERATION,
        "phase": _TEXT,
        "message": _TEXT,
        "syncResult": {
            "revision": _TEXT,
            "revisions": [_TEXT],
            "source!": _SOURCE,
            "sources": [_SOURCE],
        },
        "finishedAt": _TEXT,
    },
}
"""What is kept; a `!` marks what is written where it is absent or empty, too."""


def summary(application: Application) -> dict[str, Any]:
    """Return what is kept of an Application: `Namespace`, `Name` and the known fields of its status."""
    status = application.document.get("status")
    kept = _object(status if isinstance(status, dict) else {}, _STATUS)
    return {"Namespace": application.namespace, "Name": application.name, **kept}


def unknown(namespace: str, name: str) -> dict[str, Any]:
    """Return what is kept of an Application that could not be read."""
    return {
        "Namespace": namespace,
        "Name": name,
        "health": {"status": "Unknown"},
        "sync": {"status": "Unknown"},
    }


def source(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a source."""
    return _object(document, _SOURCE)


def _object(given: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, inner in form.items():
        name = key.removesuffix("!")
        value = given.get(name)
        if isinstance(inner, dict):
            if isinstance(value, dict) or key != name:
                found[name] = _object(value if isinstance(value, dict) else {}, inner)
        elif isinstance(inner, list):
            if isinstance(value, list) and value:
                found[name] = [_item(each, inner[0]) for each in value]
        elif (kept := _scalar(value, inner)) is not None:
            found[name] = kept
    return found


def _item(given: object, form: Any) -> Any:
    if isinstance(form, dict):
        return _object(given if isinstance(given, dict) else {}, form)
    return given if isinstance(given, str) else ""


def _scalar(given: object, kind: str) -> Any:
    match kind:
        case "text!":
            return given if isinstance(given, str) else ""
        case "number":
            is_number = isinstance(given, int) and not isinstance(given, bool)
            return given if is_number and given else None
        case "flag":
            return True if given is True else None
        case _:
            return given if isinstance(given, str) and given else None
