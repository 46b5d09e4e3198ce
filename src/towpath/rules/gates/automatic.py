"""The gates of auto-promotion: what keeps a Stage from taking Freight without being asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.resources.promotion_age import rank
from towpath.resources.stage import StageStatus
from towpath.rules import asked_holds, freight_age, holds, policies, stage_drift, stage_status
from towpath.rules.gates import availability, commands
from towpath.rules.gates.gate import Bars, Gate
from towpath.rules.processing_order import age

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.kinds import Kind
    from towpath.resources.meta import Condition
    from towpath.resources.project_config import PromotionPolicy
    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Holds, Stage

POLICY: Final = "policy"
HOLD: Final = "hold"
NEWEST: Final = "newest"
PRESENT: Final = "present"
CARRIED: Final = "carried"
TRIED: Final = "tried"
REFUSAL: Final = "refusal"
_REASON_BYTES: Final = 1024
"""Of what others say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """What decides about auto-promotion to a Stage."""

    policies: Sequence[PromotionPolicy] = ()
    """Those in force in the Project, in the order in which they decide."""
    idle: Sequence[str] = ()
    """Names of Stages in policies that no Stage has, as far as somebody looked."""
    promotions: Sequence[Promotion] = ()
    """Those of the Stage, in any order: all that have not ended, those that ended since the Stage took in the last one,
    and those of the Freight."""
    chosen: Freight | None = None
    """What the Stage would take now of the origin; None if nothing."""
    forbids_skip: bool = False
    """Whether the Project does not let Freight be replaced that was not verified."""
    refusal: Condition | None = None
    """The condition that says that the last Promotion it asked for was refused."""


def gates(stage: Stage, freight: Freight, by: Automation) -> tuple[Gate, ...]:
    """Return the gates of auto-promotion for Freight, in a fixed order. The Stage takes it once all are open.

    Those of its availability and of the Stage come before them: `listing` has them all.
    """
    switch = policy(stage, by.policies, by.idle)
    effective = holds.effective(stage, by.promotions) if switch.open else {}
    return (
        switch,
        hold(stage, freight, effective),
        _newest(stage, freight, by.chosen),
        _present(stage, freight),
        _carried(stage, freight, by.promotions),
        _tried(stage, freight, by.promotions),
        _refused(stage, freight, by),
    )


def policy(stage: Stage, found: Sequence[PromotionPolicy], idle: Sequence[str] = ()) -> Gate:
    """Return whether auto-promotion is on for the Stage."""
    name, project = stage.metadata.name, stage.metadata.namespace
    place = policies.place_for(stage, found)
    if place is not None and found[place].auto_promotion_enabled:
        return Gate(
            name=POLICY,
            open=True,
            reason=f"auto-promotion is on: promotionPolicies[{place}] matches Stage {name}",
            bars=Bars.AUTO_PROMOTION,
        )
    if place is not None:
        why = f"promotionPolicies[{place}] matches Stage {name} and does not turn it on"
        way = "setting autoPromotionEnabled: true there"
    else:
        why = f"no policy matches Stage {name}" if found else f"Project {project} has no policies"
        way = f"adding a policy for Stage {name}"
    for each in idle:
        why += f"; {each} matches no Stage"
    return Gate(
        name=POLICY,
        open=False,
        reason=f"auto-promotion is off here: {why}",
        bars=Bars.AUTO_PROMOTION,
        opens_by=(f"who may change ProjectConfig {project}, by {way}",),
        command=commands.show(stage, "projectconfig"),
    )


def hold(stage: Stage, freight: Freight, effective: Holds) -> Gate:
    """Return whether auto-promotion from the Freight's origin goes on. `effective`: the holds in force."""
    origin = freight.origin
    found = effective.get(origin.key)
    if found is None:
        reason = f"Freight of {origin.key} is not held"
        return Gate(name=HOLD, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)
    by = f" by {found.actor}" if found.actor else ""
    what, end = f"was promoted by hand{by} and is held", None
    if not found.promotion_name:
        why = asked_holds.reason(stage, origin.key, found)
        end = asked_holds.ends_at(stage, origin.key, found)
        until = f" until {moments.whole_seconds(end)}" if end is not None else ""
        what = f"is held{by}{until}" + (f" ({messages.cut(why, _REASON_BYTES)})" if why else "")
    return Gate(
        name=HOLD,
        open=False,
        reason=f"Freight {found.freight_name} {what}; promoting the newest available "
        f"Freight of {origin.key} resumes auto-promotion",
        bars=Bars.AUTO_PROMOTION,
        since=moments.read(found.created_at),
        opens_at=end,
        opens_by=(
            f"who may promote to Stage {stage.metadata.name}, by promoting the newest available Freight of {origin.key}",
        ),
        command=commands.resume(stage, origin.name),
        evidence=tuple(
            _named_object(stage, kind, name)
            for kind, name in (
                (scheme.PROMOTION, found.promotion_name),
                (scheme.FREIGHT, found.freight_name),
            )
            if name
        ),
    )


def _newest(stage: Stage, freight: Freight, chosen: Freight | None) -> Gate:
    """Return whether the Stage would choose this Freight among those that may come."""
    name = stage.metadata.name
    if chosen is not None and chosen.metadata.name == freight.metadata.name:
        reason = f"of what is available to Stage {name} it is what auto-promotion takes"
        return Gate(name=NEWEST, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)
    request = availability.request_for(stage, freight.origin.key)
    named = (chosen.alias or chosen.metadata.name) if chosen is not None else ""
    if request is not None and availability.matches_upstream(request):
        is_one = f"which is Freight {named}" if named else "and there is not exactly one"
        reason = f"auto-promotion takes the one Freight that is upstream and available, {is_one}"
    elif chosen is not None and freight_age.age(chosen) > freight_age.age(freight):
        reason = f"auto-promotion takes the newest that is available, which is Freight {named}"
    else:
        reason = "nothing newer is available"
        return Gate(name=NEWEST, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)
    return Gate(
        name=NEWEST,
        open=False,
        reason=reason,
        bars=Bars.AUTO_PROMOTION,
        opens_by=(f"who may promote to Stage {name}, by naming the Freight",),
        command=commands.promote(stage, freight),
        evidence=(_named_object(stage, scheme.FREIGHT, chosen.metadata.name),) if chosen else (),
    )


def _present(stage: Stage, freight: Freight) -> Gate:
    """Return whether the Freight is not in the Stage already."""
    name, held = stage.metadata.name, stage_status.collection(stage.status or StageStatus())
    inside = held.items.get(freight.origin.key) if held is not None else None
    if inside is None or inside.name != freight.metadata.name:
        reason = f"it is not in Stage {name}"
        return Gate(name=PRESENT, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)
    here = freight.status.currently_in.get(name) if freight.status else None
    return Gate(
        name=PRESENT,
        open=False,
        reason=f"Freight {_named(freight)} is in the Stage already{_drifted(stage)}",
        bars=Bars.AUTO_PROMOTION,
        since=moments.read(here.since) if here else None,
        opens_by=(f"who may promote to Stage {name}, to run its steps once more",),
        command=commands.promote(stage, freight),
    )


def _drifted(stage: Stage) -> str:
    differs = stage_drift.drift_of(stage.status)
    return (
        f", and something else is there now: {messages.cut(differs, _REASON_BYTES)}"
        if differs
        else ""
    )


def _carried(stage: Stage, freight: Freight, promotions: Sequence[Promotion]) -> Gate:
    """Return whether no Promotion is about to bring the Freight, or has just brought it."""
    status = stage.status or StageStatus()
    name, named, found = freight.metadata.name, _named(freight), ""
    current = status.current_promotion
    if current is not None and current.freight is not None and current.freight.name == name:
        return _on_its_way(
            stage, current.name, f"Promotion {current.name} carries Freight {named} already"
        )
    last = status.last_promotion.name if status.last_promotion else ""
    since = None
    for promotion in promotions:
        if promotion.spec.freight != name:
            continue
        mine = promotion.metadata.name
        if not stage_status.has_ended(promotion):
            since = moments.read(promotion.metadata.creation_timestamp)
            return _on_its_way(
                stage, mine, f"Promotion {mine} with Freight {named} waits already", since
            )
        if stage_status.phase_of(promotion) == PromotionPhase.SUCCEEDED and age(promotion) > rank(
            last
        ):
            found = mine
    if found:
        return _on_its_way(
            stage, found, f"Promotion {found} with Freight {named} has just succeeded"
        )
    reason = "no Promotion with it waits or is under way"
    return Gate(name=CARRIED, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)


def _on_its_way(stage: Stage, promotion: str, reason: str, since: datetime | None = None) -> Gate:
    return Gate(
        name=CARRIED,
        open=False,
        reason=reason,
        bars=Bars.AUTO_PROMOTION,
        since=since,
        opens_by=(f"the end of Promotion {promotion}",),
        command=commands.why(stage, promotion),
        evidence=(_named_object(stage, scheme.PROMOTION, promotion),),
    )


def _tried(stage: Stage, freight: Freight, promotions: Sequence[Promotion]) -> Gate:
    """Return whether the newest Promotion of the Freight that has ended, if there is one, succeeded."""
    ended: Promotion | None = None
    for promotion in promotions:
        if promotion.spec.freight != freight.metadata.name or not stage_status.has_ended(promotion):
            continue
        if ended is None or age(promotion) > age(ended):
            ended = promotion
    if ended is None or stage_status.phase_of(ended) == PromotionPhase.SUCCEEDED:
        reason = "it has not failed in this Stage"
        return Gate(name=TRIED, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)
    name, phase = ended.metadata.name, stage_status.phase_of(ended)
    return Gate(
        name=TRIED,
        open=False,
        reason=f"Promotion {name} with Freight {_named(freight)} ended {phase}; it is not tried again by itself: "
        "promote the Freight by hand, or delete that Promotion",
        bars=Bars.AUTO_PROMOTION,
        since=moments.read(ended.status.finished_at) if ended.status else None,
        opens_by=(
            f"who may promote to Stage {stage.metadata.name}",
            f"who may delete Promotion {name}",
            "newer Freight, which is taken all the same",
        ),
        command=commands.promote(stage, freight),
        evidence=(_named_object(stage, scheme.PROMOTION, name),),
    )


def _refused(stage: Stage, freight: Freight, by: Automation) -> Gate:
    """Return whether admission did not refuse what auto-promotion asked for."""
    is_meant = by.chosen is not None and by.chosen.metadata.name == freight.metadata.name
    if by.refusal is None or not is_meant:
        reason = "no Promotion that auto-promotion asked for was refused"
        return Gate(name=REFUSAL, open=True, reason=reason, bars=Bars.AUTO_PROMOTION)
    name = stage.metadata.name
    return Gate(
        name=REFUSAL,
        open=False,
        reason=messages.cut(by.refusal.message, _REASON_BYTES),
        bars=Bars.AUTO_PROMOTION,
        since=moments.read(by.refusal.last_transition_time),
        opens_by=(
            f"who may change Stage {name} or its tasks: it is asked for again when one changes",
        ),
        command=commands.show(stage, "stage", name),
    )


def _named_object(stage: Stage, kind: Kind, name: str) -> Ref:
    """Return an object of the Stage's Project."""
    return Ref(kind, stage.metadata.namespace, name)


def _named(freight: Freight) -> str:
    return freight.alias or freight.metadata.name
