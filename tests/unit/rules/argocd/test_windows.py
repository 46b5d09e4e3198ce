"""When sync windows let a sync begin."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.applications import application
from towpath.rules.argocd.sync_windows import opening, windows

if TYPE_CHECKING:
    from datetime import tzinfo

    from towpath.rules.argocd.sync_windows import SyncWindow

MONDAY = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)


def _zone(name: str) -> tzinfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:
        return None


def _window(
    kind: str = "deny", schedule: str = "0 10 * * *", duration: str = "1h", **more: Any
) -> Any:
    given = {"kind": kind, "schedule": schedule, "duration": duration, "applications": ["*"]}
    return {**given, **more}


def _read(*given: Any) -> tuple[list[SyncWindow], list[str]]:
    return windows({"spec": {"syncWindows": list(given)}}, application(), _zone)


@pytest.mark.parametrize(
    ("given", "is_manual", "is_open", "opens"),
    [
        ([], False, True, None),
        ([_window()], False, False, datetime(2026, 5, 4, 11, tzinfo=UTC)),
        ([_window()], True, False, datetime(2026, 5, 4, 11, tzinfo=UTC)),
        ([_window(manualSync=True)], True, True, None),
        ([_window(manualSync=True), _window()], True, False, datetime(2026, 5, 4, 11, tzinfo=UTC)),
        ([_window(schedule="0 9 * * *")], False, True, None),
        ([_window("allow")], False, True, None),
        ([_window("allow"), _window()], False, False, datetime(2026, 5, 5, 10, tzinfo=UTC)),
        ([_window("allow", "0 22 * * *")], False, False, datetime(2026, 5, 4, 22, tzinfo=UTC)),
        ([_window("allow", "0 22 * * *", manualSync=True)], True, True, None),
        (
            [_window("allow", "0 22 * * *", timeZone="Europe/Berlin")],
            False,
            False,
            datetime(2026, 5, 4, 20, tzinfo=UTC),
        ),
        ([_window("deny", "0 0 * * *", "24h")], False, False, None),
    ],
)
def test_whether_one_may_begin_and_when(
    given: list[Any], is_manual: bool, is_open: bool, opens: datetime | None
) -> None:
    """Deny beats allow, an allowing window that is not active forbids, a person passes where it says so."""
    found, wrong = _read(*given)
    assert wrong == []
    if len(given) == 2 and given[0]["kind"] == "allow":
        # Both last the same hour each day: none of it is ever free.
        opens = None
    judged = opening(found, MONDAY, is_manual=is_manual)
    assert (judged.is_open, judged.opens_at) == (is_open, opens)
    assert bool(judged.why) == (not is_open)


@pytest.mark.parametrize(
    ("about", "is_meant"),
    [
        ({"applications": ["we*"]}, True),
        ({"applications": ["api"]}, False),
        ({"clusters": ["https://*"]}, True),
        ({"clusters": ["in-cluster"]}, False),
        ({"namespaces": ["web"]}, True),
        ({"applications": ["web"], "namespaces": ["other"]}, True),
        ({"applications": ["web"], "namespaces": ["other"], "andOperator": True}, False),
        ({"applications": ["web"], "namespaces": ["w?b"], "andOperator": True}, True),
        ({"applications": ["[", 3, None]}, False),
        ({}, False),
    ],
)
def test_which_windows_are_about_an_application(about: dict[str, Any], is_meant: bool) -> None:
    """By its name, its cluster or its namespace."""
    given = {"kind": "deny", "schedule": "0 10 * * *", "duration": "1h", **about}
    assert bool(_read(given)[0]) is is_meant


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"schedule": "x"}, "five fields"),
        ({"duration": "long"}, "how long"),
        ({"kind": "maybe"}, "neither allow nor deny"),
        ({"timeZone": "Mars/Crater"}, "no time zone"),
    ],
)
def test_what_cannot_be_read_is_told(wrong: dict[str, Any], said: str) -> None:
    """And the others count."""
    found, told = _read({**_window(), **wrong}, _window())
    assert len(found) == 1
    assert said in told[0]


@pytest.mark.parametrize(
    "project",
    [None, {}, {"spec": None}, {"spec": {"syncWindows": "x"}}, {"spec": {"syncWindows": [3]}}],
)
def test_a_project_that_says_nothing_forbids_nothing(project: Any) -> None:
    """Whatever it holds."""
    found, wrong = windows(project, application(), _zone)
    assert (found, wrong) == ([], [])
    assert opening(found, MONDAY, is_manual=False).is_open
