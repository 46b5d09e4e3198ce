"""What is kept of objects for the Board: of a Stage of 13 KB it is a few hundred bytes, and gates can still be asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.resources import moments
from towpath.resources.annotations import CREATE_ACTOR, QUARANTINE, REASON, SOAK
from towpath.resources.freight import Freight, FreightStatus
from towpath.resources.meta import ObjectMeta, condition
from towpath.resources.promotion import PromotionPhase, StepStatus
from towpath.resources.promotion_age import rank
from towpath.resources.stage import (
    PromotionTemplate,
    PromotionTemplateSpec,
    Stage,
    StageSpec,
    StageStatus,
    TemplateStep,
)
from towpath.rules import asked_holds, discovery, holds, stage_drift, stage_status
from towpath.rules.board import artifacts
from towpath.rules.freight_age import age
from towpath.rules.stage_conditions import HEALTHY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Holds
    from towpath.resources.warehouse import Warehouse
    from towpath.rules.board.artifacts import Artifact
    from towpath.rules.gates.steps import InflatedTemplate

LINE_BYTES: Final = 160
"""Of the first line of an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFacts:
    """What is shown of a Stage."""

    name: str
    slim: Stage
    """What gates are asked of: without status, and without the contents of its steps."""
    made_from: InflatedTemplate | None = None
    """Why no Promotion can be made, where tasks decide whether any can; not what they would be made from."""
    labels: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    """Freight that is there, by origin."""
    contents: Mapping[str, tuple[Artifact, ...]] = field(default_factory=dict)
    """The artifacts of that Freight, should it be gone."""
    before: frozenset[str] = frozenset()
    """Freight that was there, as far as the Stage remembers."""
    current: str = ""
    """The Promotion under way."""
    last: str = ""
    """The one that ended last."""
    last_phase: str = ""
    last_freight: str = ""
    last_message: str = ""
    last_finished: int = 0
    health: str = ""
    issue: str = ""
    verification: str = ""
    """The phase of the newest verification of what is there; empty if there was none."""
    verification_message: str = ""
    verification_finished: int = 0
    health_since: int = 0
    """Since when it is as `health` says; 0 if that is not known."""
    holds: Holds = field(default_factory=dict)
    hold_reasons: Mapping[str, str] = field(default_factory=dict)
    """Why holds were asked for, by origin; none where nobody said."""
    hold_ends: Mapping[str, int] = field(default_factory=dict)
    """When holds end by themselves, by origin; none where they do not."""
    is_automatic: bool = False
    drift: str = ""
    unreadable: str = ""
    """Why it cannot be read; nothing else is known then."""

    up: tuple[str, ...] = field(init=False)
    """Names of its upstream Stages."""
    direct: tuple[str, ...] = field(init=False)
    """Names of the Warehouses that it takes Freight straight from."""

    def __post_init__(self) -> None:
        """Note what is asked for with each change of Freight."""
        wanted = self.slim.spec.requested_freight
        up = dict.fromkeys(name for each in wanted for name in each.sources.stages)
        direct = dict.fromkeys(each.origin.name for each in wanted if each.sources.direct)
        object.__setattr__(self, "up", tuple(up))
        object.__setattr__(self, "direct", tuple(direct))


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightFacts:
    """What is shown of Freight."""

    name: str
    origin: str
    """`Warehouse/NAME`."""
    age: tuple[datetime, str]
    alias: str
    artifacts: tuple[Artifact, ...]
    slim: Freight | None
    """What gates are asked of; None where the object is gone."""

    @property
    def kept_back(self) -> str:
        """The note that nobody is to promote it; empty where there is none."""
        return self.slim.metadata.annotations.get(QUARANTINE, "") if self.slim is not None else ""

    @property
    def version(self) -> str:
        """What people call it by."""
        return artifacts.version(self.artifacts, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """The step that a Promotion is at."""

    number: int
    """From 1."""
    of: int
    alias: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionFacts:
    """What is shown of a Promotion."""

    name: str
    stage: str
    freight: str
    phase: PromotionPhase
    actor: str
    reason: str
    message: str
    created: int
    finished: int
    step: StepFacts | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.phase.is_terminal

    @property
    def rank(self) -> tuple[bool, str, str]:
        """What orders those of a Stage by age."""
        return rank(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseFacts:
    """What is shown of a Warehouse."""

    name: str
    error: str = ""
    """The first line of why it cannot look, or cannot be read."""
    failed: int = 0
    """Since when it cannot look, in seconds since 1970; 0 where that is not known."""


def of_stage(stage: Stage, made_from: InflatedTemplate | None = None) -> StageFacts:
    """Return the facts of a Stage. `made_from`: where its steps name tasks."""
    status = stage.status or StageStatus()
    held = stage_status.collection(status)
    items = {key: each for key, each in (held.items if held else {}).items() if each.name}
    newest = stage_status.newest_verification(status)
    last = status.last_promotion
    ended = last.status if last is not None and last.status is not None else None
    there = {each.name for each in items.values()}
    earlier = {each.name for past in status.freight_history for each in past.items.values()}
    health, well = status.health, condition(status.conditions, HEALTHY)
    in_force = holds.seen(stage)
    return StageFacts(
        name=stage.metadata.name,
        slim=_slim_stage(stage),
        made_from=made_from,
        labels=stage.metadata.labels,
        held={key: each.name for key, each in items.items()},
        contents={each.name: artifacts.artifacts(each) for each in items.values()},
        before=frozenset(earlier - there - {""}),
        current=status.current_promotion.name if status.current_promotion else "",
        last=last.name if last else "",
        last_phase=ended.phase if ended else "",
        last_freight=last.freight.name if last and last.freight else "",
        last_message=first_line(ended.message) if ended else "",
        last_finished=seconds(last.finished_at or (ended.finished_at if ended else ""))
        if last
        else 0,
        health=health.status if health else "",
        issue=first_line(health.issues[0]) if health and health.issues else "",
        verification=newest.phase if newest else "",
        verification_message=first_line(newest.message) if newest else "",
        verification_finished=seconds(newest.finish_time) if newest else 0,
        health_since=seconds(well.last_transition_time) if well else 0,
        holds=in_force,
        hold_reasons={
            origin: first_line(why)
            for origin, hold in in_force.items()
            if (why := asked_holds.reason(stage, origin, hold))
        },
        hold_ends={
            origin: whole(end)
            for origin, hold in in_force.items()
            if (end := asked_holds.ends_at(stage, origin, hold)) is not None
        },
        is_automatic=status.auto_promotion_enabled,
        drift=first_line(stage_drift.drift_of(status)),
    )


def of_unreadable_stage(name: str, why: str) -> StageFacts:
    """Return what is known of a Stage that cannot be read: its name, and why."""
    slim = Stage(metadata=ObjectMeta(name=name), spec=StageSpec(requested_freight=[]))
    return StageFacts(name=name, slim=slim, unreadable=first_line(f"cannot be read: {why}"))


def of_freight(freight: Freight) -> FreightFacts:
    """Return the facts of a Freight."""
    return FreightFacts(
        name=freight.metadata.name,
        origin=freight.origin.key,
        age=age(freight),
        alias=freight.alias,
        artifacts=artifacts.artifacts(freight),
        slim=_slim_freight(freight),
    )


def of_gone_freight(name: str, origin: str, contents: tuple[Artifact, ...]) -> FreightFacts:
    """Return what is known of Freight that is gone, from the Stage that holds it."""
    return FreightFacts(
        name=name, origin=origin, age=(moments.FIRST, name), alias="", artifacts=contents, slim=None
    )


def of_promotion(promotion: Promotion) -> PromotionFacts:
    """Return the facts of a Promotion."""
    status, metadata = promotion.status, promotion.metadata
    phase = PromotionPhase(status.phase if status else "")
    return PromotionFacts(
        name=metadata.name,
        stage=promotion.spec.stage,
        freight=promotion.spec.freight
        or (status.freight.name if status and status.freight else ""),
        phase=phase,
        actor=metadata.annotations.get(CREATE_ACTOR, ""),
        reason=first_line(metadata.annotations.get(REASON, "")),
        message=first_line(status.message) if status else "",
        created=seconds(metadata.creation_timestamp),
        finished=seconds(status.finished_at) if status else 0,
        step=_step(promotion) if phase is PromotionPhase.RUNNING else None,
    )


def of_warehouse(warehouse: Warehouse) -> WarehouseFacts:
    """Return the facts of a Warehouse."""
    known = warehouse.status.conditions if warehouse.status else []
    ready = condition(known, discovery.READY)
    if ready is None or ready.status == "True":
        return WarehouseFacts(name=warehouse.metadata.name)
    return WarehouseFacts(
        name=warehouse.metadata.name,
        error=first_line(f"{ready.reason}: {ready.message}"),
        failed=seconds(ready.last_transition_time),
    )


def first_line(text: str) -> str:
    """Return the first line of a text, no longer than a cell shows."""
    first = messages.plain(text[:4096]).strip().partition("\n")[0].strip()
    return messages.cut(first, LINE_BYTES)


def seconds(text: object) -> int:
    """Return a moment as whole seconds since 1970, as documents have it; 0 for what is none."""
    found = moments.read(text)
    return 0 if found is None else whole(found)


def whole(moment: datetime) -> int:
    """Return a moment as whole seconds since 1970."""
    return int(moment.timestamp())


def _slim_stage(stage: Stage) -> Stage:
    metadata, spec = stage.metadata, stage.spec
    template = None
    if not stage.controls_flow_only:
        template = PromotionTemplate(spec=PromotionTemplateSpec(steps=[TemplateStep(uses="any")]))
    return Stage(
        metadata=ObjectMeta(
            name=metadata.name,
            namespace=metadata.namespace,
            deletion_timestamp=metadata.deletion_timestamp,
        ),
        spec=StageSpec(
            requested_freight=spec.requested_freight,
            promotion_template=template,
            targets=spec.targets,
        ),
    )


def _slim_freight(freight: Freight) -> Freight:
    metadata, status = freight.metadata, freight.status or FreightStatus()
    kept_back = metadata.annotations.get(QUARANTINE)
    notes: dict[str, Any] = {SOAK: status.metadata[SOAK]} if SOAK in status.metadata else {}
    return Freight(
        metadata=ObjectMeta(
            name=metadata.name,
            namespace=metadata.namespace,
            creation_timestamp=metadata.creation_timestamp,
            annotations={QUARANTINE: kept_back} if kept_back else {},
        ),
        origin=freight.origin,
        alias=freight.alias,
        discovered_at=freight.discovered_at,
        status=FreightStatus(
            currently_in=status.currently_in,
            verified_in=status.verified_in,
            approved_for=status.approved_for,
            metadata=notes,
        ),
    )


def _step(promotion: Promotion) -> StepFacts | None:
    steps = promotion.spec.steps
    status = promotion.status
    if status is None or not steps:
        return None
    at = next(
        (each for each in status.step_execution_metadata if each.status == StepStatus.RUNNING), None
    )
    number = min(max(status.current_step, 0), len(steps) - 1)
    alias = (at.alias if at else "") or steps[number].as_ or steps[number].uses
    since = seconds(at.started_at) if at else seconds(status.started_at)
    return StepFacts(number=number + 1, of=len(steps), alias=messages.cut(alias, 64), since=since)
