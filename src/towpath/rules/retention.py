"""What retention removes: old Promotions, Freight and AnalysisRuns that nobody needs.

Per object: nothing that is in use or approved; of the rest the newest few stay, and what is young. History tables are
untouched by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase
from towpath.rules import hook_attempts, stage_status
from towpath.rules.freight_age import age, born
from towpath.rules.processing_order import age as promotion_age

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRun
    from towpath.resources.freight import Freight
    from towpath.resources.hook_run import HookRun
    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much is kept: an object goes when it is neither among the newest nor young."""

    newest: int = 20
    """Ended Promotions or AnalysisRuns of a Stage, or Freight of a Warehouse, that stay however old they are."""
    minimum_age_seconds: float = 336 * 3600.0
    most_runs: int = 1_000
    """Ended runs of a hook that stay at most, however young they are."""


DEFAULT: Final = Retention()


def promotions_to_delete(
    stage: Stage | None,
    promotions: Iterable[Promotion],
    *,
    now: datetime,
    retention: Retention = DEFAULT,
) -> list[Promotion]:
    """Return the Promotions of one Stage that may go, newest first. `stage`: None if it is gone.

    Those that have not ended stay, and the ones the Stage's status names.
    """
    named = set()
    if stage is not None and stage.status is not None:
        named = {
            reference.name
            for reference in (stage.status.current_promotion, stage.status.last_promotion)
            if reference is not None
        }
    ended = sorted(
        (promotion for promotion in promotions if stage_status.has_ended(promotion)),
        key=promotion_age,
        reverse=True,
    )
    return [
        promotion
        for promotion in ended[retention.newest :]
        if promotion.metadata.name not in named
        and _is_old(moments.read(promotion.metadata.creation_timestamp), now, retention)
    ]


def freight_to_delete(
    freights: Iterable[Freight],
    *,
    in_use: Iterable[str],
    now: datetime,
    retention: Retention = DEFAULT,
) -> list[Freight]:
    """Return the Freight of one origin that may go, newest first.

    `in_use`: names that Stages hold or that Promotions which have not ended carry. Freight that says itself that it is in
    a Stage, or is approved for one, stays too. The origin may be gone.
    """
    used = set(in_use)
    by_age = sorted(freights, key=age, reverse=True)
    return [
        freight
        for freight in by_age[retention.newest :]
        if freight.metadata.name not in used
        and not (freight.status and (freight.status.currently_in or freight.status.approved_for))
        and _is_old(born(freight), now, retention)
    ]


def runs_to_delete(
    runs: Iterable[AnalysisRun],
    *,
    in_use: Iterable[str],
    now: datetime,
    retention: Retention = DEFAULT,
) -> list[AnalysisRun]:
    """Return the AnalysisRuns of one Stage, or those of none, that may go, newest first.

    Those that have not ended stay, and the ones that `in_use` names: what Stages' current verifications refer to.
    """
    used = set(in_use)
    ended = sorted(
        (run for run in runs if run.status and AnalysisPhase(run.status.phase).is_terminal),
        key=lambda run: (_born(run) or moments.FIRST, run.metadata.name),
        reverse=True,
    )
    return [
        run
        for run in ended[retention.newest :]
        if run.metadata.name not in used and _is_old(_born(run), now, retention)
    ]


def hook_runs_to_delete(
    runs: Iterable[HookRun], *, now: datetime, retention: Retention = DEFAULT
) -> list[HookRun]:
    """Return the runs of one hook that may go, newest first: those that have ended, hold nothing up and are old, or very many."""
    ended = sorted(
        (run for run in runs if hook_attempts.has_ended(run.status) and not run.blocks),
        key=lambda run: (run.spec.event.revision, run.metadata.name),
        reverse=True,
    )
    return [
        run
        for place, run in enumerate(ended)
        if place >= retention.most_runs
        or (place >= retention.newest and _is_old(_born(run), now, retention))
    ]


def _born(run: AnalysisRun | HookRun) -> datetime | None:
    return moments.read(run.metadata.creation_timestamp)


def _is_old(since: datetime | None, now: datetime, retention: Retention) -> bool:
    return now - (since or moments.FIRST) >= timedelta(seconds=retention.minimum_age_seconds)
