"""Schedules as cron has them."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

import pytest

from towpath.rules import cron

MONDAY = datetime(2026, 5, 4, 10, 30, 20, tzinfo=UTC)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "next_"),
    [
        ("* * * * *", datetime(2026, 5, 4, 10, 31, tzinfo=UTC)),
        ("*/15 * * * *", datetime(2026, 5, 4, 10, 45, tzinfo=UTC)),
        ("0 22 * * 1-5", datetime(2026, 5, 4, 22, tzinfo=UTC)),
        ("0 9 * * sat,SUN", datetime(2026, 5, 9, 9, tzinfo=UTC)),
        ("0 0 * * 7", datetime(2026, 5, 10, tzinfo=UTC)),
        ("30 4 1,15 * 5", datetime(2026, 5, 8, 4, 30, tzinfo=UTC)),
        ("0 0 29 feb *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 31 4 *", None),
        ("5/20 8 * * *", datetime(2026, 5, 5, 8, 5, tzinfo=UTC)),
        ("@daily", datetime(2026, 5, 5, tzinfo=UTC)),
        ("@hourly", datetime(2026, 5, 4, 11, tzinfo=UTC)),
    ],
)
def test_the_next_time(text: str, next_: datetime | None) -> None:
    """Of days of the month and of the week one is enough where both are said."""
    assert cron.parse(text).after(MONDAY) == next_


def test_a_local_time_that_is_left_out_is_passed_over() -> None:
    """And one that comes twice is meant once."""
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    nightly = cron.parse("30 2 * * *", BERLIN)
    assert nightly.after(before) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    twice = nightly.after(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert nightly.after(twice) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
        "1-2-3 * * * *",
        "99999 * * * *",
        "@reboot",
    ],
)
def test_what_is_no_schedule(text: str) -> None:
    """With the field that is wrong."""
    with pytest.raises(ValueError, match=r"schedule|minute|hour|day|month"):
        cron.parse(text)


def test_the_end_of_time_is_the_end() -> None:
    """Nothing comes after it."""
    assert cron.parse("* * * * *").after(datetime.max.replace(tzinfo=UTC)) is None
