"""What the promotion windows of a Project and of the whole instance mean for a Stage: open or shut, and until when.

As Kargo's CRDs have it: nothing is promoted while a window that denies is active; where windows allow, one of them must be.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.rules.named_selectors import selects
from towpath.rules.promotion_windows.recurrence import AHEAD, TimesError, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.cluster_config import ClusterConfig
    from towpath.resources.configuration import PromotionWindow
    from towpath.resources.meta import NamedSelector
    from towpath.resources.project_config import ProjectConfig
    from towpath.rules.promotion_windows.recurrence import ActiveTime, Recurrence

DENY: Final = "Deny"
ALLOW: Final = "Allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledWindow:
    """One window that is about Stages of a Project."""

    name: str
    denies: bool
    is_clusterwide: bool
    """Whether it stands in the ClusterConfig; else in that of the Project."""
    times: Recurrence | None
    fault: str = ""
    """Why its times cannot be read."""
    stages: tuple[NamedSelector, ...] = ()
    """Selectors of Stages that must all match."""
    stage: str = ""
    """The one Stage it is about, where a policy names it."""

    def is_about(self, stage: str, labels: Mapping[str, str]) -> bool:
        """Whether it is about a Stage."""
        if self.stage and self.stage != stage:
            return False
        return all(selects(each, stage, labels) for each in self.stages)

    def span_at(self, now: datetime) -> ActiveTime | None:
        """Return the time in which it is active now; None if it is not."""
        spans = self.times.spans(now) if self.times is not None else ()
        place = bisect_right(spans, now, key=lambda span: span.start) - 1
        return spans[place] if place >= 0 and now < spans[place].end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Whether promotions are let into a Stage at a moment."""

    is_open: bool
    deciding: tuple[ScheduledWindow, ...] = ()
    """The windows that say so: those that are active, or those of which one would have to be."""
    since: datetime | None = None
    """Since when a window that denies is active."""
    changes_at: datetime | None = None
    """When it opens, or, while it is open, when it is shut again. None if it does not change within a year."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The windows of one Project."""

    windows: tuple[ScheduledWindow, ...] = ()

    def of(self, stage: str, labels: Mapping[str, str]) -> Calendar:
        """Return those that are about a Stage."""
        if not self.windows:
            return self
        return Calendar(tuple(each for each in self.windows if each.is_about(stage, labels)))

    def opening(self, now: datetime) -> Opening:
        """Return whether promotions are let in now, as far as all these windows are about them."""
        unread = tuple(each for each in self.windows if each.times is None)
        if unread:
            return Opening(is_open=False, deciding=unread)
        denying = [(each, span) for each in self._that(DENY) if (span := each.span_at(now))]
        allowing = self._that(ALLOW)
        active = [(each, span) for each in allowing if (span := each.span_at(now))]
        if denying:
            return Opening(
                is_open=False,
                deciding=tuple(each for each, _ in denying),
                since=min(span.start for _, span in denying),
                changes_at=self.open_from(now),
            )
        if allowing and not active:
            return Opening(is_open=False, deciding=tuple(allowing), changes_at=self.open_from(now))
        return Opening(
            is_open=True,
            deciding=tuple(each for each, _ in active),
            changes_at=self._turns(now, is_open=False),
        )

    def open_from(self, moment: datetime) -> datetime | None:
        """Return the first moment from one on at which promotions are let in; None if there is none within a year."""
        if not self.windows or self._is_open(moment, moment):
            return moment
        return self._turns(moment, is_open=True)

    def _turns(self, moment: datetime, *, is_open: bool) -> datetime | None:
        """Return when it is open, or shut, next after a moment; None if it is not within a year."""
        known_to = moment + AHEAD - timedelta(days=2)  # beyond it nobody has looked
        edges = {
            edge
            for each in self.windows
            if each.times is not None
            for span in each.times.spans(moment)
            if moment < (edge := span.end if each.denies == is_open else span.start) < known_to
        }
        return next(
            (edge for edge in sorted(edges) if self._is_open(edge, moment) == is_open), None
        )

    def _is_open(self, moment: datetime, of: datetime) -> bool:
        """Whether promotions are let in at a moment. `of`: on whose day the times are reckoned."""
        allows = False
        is_allowed = False
        for each in self.windows:
            if each.times is None:
                return False
            spans = each.times.spans(of)
            place = bisect_right(spans, moment, key=lambda span: span.start) - 1
            is_active = place >= 0 and moment < spans[place].end
            if each.denies and is_active:
                return False
            allows |= not each.denies
            is_allowed |= is_active and not each.denies
        return is_allowed or not allows

    def _that(self, kind: str) -> Sequence[ScheduledWindow]:
        return [each for each in self.windows if each.denies == (kind == DENY)]


NO_WINDOWS: Final = Calendar()


def calendar(
    project: str,
    labels: Mapping[str, str],
    config: ProjectConfig | None,
    cluster: ClusterConfig | None,
) -> Calendar:
    """Return the windows of a Project: those of its configuration, and those of the instance that are about it.

    `labels`: the Project's. Windows stand in `spec.promotionWindows`, or below the promotion policies that they belong to.
    """
    found: list[ScheduledWindow] = []
    if config is not None and config.spec is not None:
        found += _windows(config.spec.promotion_windows, is_clusterwide=False)
        for policy in config.spec.promotion_policies:
            chosen = (policy.stage_selector,) if policy.stage_selector is not None else ()
            found += _windows(
                policy.promotion_windows, chosen, stage=policy.stage, is_clusterwide=False
            )
    if cluster is not None and cluster.spec is not None:
        meant = [
            each
            for each in cluster.spec.promotion_windows
            if _means(each.project_selector, project, labels)
        ]
        found += _windows(meant, is_clusterwide=True)
        for rule in cluster.spec.promotion_policies:
            if _means(rule.project_selector, project, labels):
                chosen = (rule.stage_selector,) if rule.stage_selector is not None else ()
                found += _windows(rule.promotion_windows, chosen, is_clusterwide=True)
    return Calendar(tuple(found)) if found else NO_WINDOWS


def _means(selector: NamedSelector | None, project: str, labels: Mapping[str, str]) -> bool:
    return selector is None or selects(selector, project, labels)


def _windows(
    of: Iterable[PromotionWindow],
    stages: tuple[NamedSelector, ...] = (),
    *,
    stage: str = "",
    is_clusterwide: bool,
) -> list[ScheduledWindow]:
    found = []
    for each in of:
        times, fault = None, ""
        try:
            times = read(each.rrule, each.dtstart, each.dtend)
        except TimesError as error:
            fault = str(error)
        own = (each.stage_selector,) if each.stage_selector is not None else ()
        found.append(
            ScheduledWindow(
                name=each.name,
                denies=each.kind != ALLOW,
                is_clusterwide=is_clusterwide,
                times=times,
                fault=fault,
                stages=(*stages, *own),
                stage=stage,
            )
        )
    return found
