"""What the gate of the promotion windows says, and what a Stage's status says of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.deciding import stage as a_stage
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.project_config import ProjectConfig
from towpath.resources.structs import view
from towpath.rules.gates import remedies, window
from towpath.rules.promotion_windows.calendar import Calendar, calendar, cluster_windows

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
STAGE = a_stage()


def _one(kind: str, name: str, start: str, end: str, rule: str = "") -> dict[str, Any]:
    times = {"dtstart": start, "dtend": end, **({"rrule": rule} if rule else {})}
    return {"name": name, "kind": kind, **times}


DENY = _one("Deny", "freeze", "20260603T110000Z", "20260603T130000Z")
AGAIN = _one("Deny", "audit", "20260603T110000Z", "20260603T140000Z")
EVER = _one("Deny", "ever", "20260101T000000Z", "20260102T000000Z", "FREQ=DAILY")
OFFICE = _one("Allow", "office", "20260601T080000Z", "20260601T160000Z", "FREQ=DAILY")
NIGHT = _one("Allow", "night", "20260601T200000Z", "20260601T220000Z", "FREQ=DAILY")
PAST = _one("Allow", "past", "20250601", "20250602")
ODD = _one("Deny", "odd", "monday", "20260101")


def _of(*windows: dict[str, Any], clusterwide: bool = False) -> Calendar:
    spec = {"promotionWindows": list(windows)}
    own = view(ProjectConfig, {"metadata": {"name": "shop"}, "spec": {} if clusterwide else spec})
    every = view(
        ClusterConfig, {"metadata": {"name": "cluster"}, "spec": spec if clusterwide else {}}
    )
    return calendar("shop", {}, own, cluster_windows(every))


@pytest.mark.parametrize(
    ("windows", "is_open", "said"),
    [
        ([DENY], False, "promotion window freeze keeps promotions out until 2026-06-03T13:00:00Z"),
        (
            [DENY, AGAIN],
            False,
            "promotion windows freeze and audit keep promotions out until 2026-06-03T14:00:00Z",
        ),
        ([EVER], False, "promotion window ever keeps promotions out, for a year at least"),
        (
            [NIGHT],
            False,
            "outside of promotion window night; promotions are let in from 2026-06-03T20:00:00Z on",
        ),
        (
            [PAST],
            False,
            "outside of promotion window past; promotions are let in at no time within a year",
        ),
        (
            [ODD],
            False,
            (
                "promotion window odd cannot be read: dtstart: 'monday': is no time of iCalendar; write it as "
                "TZID=Europe/Paris:20260105T090000 or 20260105T080000Z; nothing is promoted until it can be"
            ),
        ),
        ([OFFICE], True, "promotion window office lets promotions in until 2026-06-03T16:00:00Z"),
        (
            [_one("Deny", "later", "20260701", "20260702")],
            True,
            "no promotion window keeps promotions out now",
        ),
    ],
)
def test_what_it_says(windows: list[dict[str, Any]], is_open: bool, said: str) -> None:
    """Which window, and until when."""
    found = window.gate(STAGE, _of(*windows), NOON)
    assert found is not None
    assert (found.open, found.reason) == (is_open, said)


def test_who_opens_it() -> None:
    """Time, where it does; and who may change the object that the window stands in."""
    own, every = (window.gate(STAGE, _of(DENY, clusterwide=each), NOON) for each in (False, True))
    assert own is not None
    assert every is not None
    project = STAGE.metadata.namespace
    assert own.opens_by == (
        "time",
        f"who may change ProjectConfig {project}, by changing the window",
    )
    assert every.opens_by[1] == "who may change the ClusterConfig, by changing the window"
    assert own.command == f"towpath get projectconfig -p {project} -o yaml"
    assert every.command == "towpath get clusterconfig -o yaml"
    waits = remedies.of(own, project, "prod")
    assert waits is not None
    assert waits.verb == "wait"
    ever = window.gate(STAGE, _of(EVER), NOON)
    assert ever is not None
    assert ever.opens_by == own.opens_by[1:]
    edits = remedies.of(ever, project, "prod")
    assert edits is not None
    assert edits.verb == "edit"


def test_what_a_status_says() -> None:
    """Whether they are shut, why, and what comes next; nothing where no window is about the Stage."""
    shut = window.status(STAGE, _of(DENY), NOON)
    assert shut is not None
    assert (shut.closed, shut.next_open, shut.next_close) == (True, "2026-06-03T13:00:00Z", None)
    lets = window.status(STAGE, _of(OFFICE), NOON)
    assert lets is not None
    assert (lets.closed, lets.next_open, lets.next_close) == (False, None, "2026-06-03T16:00:00Z")
    assert lets.next_close_reason.startswith("outside of promotion window office")
    assert window.status(STAGE, _of(), NOON) is None
    assert window.gate(STAGE, _of(), NOON) is None
