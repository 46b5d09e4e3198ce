"""Moves that promote nothing: approving, holding and resuming, verifying again, quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from towpath.admission import policies
from towpath.errors import Conflict
from towpath.resources import moments, scheme
from towpath.resources.annotations import HOLDS_ASKED, QUARANTINE, REVERIFY
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules import asked_holds, quarantine, stage_status
from towpath.rules.asked_holds import AskedHold
from towpath.rules.policies import is_enabled
from towpath.server import approving, rights
from towpath.server.ext.moves.call import RefusedTargetError, current, view_of

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.server.ext.moves.call import MoveCall


async def approve(call: MoveCall, name: str) -> dict[str, Any]:
    """Let the Freight into a Stage though it was not verified upstream; twice is once."""
    await call.stage(name)
    freight = call.freight
    if freight is None:
        raise AssertionError("the body was read without the Freight to approve")
    await approving.approve(call.request, call.services, freight, name, call.asked.reason)
    return {"freight": freight.ref.name}


async def hold(call: MoveCall, name: str) -> dict[str, Any]:
    """Keep auto-promotion from replacing what is in a Stage. Raises RefusedTargetError where nothing comes by itself."""
    stored = await call.stage(name)
    stage = stored.view(Stage)
    in_force = await policies.in_force(call.services.store, call.project)
    if not is_enabled(stage, in_force.policies):
        raise RefusedTargetError(f"Stage {name} has nothing to hold: auto-promotion is off there")
    there = current(stage)
    wanted = {origin: there.get(origin, "") for origin in await call.origins(stage)}
    empty = [origin for origin, freight in wanted.items() if not freight]
    if empty and (call.asked.origin or len(empty) == len(wanted)):
        raise RefusedTargetError(
            f"Stage {name} holds no Freight of {', '.join(empty)} yet, so none can be held"
        )
    held = {origin: each for origin, each in wanted.items() if each}
    until = moments.whole_seconds(call.hold_end) if call.hold_end is not None else ""
    await _ask(call, stage, held, until)
    return {"holds": held, **({"until": until} if until else {})}


async def resume(call: MoveCall, name: str) -> dict[str, Any]:
    """End holds without promoting anything; where there is none, nothing is to be done."""
    stored = await call.stage(name)
    stage = stored.view(Stage)
    held = asked_holds.durable(stage)
    ended = [origin for origin in await call.origins(stage) if origin in held]
    await _ask(call, stage, dict.fromkeys(ended, ""))
    return {"resumed": ended}


async def verify(call: MoveCall, name: str) -> dict[str, Any]:
    """Have what is in a Stage verified again. Raises RefusedTargetError where it never was."""
    stored = await call.stage(name)
    status = stored.view(Stage).status
    newest = stage_status.newest_verification(status) if status is not None else None
    if newest is None:
        raise RefusedTargetError(
            f"Stage {name} has no verification to run again: nothing was promoted to it yet, or it has none"
        )
    await call.services.writer.annotate(stored.ref, {REVERIFY: newest.id}, call.requester)
    return {"verification": newest.id}


async def keep_back(call: MoveCall) -> dict[str, Any]:
    """Quarantine the Freight. Who kept it back first, and why, stays until it is released."""
    return await _quarantine(call, release=False)


async def release(call: MoveCall) -> dict[str, Any]:
    """End the quarantine of the Freight; where there is none, nothing is to be done."""
    return await _quarantine(call, release=True)


async def _quarantine(call: MoveCall, *, release: bool) -> dict[str, Any]:
    freight = view_of(call.freight)
    name = freight.metadata.name
    await rights.ask(call.request, call.services, "patch", scheme.FREIGHT, call.project, name)
    found = quarantine.of(freight)
    if call.freight is not None and (found is not None) == release:
        if found is not None and _is_since(call, found.at):
            raise Conflict(
                f"Freight {name} is kept back by {found.actor or 'somebody'} since {found.at}, after the call with this key was made "
                "first: to release it all the same, draw a new key"
            )
        at = moments.whole_seconds(call.services.clock.now())
        by = quarantine.Quarantine(call.requester.actor, at, call.asked.reason)
        value = None if release else by.annotation()
        await call.services.writer.annotate(call.freight.ref, {QUARANTINE: value}, call.requester)
    return {"freight": name}


async def _ask(call: MoveCall, stage: Stage, wanted: dict[str, str], until: str = "") -> None:
    """Ask the Stage's controller for holds, by origin the Freight that is held; an empty name ends one.

    A hold that came of the very same request is not asked for again. That an end was asked for once says nothing: what is
    held now came later, of a Promotion for one, whose hold leaves the earlier request where it is. Raises RefusedTargetError
    where the call was cut off and somebody has asked for something else since.
    """
    annotations = dict(stage.metadata.annotations)
    known, in_force = asked_holds.asked(annotations), asked_holds.durable(stage)
    is_new = False
    for origin, freight in wanted.items():
        before = known.get(origin)
        meant = AskedHold("", freight, call.requester.actor, call.asked.reason, until)
        held = in_force.get(origin)
        if (newer := _overtaking(call, stage, origin, meant)) is not None:
            raise RefusedTargetError(
                f"Stage {stage.metadata.name}: of {origin} {newer} after the call with this key was made first: look at the "
                "Stage, and draw a new key to have it otherwise"
            )
        came_of = asked_holds.request_of(stage, origin, held) if freight and held else None
        if came_of is not None and replace(came_of, at="", via="") == meant:
            continue
        is_new = True
        at = _after(call.services.clock.now(), before.at if before is not None else "")
        request = replace(meant, at=moments.precise(at))
        annotations[HOLDS_ASKED] = asked_holds.with_request(annotations, origin, request)
    if not is_new:
        return
    ref = Ref(scheme.STAGE, call.project, stage.metadata.name)
    await call.services.writer.annotate(
        ref, {HOLDS_ASKED: annotations[HOLDS_ASKED]}, call.requester
    )


def _overtaking(call: MoveCall, stage: Stage, origin: str, meant: AskedHold) -> str | None:
    """Return, in words, what somebody else has had happen to a hold since a call that was cut off; None if nothing."""
    before = asked_holds.asked(stage.metadata.annotations).get(origin)
    if before is not None and replace(before, at="", via="") != meant:
        at = moments.read(before.at)
        if call.cut_off is not None and at is not None and at > call.cut_off:
            did = "a hold was asked for" if before.freight else "the hold was ended"
            return f"{did} by {before.actor or 'somebody'}"
    held = asked_holds.durable(stage).get(origin)
    if held is not None and held.promotion_name and _is_since(call, held.created_at or ""):
        return f"Promotion {held.promotion_name} has asked for a hold"
    return None


def _is_since(call: MoveCall, at: str) -> bool:
    """Whether something, by its time to the second, may have happened after a call was made first that was cut off."""
    moment = moments.read(at)
    return (
        call.cut_off is not None
        and moment is not None
        and moment >= call.cut_off.replace(microsecond=0)
    )


def _after(now: datetime, before: str) -> datetime:
    """Return a moment that no earlier request has: requests are told apart by theirs."""
    last = moments.read(before)
    return now if last is None or last < now else moments.later(last, timedelta(microseconds=1))
