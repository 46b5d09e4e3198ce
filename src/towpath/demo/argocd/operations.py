"""What an operation goes through: running, tried again after a while, complete. Pure.

`operationState` is as Argo CD's application controller writes it: between two tries the phase is Running, `finishedAt` is
set, and `operation` still stands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import durations, moments

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.demo.argocd.keys import Document

_COMPLETE: Final = frozenset({"Succeeded", "Failed", "Error"})
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=3)
_FACTOR: Final = 2


def is_complete(state: Document | None) -> bool:
    """Whether an operation is over; one that is tried again is not."""
    return state is not None and state.get("phase") in _COMPLETE


def begun(operation: Document, now: datetime) -> Document:
    """Return the state of an operation that begins."""
    return {"operation": operation, "phase": "Running", "startedAt": moments.whole_seconds(now)}


def again(state: Document) -> Document:
    """Return the state of an operation whose next try begins."""
    kept = {name: value for name, value in state.items() if name not in ("finishedAt", "message")}
    if (state["operation"].get("retry") or {}).get("refresh"):
        kept.pop("syncResult", None)
    return kept | {"phase": "Running"}


def concluded(state: Document, phase: str, message: str, now: datetime) -> Document:
    """Return the state of an operation that a try ended in a phase: over, or to be tried again."""
    retry = state["operation"].get("retry") or {}
    limit, count = retry.get("limit", 0), state.get("retryCount", 0)
    made = state | {"phase": phase, "message": message, "finishedAt": moments.whole_seconds(now)}
    failed = phase in ("Failed", "Error") and state.get("phase") != "Terminating"
    if failed and (limit < 0 or count < limit):
        made["retryCount"] = count + 1
        made["phase"] = "Running"
        at = retry_at(made)
        made["message"] = f"{message}. Retrying attempt #{count + 1} at {at:%-I:%M%p}."
    elif phase in ("Failed", "Error") and count:
        made["message"] = f"{message} (retried {count} times)."
    return made


def is_between_tries(state: Document) -> bool:
    """Whether an operation waits for its next try."""
    return state.get("phase") == "Running" and bool(state.get("finishedAt"))


def retry_at(state: Document) -> datetime:
    """Return when an operation between tries is tried again."""
    retry = (state["operation"].get("retry") or {}).get("backoff") or {}
    pause = _span(retry.get("duration"), _FIRST_PAUSE)
    longest = _span(retry.get("maxDuration"), _LONGEST_PAUSE)
    factor = retry.get("factor") or _FACTOR
    count = state.get("retryCount", 1) - 1
    waited = min(longest, pause * float(factor) ** min(count, 30))
    finished = moments.exact(state.get("finishedAt")) or moments.FIRST
    return moments.later(finished, waited)


def history(status: Document, entry: Document, limit: int) -> list[Document]:
    """Return the history with one more entry, the oldest ones dropped beyond a limit."""
    former = status.get("history") or []
    number = max((each["id"] for each in former), default=-1) + 1
    return [*former, {"id": number, **entry}][-limit:] if limit > 0 else []


def _span(text: object, otherwise: timedelta) -> timedelta:
    found = durations.span(text) if isinstance(text, str) and text else None
    return found or otherwise
