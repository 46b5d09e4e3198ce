"""May this Freight go to this Stage now, and if not, why not: the list of gates between them.

Admission, auto-promotion and `explain` all read this list; there is no second copy of the rule. For users it is told in
`docs/explanation/gates.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import durations, moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.stage import FreightRequest, Stage

ALL: Final = "All"
MATCH_UPSTREAM: Final = "MatchUpstream"

REQUESTED: Final = "requested"
VERIFIED: Final = "verified"
SOAKED: Final = "soaked"
UPSTREAM: Final = "upstream"
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that must be so before the Freight may go to the Stage."""

    name: str
    """What kind of gate: `requested`, `verified`, `soaked`, `upstream`."""
    open: bool
    reason: str
    """Why it is open or shut, for people."""
    opens_at: datetime | None = None
    """When it will open by time alone (UTC); None if it is open, or if something else must happen."""


def gates(
    stage: Stage, freight: Freight, *, now: datetime, listing: bool = False
) -> tuple[Gate, ...]:
    """Return every gate between a Freight and a Stage, in a fixed order; all must be open.

    `listing`: for lists, auto-promotion and requests by origin, where MatchUpstream asks that the Freight be in the
    upstream Stage now. A Promotion of Freight by name is not held to that.
    """
    request = request_for(stage, freight.origin.key)
    if freight.metadata.namespace != stage.metadata.namespace:
        return (Gate(REQUESTED, False, f"it belongs to Project {freight.metadata.namespace}"),)
    if request is None:
        return (
            Gate(
                REQUESTED,
                False,
                f"Stage {stage.metadata.name} requests no Freight of {freight.origin.key}; it requests "
                + (", ".join(each.origin.key for each in stage.spec.requested_freight) or "none"),
            ),
        )
    found = [Gate(REQUESTED, True, f"the Stage requests Freight of {freight.origin.key}")]
    found.append(_verified(stage, request, freight))
    soaked = _soaked(stage, request, freight, found[-1].open, now)
    if soaked is not None:
        found.append(soaked)
    if listing and selects_upstream(request) and not request.sources.direct:
        found.append(_upstream(request, freight))
    return tuple(found)


def request_for(stage: Stage, origin: str) -> FreightRequest | None:
    """Return what the Stage requests of an origin (`Warehouse/NAME`), None if nothing."""
    return next(
        (found for found in stage.spec.requested_freight if found.origin.key == origin), None
    )


def selects_upstream(request: FreightRequest) -> bool:
    """Whether auto-promotion takes what the upstream Stage holds rather than the newest."""
    options = request.sources.auto_promotion_options
    return options is not None and options.selection_policy == MATCH_UPSTREAM


def is_available(found: Iterable[Gate]) -> bool:
    """Whether all gates are open."""
    return all(gate.open for gate in found)


def next_opening(found: Sequence[Gate]) -> datetime | None:
    """Return when time alone will have opened every gate; None if they are open or something else must happen."""
    shut = [gate for gate in found if not gate.open]
    moments_ = [gate.opens_at for gate in shut if gate.opens_at is not None]
    return max(moments_) if shut and len(moments_) == len(shut) else None


def available(
    stage: Stage, freights: Iterable[Freight], *, now: datetime, listing: bool = True
) -> list[Freight]:
    """Return those Freight that may go to the Stage, in the order given."""
    return [
        freight
        for freight in freights
        if is_available(gates(stage, freight, now=now, listing=listing))
    ]


def approval(stage: Stage, freight: Freight) -> str:
    """Return since when the Freight is approved for the Stage, as words; empty if it is not."""
    if freight.status is None:
        return ""
    found = freight.status.approved_for.get(stage.metadata.name)
    if found is None:
        return ""
    at = f" at {found.approved_at}" if found.approved_at else ""
    return f"it was approved for Stage {stage.metadata.name}{at}"


def _verified(stage: Stage, request: FreightRequest, freight: Freight) -> Gate:
    sources = request.sources
    if said := approval(stage, freight):
        return Gate(VERIFIED, True, said)
    if sources.direct:
        return Gate(VERIFIED, True, f"it comes straight from {request.origin.key}")
    verified = freight.status.verified_in if freight.status else {}
    there = [name for name in sources.stages if name in verified]
    missing = [name for name in sources.stages if name not in verified]
    if sources.availability_strategy == ALL:
        if not missing:
            return Gate(VERIFIED, True, f"verified in {_listed(there)}")
        return Gate(VERIFIED, False, f"not verified in {_listed(missing)} yet")
    if there:
        return Gate(VERIFIED, True, f"verified in {_listed(there)}")
    if not missing:
        return Gate(
            VERIFIED, False, "the Stage takes it neither from its Warehouse nor from a Stage"
        )
    said = f"not verified in {_listed(missing, 'or')} yet"
    return Gate(VERIFIED, False, said)


def _soaked(
    stage: Stage, request: FreightRequest, freight: Freight, verified: bool, now: datetime
) -> Gate | None:
    """Return the gate of the soak time; None where none is asked for."""
    sources = request.sources
    if not sources.required_soak_time or not sources.stages:
        return None
    wanted = durations.span(sources.required_soak_time)
    if said := approval(stage, freight):
        return Gate(SOAKED, True, said)
    if sources.direct:
        return Gate(SOAKED, True, f"it comes straight from {request.origin.key}")
    if wanted is None:
        written = sources.required_soak_time[:_SHOWN]
        said = f"nobody can tell how long requiredSoakTime {written!r} is: write {durations.RIGHT_FORM}"
        return Gate(SOAKED, False, said)
    soaks = {name: _soak(freight, name, now) for name in sources.stages}
    enough = [name for name, (longest, _) in soaks.items() if longest >= wanted]
    is_all = sources.availability_strategy == ALL
    if (len(enough) == len(soaks)) if is_all else (verified and enough):
        return Gate(SOAKED, True, f"it has been in {_listed(enough)} for {_span(wanted)}")
    lacking = {name: soak for name, soak in soaks.items() if name not in enough}
    openings = [moments.later(since, wanted) for _, since in lacking.values() if since is not None]
    opens_at = None
    if verified and openings:
        if not is_all:
            opens_at = min(openings)
        elif len(openings) == len(lacking):
            opens_at = max(openings)
    said = ", ".join(
        f"{name} ({_span(longest)} of {_span(wanted)})" for name, (longest, _) in lacking.items()
    )
    return Gate(SOAKED, False, f"it has not been long enough in {said}", opens_at)


def _soak(freight: Freight, stage: str, now: datetime) -> tuple[timedelta, datetime | None]:
    """Return the longest stay of a verified Freight in a Stage, and since when it is there if it is.

    A control-flow Stage holds no Freight: there the stay begins when the Freight was marked verified. It is told by
    a verification that neither came with a stay that goes on nor with one that has ended.
    """
    status = freight.status
    verified = status.verified_in.get(stage) if status else None
    if status is None or verified is None:
        return timedelta(), None
    ended = durations.span(verified.longest_soak) or timedelta()
    current = status.currently_in.get(stage)
    entered = current.since if current else None
    if current is None and not verified.longest_soak:
        entered = verified.verified_at
    since = moments.read(entered)
    if since is None:
        return ended, None
    return max(ended, now - since, timedelta()), since


def _upstream(request: FreightRequest, freight: Freight) -> Gate:
    here = freight.status.currently_in if freight.status else {}
    inside = [name for name in request.sources.stages if name in here]
    if inside:
        return Gate(UPSTREAM, True, f"it is in {_listed(inside)} now")
    return Gate(
        UPSTREAM,
        False,
        f"it is not in {_listed(request.sources.stages, 'or')} now, and the Stage takes what is there",
    )


def _listed(names: Sequence[str], last: str = "and") -> str:
    if not names:
        return "no Stage"
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def _span(span: timedelta) -> str:
    return durations.spoken_seconds(span)
