"""What windows together mean for a Stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.resources import moments
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.project_config import ProjectConfig
from towpath.resources.structs import view
from towpath.rules.promotion_windows.calendar import (
    NO_CLUSTER_WINDOWS,
    NO_WINDOWS,
    Calendar,
    _open_times,
    calendar,
    cluster_windows,
)

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)


def window(name: str, kind: str, start: str, end: str, rule: str = "", **more: Any) -> Any:
    """Return a window, as it is written."""
    times = {"dtstart": start, "dtend": end, **({"rrule": rule} if rule else {})}
    return {"name": name, "kind": kind, **times, **more}


def of(project: list[Any] = [], cluster: list[Any] = [], **specs: Any) -> Calendar:  # noqa: B006
    """Return the calendar of Project `shop`, whose label `tier` is `gold`."""
    own = {"metadata": {"name": "shop"}, "spec": {"promotionWindows": project, **specs}}
    every = {
        "metadata": {"name": "cluster"},
        "spec": {"promotionWindows": cluster, "promotionPolicies": specs.get("clusterwide", [])},
    }
    return calendar(
        "shop",
        {"tier": "gold"},
        view(ProjectConfig, own),
        cluster_windows(view(ClusterConfig, every)),
    )


DENY = window("maintenance", "Deny", "20260603T110000Z", "20260603T130000Z")
OFFICE = window("office", "Allow", "20260601T080000Z", "20260601T160000Z", "FREQ=DAILY")
NIGHT = window("night", "Allow", "20260601T200000Z", "20260601T220000Z", "FREQ=DAILY")


def test_without_windows_it_is_open() -> None:
    """And stays so."""
    assert NO_WINDOWS.opening(NOON).is_open
    assert NO_WINDOWS.open_from(NOON) == NOON
    assert calendar("shop", {}, None, NO_CLUSTER_WINDOWS) is NO_WINDOWS


def test_one_that_denies_counts_more_than_one_that_allows() -> None:
    """It says since when, and when it is over."""
    found = of([DENY, OFFICE]).opening(NOON)
    assert not found.is_open
    assert [each.name for each in found.deciding] == ["maintenance"]
    assert (found.since, found.changes_at) == (NOON - HOUR, NOON + HOUR)


def test_where_some_allow_one_must_be_active() -> None:
    """Outside of them it is shut until the next begins; within, open until the end, or until one denies."""
    both = of([OFFICE, NIGHT])
    evening = both.opening(NOON + 5 * HOUR)
    assert not evening.is_open
    assert {each.name for each in evening.deciding} == {"office", "night"}
    assert evening.changes_at == NOON + 8 * HOUR
    assert both.opening(NOON).changes_at == NOON + 4 * HOUR
    assert of([DENY, OFFICE]).opening(NOON - 2 * HOUR).changes_at == NOON - HOUR


def test_windows_of_both_places_count_open_times() -> None:
    """The instance's are about the Projects they select."""
    gold = {"projectSelector": {"matchLabels": {"tier": "gold"}}}
    other = {"projectSelector": {"name": "glob:bank-*"}}
    assert not of(cluster=[{**DENY, **gold}]).opening(NOON).is_open
    assert of(cluster=[{**DENY, **other}]).opening(NOON).is_open
    assert of(cluster=[{**DENY, **gold}]).windows[0].is_clusterwide


def test_a_project_does_not_open_what_the_operator_shut() -> None:
    """Of windows that let in, one of the instance's and one of the Project's must be active."""
    always = window("always", "Allow", "20260101T000000Z", "20260102T000000Z", "FREQ=DAILY")
    both = of([always], [OFFICE])
    night = both.opening(NOON + 9 * HOUR)
    assert not night.is_open
    assert [each.name for each in night.deciding] == ["office"]
    assert night.changes_at == NOON + 20 * HOUR
    assert both.opening(NOON).is_open
    neither = of([NIGHT], [OFFICE]).opening(NOON)
    assert (neither.is_open, neither.changes_at) == (False, None)


def test_many_windows_are_asked_quickly() -> None:
    """What is reckoned once a day is not reckoned at each look: a calendar that never opens is searched without a step too many."""
    daily = [
        window(
            f"w{n}",
            "Allow",
            f"20260101T{n % 24:02}0000Z",
            f"20260101T{n % 24:02}3000Z",
            "FREQ=DAILY",
        )
        for n in range(40)
    ]
    locks = [
        window(f"lock{n}", "Deny", f"{2026 + n}0101T000000Z", f"{2026 + n}1231T235959Z")
        for n in range(3)
    ]
    found = of([*daily, *locks])
    first = found.opening(NOON)
    assert not first.is_open
    before = _open_times.cache_info().misses
    assert found.opening(NOON + HOUR).changes_at == first.changes_at
    assert _open_times.cache_info().misses == before


def test_the_ends_of_the_calendar() -> None:
    """Whatever moment is asked about, there is an answer."""
    found = of([DENY, OFFICE])
    for moment in (moments.FIRST, moments.LAST):
        assert not found.opening(moment).is_open
        assert found.open_from(moment) is None


def test_windows_below_policies_are_about_their_stages() -> None:
    """By name or by selector, in a ProjectConfig and in the ClusterConfig; all that match count, not the first alone."""
    policies = [
        {"stage": "prod", "promotionWindows": [DENY]},
        {"stageSelector": {"matchLabels": {"env": "prod"}}, "promotionWindows": [NIGHT]},
    ]
    both = of(promotionPolicies=policies)
    assert {each.name for each in both.of("prod", {"env": "prod"}).windows} == {
        "maintenance",
        "night",
    }
    assert not both.of("test", {}).windows
    clusterwide = [
        {
            "projectSelector": {"name": "shop"},
            "stageSelector": {"name": "prod"},
            "promotionWindows": [DENY],
        },
        {"projectSelector": {"name": "bank"}, "promotionWindows": [NIGHT]},
        {"promotionWindows": [OFFICE]},
    ]
    every = of(clusterwide=clusterwide)
    assert [each.name for each in every.of("prod", {}).windows] == ["maintenance", "office"]
    assert [each.name for each in every.of("test", {}).windows] == ["office"]


def test_a_window_that_cannot_be_read_lets_nothing_in() -> None:
    """Whether it was to let in or to keep out: nobody knows, so the safe side is taken and the window is named."""
    for kind in ("Allow", "Deny"):
        found = of([window("odd", kind, "tomorrow", "later")]).opening(NOON)
        assert not found.is_open
        assert found.changes_at is None
        assert "dtstart: 'tomorrow'" in found.deciding[0].fault


def test_what_never_opens_says_no_time() -> None:
    """One window has passed, and nothing else allows."""
    past = window("past", "Allow", "20200101T000000Z", "20200102T000000Z")
    found = of([past]).opening(NOON)
    assert (found.is_open, found.changes_at) == (False, None)


_WINDOWS = st.lists(
    st.builds(
        lambda kind, day, hour, lasts, rule: window(
            f"w{day}-{hour}",
            kind,
            f"202606{day:02}T{hour:02}0000Z",
            (datetime(2026, 6, day, hour, tzinfo=UTC) + lasts * HOUR).strftime("%Y%m%dT%H%M%SZ"),
            rule,
        ),
        st.sampled_from(["Allow", "Deny"]),
        st.integers(1, 9),
        st.integers(0, 23),
        st.integers(1, 40),
        st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY;INTERVAL=3"]),
    ),
    max_size=4,
)


@settings(max_examples=50)
@given(windows=_WINDOWS, hours=st.integers(-50, 300))
def test_when_it_turns_is_when_it_is_otherwise(windows: list[Any], hours: int) -> None:
    """Up to the moment that is told everything stays as it is, and at that moment it is not."""
    found, now = of(windows), NOON + hours * HOUR
    opening = found.opening(now)
    end = opening.changes_at or now + timedelta(days=30)
    for step in range(1, 30):
        if now + step * HOUR >= end:
            break
        assert found.opening(now + step * HOUR).is_open == opening.is_open
    if opening.changes_at is not None:
        assert found.opening(opening.changes_at).is_open != opening.is_open
    if not opening.is_open:
        assert found.open_from(now) == opening.changes_at
