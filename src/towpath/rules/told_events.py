"""What happened, as routers see it and as channels are told of it where a router says nothing else. Pure.

The form of `event` is that of Kargo's event reference.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath import expressions
from towpath.expressions import gotext
from towpath.expressions.static_types import ANY, STRING, Signature, Type
from towpath.expressions.values import Failure, Function, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.happening import Happening

_LISTS: Final = ("commits", "images", "charts", "artifacts")
_VERIFICATION: Final = {
    "verification-start-time": "verificationStartTime",
    "verification-finish-time": "verificationFinishTime",
    "analysis-run-name": "analysisRunName",
}
_BAD: Final = ("Failed", "Errored", "Aborted", "Inconclusive", "Unknown")
_WORDS: Final = {
    "PromotionCreated": "was asked for",
    "PromotionStarted": "has begun",
    "PromotionSucceeded": "succeeded",
    "PromotionFailed": "failed",
    "PromotionErrored": "errored",
    "PromotionAborted": "was aborted",
}


def event_of(happened: Happening) -> dict[str, Any]:
    """Return what happened as `event`: about a Promotion, its fields, with the Freight in `freight`; else those of the Freight."""
    payload = happened.payload
    common: dict[str, Any] = {
        "id": happened.name,
        "project": happened.project,
        "message": happened.message,
        "stageName": happened.stage,
        "time": happened.time,
    }
    if happened.actor:
        common["actor"] = happened.actor
    freight = _freight(happened)
    if happened.type.startswith("Promotion"):
        made = {
            **common,
            "name": happened.promotion,
            "createTime": payload.get("promotion-create-time", ""),
            "freight": freight,
        }
        if payload.get("rollback") == "true":
            made["rollback"] = True
        if "verification-pending" in payload:
            made["verificationPending"] = payload["verification-pending"] == "true"
        return made
    made = {**freight, **common}
    made |= {name: payload[key] for key, name in _VERIFICATION.items() if payload.get(key)}
    if happened.promotion:
        made["analysisTriggeredByPromotion"] = happened.promotion
    told = ("actor", "project", "stage-name", "promotion-name", "promotion-create-time", "rollback")
    known = {*_VERIFICATION, *told}
    for key, value in payload.items():
        if key not in known and not key.startswith("freight-"):
            made.setdefault(_camel(key), value)
    return made


def _freight(happened: Happening) -> dict[str, Any]:
    payload = happened.payload
    made: dict[str, Any] = {
        "name": happened.freight,
        "stageName": happened.stage,
        "createTime": payload.get("freight-create-time", ""),
    }
    if payload.get("freight-alias"):
        made["alias"] = payload["freight-alias"]
    for name in _LISTS:
        try:
            found = json.loads(payload.get(f"freight-{name}") or "null")
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            made[name] = found
    return made


def _camel(key: str) -> str:
    first, *rest = key.split("-")
    return first + "".join(word.capitalize() for word in rest)


# --- functions ---------------------------------------------------------------------------------------


def _deref(value: Any) -> Any:
    return value


def _escape(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Failure(f"cannot use {shown(value)} as a text to escape; give it a string")
    return gotext.json_text(value)[1:-1]


FUNCTIONS: Final = {
    "deref": Function("deref", _deref),
    "escape_json_string": Function("escape_json_string", _escape),
}
"""What expressions of routers may call besides the language's own: nothing here is a pointer, so `deref` changes nothing."""


TYPES: Final[Mapping[str, Type | Signature]] = {
    "type": STRING,
    "deref": Signature(1, 1, (ANY,), ANY),
    "escape_json_string": Signature(1, 1, (ANY,), STRING),
}
ENVIRONMENT: Final = expressions.library(TYPES)
"""What is known of what they see: `type` is a text here, and not the function of that name."""


# --- what is told where a router says nothing else ----------------------------------------------------


def sentence(happened: Happening) -> str:
    """Return what happened, for people."""
    freight = happened.payload.get("freight-alias") or happened.freight
    if happened.type in _WORDS:
        what = f"{happened.project}: promotion of {freight or 'Freight'} to {happened.stage} {_WORDS[happened.type]}"
        if happened.type.endswith(_BAD) and happened.message:
            return f"{what}: {happened.message}"
        return what
    return f"{happened.project}: {happened.message or happened.type}"


def default_body(happened: Happening, receiver: str, event: dict[str, Any]) -> tuple[str, str]:
    """Return what a receiver is told, and how that is encoded."""
    text = sentence(happened)
    match receiver:
        case "http":
            return gotext.json_text({"type": happened.type, "event": event}), "json"
        case "pagerDuty":
            return gotext.json_text(_incident(happened, text)), "json"
    return text, ""


def _incident(happened: Happening, text: str) -> dict[str, Any]:
    """Return an event of PagerDuty: what succeeds ends the incident that what failed has opened."""
    if happened.type.endswith("Succeeded"):
        return {"event_action": "resolve"}
    severity = "error" if happened.type.endswith(_BAD) else "info"
    return {
        "event_action": "trigger",
        "payload": {
            "summary": text,
            "severity": severity,
            "custom_details": {"type": happened.type, "stage": happened.stage},
        },
    }
