"""Holds that somebody asks for, and ends, without promoting anything.

A request is an annotation of the Stage (`resources.annotations.HOLDS_ASKED`): by origin, the last thing that was asked for. It
counts as soon as it is there. The Stage's controller writes what it comes to into the status, beside the moment of the request
that it has met, so that each is met once: a hold that a later Promotion ends does not come back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from towpath.resources import moments
from towpath.resources.annotations import HOLDS_ASKED
from towpath.resources.freight import FreightOrigin
from towpath.resources.stage import AutoPromotionHold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.stage import Holds, Stage


@dataclass(frozen=True, slots=True)
class AskedHold:
    """What somebody asked for of one origin."""

    at: str
    """When: a moment as resources write it. Two requests never have the same."""
    freight: str = ""
    """The Freight that is held; empty where a hold is ended."""
    actor: str = ""
    reason: str = ""


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


def in_name_of(actor: str, annotations: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Return the annotation in which whoever writes it is the one who asks, of all that was not there before."""
    known = asked(before)
    return json.dumps(
        {
            origin: _written(each if known.get(origin) == each else replace(each, actor=actor))
            for origin, each in asked(annotations).items()
        }
    )


def durable(stage: Stage) -> Holds:
    """Return the holds that the status keeps, with what was asked for since."""
    status = stage.status
    found = dict(status.auto_promotion_holds) if status is not None else {}
    known = status.metadata.get(HOLDS_ASKED) if status is not None else None
    for origin, each in asked(stage.metadata.annotations).items():
        if isinstance(known, dict) and known.get(origin) == each.at:
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
    found = asked(stage.metadata.annotations).get(origin)
    is_this = (
        found is not None and not hold.promotion_name and _seconds(found.at) == hold.created_at
    )
    return found.reason if found is not None and is_this else ""


def _seconds(at: str) -> str:
    """Return a moment as statuses have it, to the second."""
    moment = moments.read(at)
    return moments.whole_seconds(moment) if moment is not None else at


def _read(value: Any) -> AskedHold | None:
    if not isinstance(value, dict):
        return None
    texts = {key: value.get(key, "") for key in ("at", "freight", "actor", "reason")}
    if not texts["at"] or not all(isinstance(each, str) for each in texts.values()):
        return None
    return AskedHold(**texts)


def _written(request: AskedHold) -> dict[str, str]:
    return {
        "at": request.at,
        "freight": request.freight,
        "actor": request.actor,
        "reason": request.reason,
    }


def _origin(key: str) -> FreightOrigin | None:
    try:
        return FreightOrigin.of_key(key)
    except ValueError:
        return None
