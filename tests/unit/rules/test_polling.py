"""When a Warehouse is looked at again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.deciding import NOW
from tests.support.examples import examples
from towpath.resources import moments
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.rules.polling import due_at

LOOKED = NOW - timedelta(minutes=1)


def _warehouse(interval: str | None = None, *, uid: str = "u", looked: Any = LOOKED) -> Warehouse:
    artifacts = {"discoveredAt": moments.whole_seconds(looked)} if looked else {}
    spec: dict[str, Any] = {"subscriptions": []}
    if interval is not None:
        spec["interval"] = interval
    return view(
        Warehouse,
        {
            "metadata": {"name": "w", "uid": uid},
            "spec": spec,
            "status": {"discoveredArtifacts": artifacts} if looked else {},
        },
    )


def _due(warehouse: Warehouse, minimum: float = 0) -> datetime | None:
    return due_at(warehouse, minimum_seconds=minimum, now=NOW)


@pytest.mark.parametrize(
    ("interval", "minimum", "wanted"),
    [("10m", 0, 600), ("10m", 300, 600), ("10m", 900, 900), ("0s", 0, 1), (None, 0, 300)],
)
def test_the_longer_of_interval_and_minimum(
    interval: str | None, minimum: float, wanted: float
) -> None:
    """At least a second, and up to a tenth later."""
    due = _due(_warehouse(interval), minimum)
    assert due is not None
    assert wanted <= (due - LOOKED).total_seconds() <= wanted * 1.1


def test_at_once_if_it_never_was_or_the_clock_was_set_back() -> None:
    """Then the last look says nothing."""
    assert _due(_warehouse(looked=None)) is None
    assert _due(_warehouse(looked=NOW + timedelta(hours=1))) is None
    assert _due(_warehouse(looked=NOW)) is not None


@settings(max_examples=examples(10))
@given(st.lists(st.uuids().map(str), min_size=30, max_size=30, unique=True))
def test_looks_are_spread_and_each_has_its_own_place(uids: list[str]) -> None:
    """The same Warehouse always has the same share; together they fill the tenth."""
    shares = []
    for uid in uids:
        due = _due(_warehouse("100s", uid=uid))
        assert due == _due(_warehouse("100s", uid=uid))
        assert due is not None
        shares.append((due - LOOKED).total_seconds() - 100)
    assert all(0 <= share <= 10 for share in shares)
    assert max(shares) - min(shares) > 2
