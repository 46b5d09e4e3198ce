"""What a call to `moves` asks for."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest
from towpath.resources import durations, moments
from towpath.server.requests import flag_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MOST_STAGES: Final = 200
_REASON: Final = 1024
_KEY: Final = 200
_UNTIL: Final = 100
_LONGEST_HOLD: Final = timedelta(days=366)
_MOST_REVISION: Final = 2**53
"""Beyond it, JavaScript has no whole numbers."""


class MoveKind(enum.StrEnum):
    """What is asked for."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    """Promote what was in the Stage, and verified there, before what is there now."""
    DOWNSTREAM = "downstream"
    """Promote to every Stage that takes Freight from those that are named."""
    APPROVE = "approve"
    HOLD = "hold"
    """Keep auto-promotion from replacing what is there."""
    RESUME = "resume"
    VERIFY = "verify"
    """Run the newest verification again."""
    QUARANTINE = "quarantine"
    RELEASE = "release"


PROMOTING: Final = frozenset({MoveKind.PROMOTE, MoveKind.ROLLBACK, MoveKind.DOWNSTREAM})
OF_FREIGHT: Final = frozenset({MoveKind.QUARANTINE, MoveKind.RELEASE})
"""Those of no Stage."""
_NEED_FREIGHT: Final = (
    frozenset({MoveKind.PROMOTE, MoveKind.DOWNSTREAM, MoveKind.APPROVE}) | OF_FREIGHT
)
_PLANNED: Final = frozenset({MoveKind.PROMOTE, MoveKind.ROLLBACK})
"""Those of which there are plans."""
_NEED_REASON: Final = frozenset({MoveKind.QUARANTINE})
_OF_LINE: Final = frozenset({MoveKind.HOLD, MoveKind.RESUME})
"""Those that there are of a whole line."""
_WITHOUT_FREIGHT: Final = frozenset({MoveKind.VERIFY, MoveKind.RESUME, MoveKind.HOLD})
_FIELDS: Final = frozenset(
    {
        "kind",
        "stages",
        "line",
        "freight",
        "origin",
        "reason",
        "planId",
        "ifRev",
        "key",
        "override",
        "until",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMove:
    """A call, as far as its body alone tells that it makes sense."""

    kind: MoveKind
    stages: tuple[str, ...]
    """None twice, in the order in which they were named."""
    is_line: bool
    """Whether the Stages are those of the Project's line, as it is by then: stop it, or resume it."""
    freight: str
    """Its name or alias; empty where the kind of move says which."""
    origin: str
    """`Warehouse/NAME`; empty: of whichever the Stage has one."""
    reason: str
    plan: str
    if_rev: int | None
    key: str
    until: str
    """When a hold is to end by itself, as it was written: a moment, or how long from now; empty: not by itself."""


def read(document: Mapping[str, Any]) -> AskedMove:
    """Return what a body asks for. Raises BadRequest, which names the field and what to write there."""
    if unknown := sorted(set(document) - _FIELDS):
        raise BadRequest(
            f"{unknown[0][:50]}: there is no such field; there are {', '.join(sorted(_FIELDS))}"
        )
    given = dict(document)
    kind = _kind(text_of(given, "kind"))
    if flag_of(given, "override"):
        raise BadRequest(
            "override: a shut gate is not bypassed; where Freight may be let in all the same, approve it for the Stage "
            "(kind: approve), which is recorded with its reason"
        )
    is_line = flag_of(given, "line")
    found = AskedMove(
        kind=kind,
        stages=_stages(given.get("stages"), kind, is_line=is_line),
        is_line=is_line,
        freight=text_of(given, "freight"),
        origin=text_of(given, "origin"),
        reason=_bounded(given, "reason", _REASON),
        plan=text_of(given, "planId"),
        if_rev=_revision(given.get("ifRev")),
        key=_bounded(given, "key", _KEY),
        until=_bounded(given, "until", _UNTIL),
    )
    _check(found)
    return found


def _check(asked: AskedMove) -> None:
    kind = asked.kind
    if kind in _NEED_FREIGHT and not asked.freight:
        raise BadRequest(f"freight: name the Freight, or its alias, that is to {_DOES[kind]}")
    if kind in _WITHOUT_FREIGHT and asked.freight:
        raise BadRequest(f"freight: {kind} is about what is in the Stage; leave it out")
    if kind in _NEED_REASON and not asked.reason.strip():
        raise BadRequest(f"reason: say why; {kind} keeps the Freight from everybody")
    if asked.plan and kind not in _PLANNED:
        raise BadRequest(
            "planId: a plan is of a promotion; leave it out or ask for kind: promote or rollback"
        )
    if asked.plan and not asked.freight:
        raise BadRequest("planId: name the freight that was planned")
    if asked.origin and kind not in (MoveKind.ROLLBACK, MoveKind.HOLD, MoveKind.RESUME):
        raise BadRequest(f"origin: it goes with rollback, hold and resume, not with {kind}")
    if asked.until and kind is not MoveKind.HOLD:
        raise BadRequest(f"until: it goes with hold, not with {kind}")
    if asked.is_line and kind not in _OF_LINE:
        raise BadRequest(f"line: it goes with {' and '.join(sorted(_OF_LINE))}, not with {kind}")
    if asked.is_line and (asked.origin or asked.if_rev is not None):
        name = "origin" if asked.origin else "ifRev"
        raise BadRequest(f"{name}: it does not go with line, which is whatever is there by then")


def end_of(until: str, now: datetime) -> datetime | None:
    """Return when a hold is to end by itself, None if it is not. Raises BadRequest for what is no moment that is to come."""
    if not until:
        return None
    end = moments.read(until)
    if end is None:
        length = durations.span(until)
        if length is None:
            raise BadRequest(
                f"until: {until!r} is neither a moment (2026-01-31T18:00:00Z) nor how long from now ({durations.RIGHT_FORM})"
            )
        end = moments.later(now, length)
    if end <= now:
        raise BadRequest(
            f"until: {moments.whole_seconds(end)} is not to come: it is {moments.whole_seconds(now)}"
        )
    if end > moments.later(now, _LONGEST_HOLD):
        raise BadRequest(
            f"until: {moments.whole_seconds(end)} is more than {_LONGEST_HOLD.days} days away; leave it out for a hold without an end"
        )
    return end


_DOES: Final = {
    MoveKind.PROMOTE: "be promoted",
    MoveKind.DOWNSTREAM: "be promoted",
    MoveKind.APPROVE: "be approved",
    MoveKind.QUARANTINE: "be quarantined",
    MoveKind.RELEASE: "be released",
}


def _kind(given: str) -> MoveKind:
    try:
        return MoveKind(given or MoveKind.PROMOTE)
    except ValueError:
        raise BadRequest(
            f"kind: {given[:50]!r} is none of {', '.join(each.value for each in MoveKind)}"
        ) from None


def _stages(given: object, kind: MoveKind, *, is_line: bool) -> tuple[str, ...]:
    if is_line:
        if given:
            raise BadRequest("stages: line is all Stages of the Project; leave one of both out")
        return ()
    if kind in OF_FREIGHT:
        if given:
            raise BadRequest(f"stages: {kind} is about Freight in every Stage; leave it out")
        return ()
    if not isinstance(given, list) or not given:
        raise BadRequest("stages: name at least one Stage, in a list")
    if not all(isinstance(each, str) and each for each in given):
        raise BadRequest("stages: each must be the name of a Stage")
    names = tuple(dict.fromkeys(given))
    if len(names) > MOST_STAGES:
        raise BadRequest(f"stages: at most {MOST_STAGES} at a time, these are {len(names)}")
    return names


def _bounded(given: dict[str, Any], name: str, most: int) -> str:
    found = text_of(given, name)
    if len(found) > most:
        raise BadRequest(f"{name}: at most {most} characters, these are {len(found)}")
    return found


def _revision(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= _MOST_REVISION:
        raise BadRequest("ifRev: it must be the `rev` of an answer, a whole number above 0")
    return given
