"""May this Freight go to this Stage: requested, verified or approved, soaked, in the upstream Stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from towpath import messages
from towpath.resources import durations, moments, scheme
from towpath.resources.kinds import Ref
from towpath.rules import quarantine, soak_clock
from towpath.rules.gates import commands
from towpath.rules.gates.gate import NAMED, Bars, Gate, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.stage import FreightRequest, Stage
    from towpath.rules.quarantine import Quarantine

ALL: Final = "All"
MATCH_UPSTREAM: Final = "MatchUpstream"

REQUESTED: Final = "requested"
VERIFIED: Final = "verified"
SOAKED: Final = "soaked"
UPSTREAM: Final = "upstream"
QUARANTINE: Final = "quarantine"
_SHOWN: Final = 40
_REASON_BYTES: Final = 1024


def gates(
    stage: Stage, freight: Freight, *, now: datetime, listing: bool = False
) -> tuple[Gate, ...]:
    """Return every gate between a Freight and a Stage, in a fixed order; all must be open.

    `listing`: for lists, auto-promotion and requests by origin, where MatchUpstream asks that the Freight be in the
    upstream Stage now. A Promotion of Freight by name is not held to that.
    """
    origin = freight.origin.key
    request = request_for(stage, origin)
    if freight.metadata.namespace != stage.metadata.namespace:
        reason = f"it belongs to Project {freight.metadata.namespace}"
        nothing = ("nothing: Freight stays in its Project",)
        return (Gate(name=REQUESTED, open=False, reason=reason, opens_by=nothing),)
    found = [requested(stage, origin)]
    kept_back = quarantine.of(freight)
    if kept_back is not None:
        found.append(_quarantined(stage, freight, kept_back))
    if request is None:
        return tuple(found)
    verified = _verified(stage, request, freight)
    found.append(verified)
    soaked = _soaked(stage, request, freight, verified.open, now)
    if soaked is not None:
        found.append(soaked)
    if listing and matches_upstream(request):
        found.append(_upstream(stage, request, freight))
    return tuple(found)


def with_verdicts(
    gate: Gate, request: FreightRequest, verdicts: Mapping[str, str], runs: Mapping[str, Ref]
) -> Gate:
    """Return the gate `verified` with the verifications above by which it is open, or that it waits for.

    `verdicts`: what became of them, by Stage, where that is to be told; `runs`: the AnalysisRuns that they had.
    """
    if gate.name != VERIFIED:
        return gate
    ran = tuple(runs[ref.name] for ref in gate.evidence if ref.name in runs)
    told = [f"{name}: {verdicts[name]}" for name in request.sources.stages if verdicts.get(name)]
    said = messages.first(told[:NAMED], NAMED, of=len(told)) if told and not gate.open else ""
    return replace(gate, above=said, evidence=(*ran, *gate.evidence)) if ran or said else gate


def requested(stage: Stage, origin: str) -> Gate:
    """Return the gate that is open where the Stage takes Freight of an origin (`Warehouse/NAME`)."""
    if request_for(stage, origin) is not None:
        return Gate(name=REQUESTED, open=True, reason=f"the Stage requests Freight of {origin}")
    there = ", ".join(each.origin.key for each in stage.spec.requested_freight) or "none"
    name = stage.metadata.name
    return Gate(
        name=REQUESTED,
        open=False,
        reason=f"Stage {name} requests no Freight of {origin}; it requests {there}",
        opens_by=(f"who may change Stage {name}, by adding the origin to spec.requestedFreight",),
        command=commands.show(stage, "stage", name),
    )


def _quarantined(stage: Stage, freight: Freight, by: Quarantine) -> Gate:
    name = freight.metadata.name
    why = f": {messages.cut(by.reason, _REASON_BYTES)}" if by.reason else ""
    who = f" by {by.actor}" if by.actor else ""
    return Gate(
        name=QUARANTINE,
        open=False,
        reason=f"Freight {freight.alias or name} is quarantined{who}{why}",
        since=moments.read(by.at),
        opens_by=(f"who may change Freight {name}, by releasing it",),
        command=commands.release(stage, freight),
    )


def request_for(stage: Stage, origin: str) -> FreightRequest | None:
    """Return what the Stage requests of an origin (`Warehouse/NAME`), None if nothing."""
    return next(
        (found for found in stage.spec.requested_freight if found.origin.key == origin), None
    )


def matches_upstream(request: FreightRequest) -> bool:
    """Whether auto-promotion takes what the upstream Stage holds rather than the newest."""
    options = request.sources.auto_promotion_options
    if options is None or request.sources.direct:
        return False
    return options.selection_policy == MATCH_UPSTREAM


def is_available(found: Iterable[Gate]) -> bool:
    """Whether all gates are open."""
    return all(gate.open for gate in found)


def approval(stage: Stage, freight: Freight) -> str:
    """Return since when the Freight is approved for the Stage, as words; empty if it is not."""
    if freight.status is None:
        return ""
    found = freight.status.approved_for.get(stage.metadata.name)
    if found is None:
        return ""
    at = f" at {found.approved_at}" if found.approved_at else ""
    return f"it was approved for Stage {stage.metadata.name}{at}"


def _approved_at(stage: Stage, freight: Freight) -> datetime | None:
    found = freight.status.approved_for.get(stage.metadata.name) if freight.status else None
    return moments.read(found.approved_at) if found else None


def _by_approval(stage: Stage) -> str:
    return f"who may promote to Stage {stage.metadata.name}, by approving the Freight for it"


def _verified(stage: Stage, request: FreightRequest, freight: Freight) -> Gate:
    sources = request.sources
    if said := approval(stage, freight):
        return Gate(name=VERIFIED, open=True, reason=said, since=_approved_at(stage, freight))
    if sources.direct:
        return Gate(name=VERIFIED, open=True, reason=f"it comes straight from {request.origin.key}")
    verified = freight.status.verified_in if freight.status else {}
    there = [name for name in sources.stages if name in verified]
    missing = [name for name in sources.stages if name not in verified]
    needs_all = sources.availability_strategy == ALL
    if (not missing) if needs_all else there:
        # Open since the first of them, or since the last where all are needed.
        times = [at for name in there if (at := moments.read(verified[name].verified_at))]
        since = (max if needs_all else min)(times, default=None)
        return Gate(
            name=VERIFIED,
            open=True,
            reason=f"verified in {listed(there)}",
            since=since,
            evidence=_stages(stage, there),
        )
    ways: tuple[str, ...] = ()
    if not missing:
        said = "the Stage takes it neither from its Warehouse nor from a Stage"
    else:
        word = "and" if needs_all else "or"
        said = f"not verified in {listed(missing, word)} yet"
        ways = (f"a verification of the Freight in Stage {listed(missing, word)}",)
    return Gate(
        name=VERIFIED,
        open=False,
        reason=said,
        opens_by=(*ways, _by_approval(stage)),
        command=commands.approve(stage, freight),
        evidence=_stages(stage, missing),
    )


def _stages(stage: Stage, names: Sequence[str]) -> tuple[Ref, ...]:
    """Return Stages of the same Project, of many the first."""
    project = stage.metadata.namespace
    return tuple(Ref(scheme.STAGE, project, name) for name in names[:NAMED])


def _soaked(
    stage: Stage, request: FreightRequest, freight: Freight, verified: bool, now: datetime
) -> Gate | None:
    """Return the gate of the soak time; None where none is asked for."""
    sources = request.sources
    if not sources.required_soak_time or not sources.stages:
        return None
    wanted = durations.span(sources.required_soak_time)
    if said := approval(stage, freight):
        return Gate(name=SOAKED, open=True, reason=said, since=_approved_at(stage, freight))
    if sources.direct:
        return Gate(name=SOAKED, open=True, reason=f"it comes straight from {request.origin.key}")
    if wanted is None:
        written = sources.required_soak_time[:_SHOWN]
        said = f"nobody can tell how long requiredSoakTime {written!r} is: write {durations.RIGHT_FORM}"
        change = f"who may change Stage {stage.metadata.name}, by writing a duration"
        return _unsoaked(stage, freight, said, change)
    soaks = {name: _soak(freight, name, now) for name in sources.stages}
    enough = [name for name, soak in soaks.items() if soak.longest >= wanted]
    is_all = sources.availability_strategy == ALL
    if (len(enough) == len(soaks)) if is_all else (verified and enough):
        return Gate(
            name=SOAKED,
            open=True,
            reason=f"it has been in {listed(enough)} for {_span(wanted)}",
            evidence=_stages(stage, enough),
        )
    lacking = {name: soak for name, soak in soaks.items() if soak.longest < wanted}
    begun = [soak.since for soak in lacking.values() if soak.since is not None]
    openings = [moments.later(since, wanted) for since in begun]
    opens_at = None
    if verified and openings:
        if not is_all:
            opens_at = min(openings)
        elif len(openings) == len(lacking):
            opens_at = max(openings)
    told = [
        f"{name} ({_span(soak.longest)} of {_span(wanted)}{f', {soak.said}' if soak.said else ''})"
        for name, soak in islice(lacking.items(), NAMED)
    ]
    spent = messages.first(told, NAMED, of=len(lacking))
    where = listed(list(lacking), "and" if is_all else "or")
    way = "time" if opens_at else f"a stay of {_span(wanted)} in Stage {where}, once verified there"
    said = f"it has not been long enough in {spent}"
    found = _unsoaked(stage, freight, said, way, since=min(begun, default=None), opens_at=opens_at)
    return replace(found, evidence=_stages(stage, list(lacking)))


def _unsoaked(
    stage: Stage,
    freight: Freight,
    reason: str,
    way: str,
    *,
    since: datetime | None = None,
    opens_at: datetime | None = None,
) -> Gate:
    return Gate(
        name=SOAKED,
        open=False,
        reason=reason,
        since=since,
        opens_at=opens_at,
        opens_by=(way, _by_approval(stage)),
        command=commands.approve(stage, freight),
    )


class _Soak(NamedTuple):
    """How long Freight has soaked in one Stage."""

    longest: timedelta
    since: datetime | None
    """Since when the stay that goes on counts; None: there is none, or its clock stands."""
    said: str = ""
    """What is to be known of a clock of healthy time."""


def _soak(freight: Freight, stage: str, now: datetime) -> _Soak:
    """Return the longest stay of a verified Freight in a Stage, and since when it is there if it is.

    A control-flow Stage holds no Freight: there the stay begins when the Freight was marked verified. It is told by
    a verification that neither came with a stay that goes on nor with one that has ended.
    """
    status = freight.status
    verified = status.verified_in.get(stage) if status else None
    if status is None or verified is None:
        return _Soak(timedelta(), None)
    ended = durations.span(verified.longest_soak) or timedelta()
    current = status.currently_in.get(stage)
    clock = soak_clock.clock_of(status.metadata, stage) if current is not None else None
    if clock is not None:
        since = clock.running_since
        return _Soak(max(ended, clock.counted(now)), since, clock.said)
    entered = current.since if current else None
    if current is None and not verified.longest_soak:
        entered = verified.verified_at
    since = moments.read(entered)
    if since is None:
        return _Soak(ended, None)
    return _Soak(max(ended, now - since, timedelta()), since)


def _upstream(stage: Stage, request: FreightRequest, freight: Freight) -> Gate:
    here = freight.status.currently_in if freight.status else {}
    inside = [name for name in request.sources.stages if name in here]
    if inside:
        times = [at for name in inside if (at := moments.read(here[name].since))]
        return Gate(
            name=UPSTREAM,
            open=True,
            reason=f"it is in {listed(inside)} now",
            bars=Bars.AUTO_PROMOTION,
            since=min(times, default=None),
            evidence=_stages(stage, inside),
        )
    where = listed(request.sources.stages, "or")
    return Gate(
        name=UPSTREAM,
        open=False,
        reason=f"it is not in {where} now, and the Stage takes what is there (MatchUpstream)",
        bars=Bars.AUTO_PROMOTION,
        opens_by=(
            f"a Promotion of the Freight to Stage {where}",
            f"who may promote to Stage {stage.metadata.name}, by naming the Freight",
        ),
        command=commands.promote(stage, freight),
        evidence=_stages(stage, request.sources.stages),
    )


def _span(span: timedelta) -> str:
    return durations.spoken_seconds(span)
