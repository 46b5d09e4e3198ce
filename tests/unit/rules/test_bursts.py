"""Bursts of pushes: one Freight for each, and never none because they go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources.annotations import SETTLE
from towpath.resources.meta import ObjectMeta
from towpath.resources.warehouse import Warehouse, WarehouseSpec
from towpath.rules import bursts
from towpath.rules.bursts import Burst
from towpath.rules.discovery import Conditions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(seconds=30)


def _at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@given(st.lists(st.tuples(st.floats(0.1, 60), st.booleans()), max_size=40))
def test_freight_is_made_once_nothing_came_for_the_span_or_it_lasts_too_long(
    looks: list[tuple[float, bool]],
) -> None:
    """What is found at each look either is the same, or begins the span anew; ten spans are the end of it."""
    now, burst = NOW, bursts.goes_on(None, SPAN, is_same=False, now=NOW)
    assert burst == Burst(NOW, NOW)
    changed = NOW
    for pause, is_same in looks:
        now += timedelta(seconds=pause)
        changed = changed if is_same else now
        burst = bursts.goes_on(burst, SPAN, is_same=is_same, now=now)
        is_over = now >= changed + SPAN or now >= NOW + 10 * SPAN
        assert (burst is None) == is_over
        if burst is None:
            return
        assert now < burst.until(SPAN) <= burst.latest(SPAN) == NOW + 10 * SPAN


def test_a_clock_that_was_set_back_begins_anew() -> None:
    """Else Freight waits until time has come there again."""
    assert bursts.goes_on(Burst(_at(60), _at(60)), SPAN, is_same=True, now=NOW) == Burst(NOW, NOW)


def test_conditions_tell_of_a_burst_after_a_restart() -> None:
    """Since when what is found is the same, and since when Freight waits."""
    conditions = Conditions([], at="2026-01-01T00:00:09Z", generation=1)
    assert bursts.burst_of(conditions.all) is None
    conditions.put("FreightCreated", "False", "AlreadyExists", "m")
    conditions.put("Settling", "True", "NewArtifacts", "m", since=_at(5))
    assert bursts.burst_of(conditions.all) == Burst(_at(5), _at(5))
    conditions.put("FreightCreated", "False", "Settling", "m", since=_at(2))
    assert bursts.burst_of(conditions.all) == Burst(_at(2), _at(5))


@pytest.mark.parametrize(
    ("given", "span"),
    [
        ("30s", 30),
        ("1h", 3600),
        ("3h", 3600),
        ("0s", None),
        ("500ms", None),
        ("", None),
        ("soon", None),
    ],
)
def test_how_long_is_waited(given: str, span: int | None) -> None:
    """What lies in the store is read all the same: what cannot be read is as if it were not there."""
    spec = WarehouseSpec(subscriptions=[])
    warehouse = Warehouse(metadata=ObjectMeta(annotations={SETTLE: given}), spec=spec)
    found = bursts.span_of(warehouse)
    assert found == (timedelta(seconds=span) if span is not None else None)


@pytest.mark.parametrize(
    ("given", "is_right"),
    [("30s", True), ("0s", True), ("1h0m0s", True), ("61m", False), ("1ms", False), ("-5s", False),
     ("soon", False), (30, False)],
)  # fmt: skip
def test_what_may_be_written(given: object, is_right: bool) -> None:
    """From a second to an hour, and nothing."""
    found = bursts.annotation_errors({SETTLE: given})
    assert (found == []) is is_right
    assert all("from 1s to 1h" in each.detail for each in found)
