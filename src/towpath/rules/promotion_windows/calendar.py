"""What the promotion windows of a Project and of the whole instance mean for a Stage: open or shut, and until when.

As Kargo's CRDs have it: nothing is promoted while a window that denies is active; where windows allow, one of them must be.
Of those that allow, one of the instance's and one of the Project's must be, where there are some: a Project does not open what
the operator shut.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.rules.named_selectors import selects
from towpath.rules.promotion_windows.active_times import NEVER, joined, union
from towpath.rules.promotion_windows.recurrence import AHEAD, TimesError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from towpath.resources.cluster_config import ClusterConfig
    from towpath.resources.configuration import PromotionWindow
    from towpath.resources.meta import NamedSelector
    from towpath.resources.project_config import ProjectConfig
    from towpath.rules.promotion_windows.active_times import ActiveTimes
    from towpath.rules.promotion_windows.recurrence import Recurrence

ALLOW: Final = "Allow"
_KNOWN: Final = AHEAD - timedelta(days=2)
_LAST_YEAR: Final = 9_999


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

    def since(self, now: datetime) -> datetime | None:
        """Return since when it is active; None if it is not."""
        times = self.times.active(_day(now)) if self.times is not None else NEVER
        place = times.at(now.timestamp())
        return _moment(times.starts[place]) if place is not None else None


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
        open_times = self._open_times(now)
        ends = open_times.ends_of(now.timestamp())
        if ends is None:
            return self._shut(now)
        active = tuple(each for each in self.windows if each.since(now) is not None)
        changes = _moment(ends) if ends < _end(_midnight(now)) else None
        return Opening(is_open=True, deciding=active, changes_at=changes)

    def open_from(self, moment: datetime) -> datetime | None:
        """Return the first moment from one on at which promotions are let in; None if there is none within a year."""
        if not self.windows:
            return moment
        if any(each.times is None for each in self.windows):
            return None
        found = self._open_times(moment)
        if found.at(moment.timestamp()) is not None:
            return moment
        second = found.begins_after(moment.timestamp())
        return _moment(second) if second is not None else None

    def _shut(self, now: datetime) -> Opening:
        denying = [(each, at) for each in self._that(denies=True) if (at := each.since(now))]
        if denying:
            deciding = tuple(each for each, _ in denying)
            since: datetime | None = min(at for _, at in denying)
        else:  # in those of one place, or of both, none lets in
            deciding, since = tuple(self._closed(now)), None
        return Opening(
            is_open=False, deciding=deciding, since=since, changes_at=self.open_from(now)
        )

    def _closed(self, now: datetime) -> Iterator[ScheduledWindow]:
        """Yield the windows of which one would have to let in."""
        for is_clusterwide in (True, False):
            found = [each for each in self._that() if each.is_clusterwide is is_clusterwide]
            if not any(each.since(now) for each in found):
                yield from found

    def _open_times(self, moment: datetime) -> ActiveTimes:
        """Return when promotions are let in, from a moment's day on."""
        denies = tuple(each.times for each in self._that(denies=True) if each.times)
        allows = tuple(
            tuple(
                each.times for each in self._that() if each.times and each.is_clusterwide is place
            )
            for place in (True, False)
        )
        return _open_times(denies, tuple(each for each in allows if each), _day(moment))

    def _that(self, *, denies: bool = False) -> list[ScheduledWindow]:
        return [each for each in self.windows if each.denies is denies]


@functools.lru_cache(maxsize=1_024)
def _open_times(
    denies: tuple[Recurrence, ...], allows: tuple[tuple[Recurrence, ...], ...], day: date
) -> ActiveTimes:
    """Return when promotions are let in, from a day on up to `_KNOWN` of it: reckoned once a day, and searched then.

    `allows`: those of the instance and those of the Project, where there are some.
    """
    deny = union(each.active(day) for each in denies)
    letting = [union(each.active(day) for each in times) for times in allows]
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return joined(_openings(deny, letting, midnight.timestamp(), _end(midnight)))


def _openings(
    deny: ActiveTimes, letting: list[ActiveTimes], at: float, end: float
) -> Iterator[tuple[int, int]]:
    """Yield when nothing denies and something of each list lets in, in seconds since 1970, from a second on to another."""
    second: float | None = at
    while second is not None and second < end:
        shut = deny.ends_of(second)
        if shut is not None:
            second = shut
            continue
        closed = next((each for each in letting if each.at(second) is None), None)
        if closed is not None:
            second = closed.begins_after(second)
            continue
        edges = [deny.begins_after(second), *(each.ends_of(second) for each in letting)]
        until = min((each for each in edges if each is not None), default=end)
        yield int(second), int(min(until, end))
        second = until


def _end(midnight: datetime) -> float:
    return moments.later(midnight, _KNOWN).timestamp()


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date() if moment.year < _LAST_YEAR else moment.date()


def _midnight(moment: datetime) -> datetime:
    day = _day(moment)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _moment(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


NO_WINDOWS: Final = Calendar()


@dataclass(frozen=True, slots=True)
class ClusterWindows:
    """The windows of the whole instance, read once for all Projects."""

    windows: tuple[tuple[tuple[NamedSelector, ...], ScheduledWindow], ...] = ()
    """With selectors of Projects, which must all match."""

    def about(self, project: str, labels: Mapping[str, str]) -> list[ScheduledWindow]:
        """Return those that are about a Project of these labels."""
        return [
            window
            for selectors, window in self.windows
            if all(selects(each, project, labels) for each in selectors)
        ]


NO_CLUSTER_WINDOWS: Final = ClusterWindows()


def cluster_windows(config: ClusterConfig | None) -> ClusterWindows:
    """Return the windows of the ClusterConfig; `config`: None where there is none."""
    if config is None or config.spec is None:
        return NO_CLUSTER_WINDOWS
    found = [
        (_given(each.project_selector), _window(each, is_clusterwide=True))
        for each in config.spec.promotion_windows
    ]
    for policy in config.spec.promotion_policies:
        found += [
            (
                _given(policy.project_selector),
                _window(each, _given(policy.stage_selector), is_clusterwide=True),
            )
            for each in policy.promotion_windows
        ]
    return ClusterWindows(tuple(found))


def calendar(
    project: str, labels: Mapping[str, str], config: ProjectConfig | None, cluster: ClusterWindows
) -> Calendar:
    """Return the windows of a Project: those of its configuration, and those of the instance that are about it.

    `labels`: the Project's. Windows stand in `spec.promotionWindows`, or below the promotion policies that they belong to.
    """
    found = cluster.about(project, labels)
    if config is not None and config.spec is not None:
        found += [_window(each) for each in config.spec.promotion_windows]
        for policy in config.spec.promotion_policies:
            found += [
                _window(each, _given(policy.stage_selector), stage=policy.stage)
                for each in policy.promotion_windows
            ]
    return Calendar(tuple(found)) if found else NO_WINDOWS


def _given(selector: NamedSelector | None) -> tuple[NamedSelector, ...]:
    return (selector,) if selector is not None else ()


def _window(
    of: PromotionWindow,
    stages: tuple[NamedSelector, ...] = (),
    *,
    stage: str = "",
    is_clusterwide: bool = False,
) -> ScheduledWindow:
    times, fault = None, ""
    try:
        times = read(of.rrule, of.dtstart, of.dtend)
    except TimesError as error:
        fault = str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, only the Stages that the window is about are shut
        fault = f"{type(error).__name__}: {error}"
    return ScheduledWindow(
        name=of.name,
        denies=of.kind != ALLOW,
        is_clusterwide=is_clusterwide,
        times=times,
        fault=fault,
        stages=(*stages, *_given(of.stage_selector)),
        stage=stage,
    )
