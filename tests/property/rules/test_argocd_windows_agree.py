"""Sync windows as Towpath judges them and as the stand-in Argo CD does, which share nothing but how schedules are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from towpath.demo.argocd import sync_windows as theirs
from towpath.rules.argocd import application as applications
from towpath.rules.argocd import sync_windows as ours

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
APPLICATION: dict[str, Any] = {
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {"destination": {"server": "https://k.example", "namespace": "prod"}},
}
WINDOWS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["allow", "deny"]),
        "schedule": st.sampled_from(
            ["0 0 * * *", "*/7 8-17 * * 1-5", "30 22 1,15 * *", "0 12 * mar sun", "@hourly"]
        ),
        "duration": st.sampled_from(["30m", "1h", "90m", "24h", "200h"]),
    },
    optional={
        "manualSync": st.booleans(),
        "andOperator": st.booleans(),
        "timeZone": st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]),
        "applications": st.lists(st.sampled_from(["*", "web", "api", "w*"]), max_size=2),
        "namespaces": st.lists(st.sampled_from(["prod", "test", "p*d"]), max_size=2),
        "clusters": st.lists(st.sampled_from(["https://*", "in-cluster"]), max_size=1),
    },
)


@given(st.lists(WINDOWS, max_size=4), st.integers(0, 366 * 24 * 60 * 60), st.booleans())
def test_both_judge_alike(windows: list[dict[str, Any]], seconds: int, manual: bool) -> None:
    """At any moment, of any windows, for a person and for automation."""
    now = BEGIN + timedelta(seconds=seconds)
    project = {"spec": {"syncWindows": windows}}
    seen = applications.read(APPLICATION)
    found, wrong = ours.windows(project, seen, ZoneInfo)
    assert wrong == []
    opening = ours.opening(found, now, is_manual=manual)
    verdict = theirs.verdict(project, APPLICATION, now)
    assert opening.is_open == verdict.allows(manual=manual)
    if opening.opens_at is not None:
        at, before = opening.opens_at, opening.opens_at - timedelta(seconds=1)
        assert theirs.verdict(project, APPLICATION, at).allows(manual=manual)
        assert not theirs.verdict(project, APPLICATION, max(before, now)).allows(manual=manual)
