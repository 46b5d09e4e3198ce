"""What answers that are no success stand for, and whether asking again may help."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Final = 1 << 20
"""Bytes of a refusal that are read."""
REMEDY: Final = (
    "check TOWPATH_TOKEN or --token-file, or log in with `towpath login`: the server's data directory has its token in "
    "the file admin-token"
)
_BY_STATUS: Final = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Expired,
        errors.TooLarge,
        errors.Unsupported,
        errors.Invalid,
        errors.TooManyRequests,
        errors.NotImplemented,
        errors.Unavailable,
        errors.Timeout,
    )
}
_LONGEST_PAUSE: Final = 10.0
_PAUSES: Final = (0.1, 0.5)
"""Seconds before the second and the third try."""

REFUSALS: Final = (
    errors.BadRequest,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.AlreadyExists,
    errors.TooLarge,
    errors.Unsupported,
    errors.Invalid,
    errors.NotImplemented,
)
"""What says that one object is refused, and not that the server cannot serve."""


class MovesRefused(errors.Conflict):
    """A call of `moves` that was refused as a whole: `told` has the `reason`, and what is `stale` or `outdated`."""

    def __init__(self, message: str, told: Mapping[str, object]) -> None:
        super().__init__(message)
        self.told = dict(told)


class Interrupted(errors.Unavailable):
    """Nothing is known to be wrong with what was asked: whoever asks again may be answered."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        """`after`: seconds that the server wants to be left alone."""
        super().__init__(message)
        self.after = after


def pause_before(attempt: int, error: Interrupted) -> float | None:
    """Return the seconds to wait before the next try, after `attempt` of them (from 1); None to give up."""
    if attempt > len(_PAUSES) or (error.after or 0.0) > _LONGEST_PAUSE:
        return None
    return max(_PAUSES[attempt - 1], error.after or 0.0)


def refusal(
    named: str, status: int, reason: str, headers: Mapping[str, str], body: bytes
) -> errors.TowpathError:
    """Return the error that an answer stands for. `named`: the server; `reason`: the words beside the status."""
    message, told = _message(status, reason, body)
    if 300 <= status < 400:
        return errors.Unavailable(
            f"{named}: it redirects to {headers.get('Location', 'another address')}; name the server by that address"
        )
    if status == errors.Unauthenticated.status:
        message = f"{message}; {REMEDY}"
    if status == errors.AlreadyExists.status:
        if "already exists" in message:
            return errors.AlreadyExists(message)
        if told.get("reason") in ("stale", "outdated"):
            return MovesRefused(message, told)
    after = headers.get("Retry-After") or ""
    if status == 502 or (status == errors.Unavailable.status and after.isdigit()):
        return Interrupted(message, after=float(after) if after.isdigit() else None)
    return _BY_STATUS.get(status, errors.TowpathError)(message)


def _message(status: int, reason: str, body: bytes) -> tuple[str, dict[str, object]]:
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
        return str(found["message" if found.get("kind") == "Status" else "error"]), found
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ": ".join(part for part in (f"{status} {reason}".strip(), text[:500]) if part), {}
