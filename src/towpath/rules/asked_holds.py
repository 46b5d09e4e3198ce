"""Holds that somebody asks for, and ends, without promoting anything.

A request is an annotation of the Stage (`resources.annotations.HOLDS_ASKED`): by origin, the last thing that was asked for. It
counts as soon as it is there. The Stage's controller writes what it comes to into the status, beside the moment of the request
that it has met, so that each is met once: a hold that a later Promotion ends does not come back.

A hold may have an end. It stands in the request alone: whoever decides at a moment looks at the Stage `as_of` it, and the controller,
which asks to be woken then, takes what is over out of the status. So nothing is lost where the server is killed before or after.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import messages
from towpath.resources import moments
from towpath.resources.annotations import HOLDS_ASKED
from towpath.resources.freight import FreightOrigin
from towpath.resources.stage import AutoPromotionHold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from towpath.resources.stage import Holds, Stage

_SHOWN: Final = 100
"""Bytes of what somebody wrote, in a message."""


@dataclass(frozen=True, slots=True)
class AskedHold:
    """What somebody asked for of one origin."""

    at: str
    """When: a moment as resources write it. Two requests never have the same."""
    freight: str = ""
    """The Freight that is held; empty where a hold is ended."""
    actor: str = ""
    reason: str = ""
    until: str = ""
    """When the hold ends by itself: a moment as resources write it; empty: when somebody ends it."""
    via: str = ""
    """By which means and from where it was asked for, as JSON; empty where that is not known."""

    @property
    def ends_at(self) -> datetime | None:
        """When the hold ends by itself; None if it does not."""
        return moments.read(self.until) if self.freight else None


def asked(annotations: Mapping[str, str]) -> dict[str, AskedHold]:
    """Return the requests of a Stage by origin (`Warehouse/NAME`); what cannot be read is none."""
    try:
        found = json.loads(annotations.get(HOLDS_ASKED) or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    read = {origin: _read(each) for origin, each in found.items()}
    return {origin: each for origin, each in read.items() if each is not None}


def with_request(annotations: Mapping[str, str], origin: str, request: AskedHold) -> str:
    """Return the annotation that has one more request, in place of an earlier one for the same origin."""
    return json.dumps(
        {key: _written(each) for key, each in {**asked(annotations), origin: request}.items()}
    )


def in_name_of(
    actor: str, annotations: Mapping[str, str], before: Mapping[str, str], via: str = ""
) -> str:
    """Return the annotation in which whoever writes it is the one who asks, of all that was not there before.

    `via`: by which means and from where they do, as JSON.
    """
    known = asked(before)
    return json.dumps(
        {
            origin: _written(
                each if known.get(origin) == each else replace(each, actor=actor, via=via)
            )
            for origin, each in asked(annotations).items()
        }
    )


def durable(stage: Stage) -> Holds:
    """Return the holds that the status keeps, with what was asked for since."""
    return _with_asked(stage, stage.status.auto_promotion_holds if stage.status else {})


def in_force(stage: Stage) -> Holds:
    """Return the holds that were in force when the status was written, with what was asked for since."""
    status = stage.status
    if status is None:
        return _with_asked(stage, {})
    known = status.effective_auto_promotion_holds or status.auto_promotion_holds
    return _with_asked(stage, known)


def _with_asked(stage: Stage, known: Holds) -> Holds:
    found = dict(known)
    met_at = stage.status.metadata.get(HOLDS_ASKED) if stage.status is not None else None
    for origin, each in asked(stage.metadata.annotations).items():
        if isinstance(met_at, dict) and met_at.get(origin) == each.at:
            continue
        if not each.freight:
            found.pop(origin, None)
        elif (of := _origin(origin)) is not None:
            found[origin] = AutoPromotionHold(
                freight_name=each.freight, origin=of, actor=each.actor, created_at=_seconds(each.at)
            )
    return found


def met(stage: Stage) -> dict[str, Any]:
    """Return the metadata of a status that says that every request was met."""
    metadata = dict(stage.status.metadata) if stage.status is not None else {}
    requests = asked(stage.metadata.annotations)
    if requests:
        metadata[HOLDS_ASKED] = {origin: each.at for origin, each in requests.items()}
    return metadata


def reason(stage: Stage, origin: str, hold: AutoPromotionHold) -> str:
    """Return why a hold was asked for, empty where nobody said."""
    found = request_of(stage, origin, hold)
    return found.reason if found is not None else ""


def ends_at(stage: Stage, origin: str, hold: AutoPromotionHold) -> datetime | None:
    """Return when a hold ends by itself; None if it does not."""
    found = request_of(stage, origin, hold)
    return found.ends_at if found is not None else None


def via(stage: Stage, origin: str, hold: AutoPromotionHold) -> str:
    """Return by which means and from where a hold was asked for, as JSON; empty where that is not known."""
    found = request_of(stage, origin, hold)
    return found.via if found is not None else ""


def ended_by(stage: Stage, origin: str) -> AskedHold | None:
    """Return the request that ends a hold, where the last thing that was asked for is one; None: it ends otherwise."""
    found = asked(stage.metadata.annotations).get(origin)
    return found if found is not None and not found.freight else None


def next_end(stage: Stage, found: Holds) -> datetime | None:
    """Return when the first of some holds ends by itself; None if none does."""
    ends = (ends_at(stage, origin, hold) for origin, hold in found.items())
    return min((each for each in ends if each is not None), default=None)


def as_of(stage: Stage, now: datetime) -> Stage:
    """Return a Stage without the holds that are over at a moment; the Stage itself where none is."""
    annotations = stage.metadata.annotations
    over = {
        origin: each
        for origin, each in asked(annotations).items()
        if (end := each.ends_at) is not None and end <= now
    }
    if not over:
        return stage
    for origin, each in over.items():
        ended = replace(each, freight="")
        annotations = {**annotations, HOLDS_ASKED: with_request(annotations, origin, ended)}
    status = stage.status
    if status is not None:
        kept = {
            origin: hold
            for origin, hold in status.auto_promotion_holds.items()
            if origin not in over or request_of(stage, origin, hold) is None
        }
        status = msgspec.structs.replace(status, auto_promotion_holds=kept)
    metadata = msgspec.structs.replace(stage.metadata, annotations=annotations)
    return msgspec.structs.replace(stage, metadata=metadata, status=status)


def faults(annotations: Mapping[str, str], before: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with requests that were not there before, for whoever wrote them."""
    known = asked(before)
    for origin, each in asked(annotations).items():
        if known.get(origin) != each and each.until and moments.read(each.until) is None:
            yield (
                f"{messages.cut(origin, _SHOWN)}: until: {messages.cut(each.until, _SHOWN)!r} is no moment; "
                "write it as 2026-01-31T18:00:00Z, or leave it out for a hold without an end"
            )


def request_of(stage: Stage, origin: str, hold: AutoPromotionHold) -> AskedHold | None:
    """Return the request that a hold has come of; None for one of a Promotion's, or where another was made since."""
    found = asked(stage.metadata.annotations).get(origin)
    if found is None or hold.promotion_name or _seconds(found.at) != hold.created_at:
        return None
    return found


def _seconds(at: str) -> str:
    """Return a moment as statuses have it, to the second."""
    moment = moments.read(at)
    return moments.whole_seconds(moment) if moment is not None else at


def _read(value: Any) -> AskedHold | None:
    if not isinstance(value, dict):
        return None
    texts = {
        key: value.get(key, "") for key in ("at", "freight", "actor", "reason", "until", "via")
    }
    if not texts["at"] or not all(isinstance(each, str) for each in texts.values()):
        return None
    return AskedHold(**texts)


def _written(request: AskedHold) -> dict[str, str]:
    return {
        "at": request.at,
        "freight": request.freight,
        "actor": request.actor,
        "reason": request.reason,
        **({"until": request.until} if request.until else {}),
        **({"via": request.via} if request.via else {}),
    }


def _origin(key: str) -> FreightOrigin | None:
    try:
        return FreightOrigin.of_key(key)
    except ValueError:
        return None
