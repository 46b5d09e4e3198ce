"""What becomes of a message: when it is tried, when again, and when no more. Pure."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments
from towpath.resources.message import MessageState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from towpath.resources.document import Document

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 300.0
LONGEST_ASKED_SECONDS: Final = 3600.0
"""For which a receiver may ask to be left alone."""
_LONGEST_ERROR: Final = 1024

Status = dict[str, Any]


def pause(failures: int, asked: float | None = None) -> timedelta:
    """Return how long to wait after so many failures in a row; never less than the receiver asked for, within reason."""
    own = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(max(failures, 1) - 1, 60))
    return timedelta(seconds=max(own, min(asked or 0.0, LONGEST_ASKED_SECONDS)))


def is_due(next_try: datetime, now: datetime) -> bool:
    """Whether the time of the next try has come: one that lies further ahead than any does is of a clock that was set back."""
    return next_try <= now or next_try > now + timedelta(seconds=LONGEST_ASKED_SECONDS)


def state_of(status: Mapping[str, Any] | None) -> MessageState:
    """Return how far a message is, by its status as a document; one that nobody has looked at waits."""
    try:
        return MessageState((status or {}).get("state", MessageState.WAITING))
    except ValueError:
        return MessageState.WAITING


def broken_off(status: Mapping[str, Any] | None) -> bool:
    """Whether a try is on record of which it is not known what came of it: the process ended in the middle."""
    return bool((status or {}).get("sending"))


def begun(status: Document, *, now: datetime, takes_key: bool) -> Status:
    """Return the status before a try: it is written down before anything is sent."""
    made: Status = copy.deepcopy(status)
    attempt = int(made.get("attempts") or 0) + 1
    if broken_off(status):
        made["mayBeRepeat"] = True
    if made.get("mayBeRepeat") and not takes_key:
        made["repeats"] = int(made.get("repeats") or 0) + 1
    made["attempts"] = attempt
    made["state"] = MessageState.WAITING.value
    made["sending"] = {"attempt": attempt, "since": moments.precise(now)}
    made.pop("nextTry", None)
    return made


def delivered(
    status: Document, *, now: datetime, receipt: str = "", thread: str = "", note: str = ""
) -> Status:
    """Return the status of a message that the receiver has."""
    made = _ended(status, MessageState.DELIVERED, now)
    made["delivered"] = made["ended"]
    for key, value in (("receipt", receipt), ("threadTS", thread), ("note", note)):
        if value:
            made[key] = value[:_LONGEST_ERROR]
    made.pop("lastError", None)
    return made


def failed(status: Document, why: str, *, now: datetime) -> Status:
    """Return the status of a message that is tried no more."""
    made = _ended(status, MessageState.FAILED, now)
    made["lastError"] = why[:_LONGEST_ERROR]
    return made


def delayed(
    status: Document,
    why: str,
    *,
    now: datetime,
    asked: float | None = None,
    may_have_arrived: bool = False,
) -> Status:
    """Return the status of a message that is tried again."""
    made: Status = copy.deepcopy(status)
    made.pop("sending", None)
    made["state"] = MessageState.WAITING.value
    made["lastError"] = why[:_LONGEST_ERROR]
    made["nextTry"] = moments.precise(now + pause(int(made.get("attempts") or 1), asked))
    if may_have_arrived:
        made["mayBeRepeat"] = True
    return made


def is_given_up(created: datetime, *, now: datetime, retry_for: timedelta) -> bool:
    """Whether a message that could not be delivered has been tried long enough."""
    return now - created >= retry_for


def _ended(status: Document, state: MessageState, now: datetime) -> Status:
    made: Status = copy.deepcopy(status)
    made.pop("sending", None)
    made.pop("nextTry", None)
    made["state"] = state.value
    made["ended"] = moments.precise(now)
    return made
