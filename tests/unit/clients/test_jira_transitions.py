"""Which transition leads to a status."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.clients.trackers.jira import transitions
from towpath.clients.trackers.jira.transitions import Transition

THERE = [
    Transition("1", "Done", "In Review"),
    Transition("2", "Finish  it", "Done"),
    Transition("3", "Start", "In Progress"),
]


@pytest.mark.parametrize(
    ("wanted", "id_"),
    [("done", "2"), ("IN  PROGRESS", "3"), ("finish it", "2"), ("start", "3"), ("Closed", None)],
)
def test_the_target_counts_before_the_name(wanted: str, id_: str | None) -> None:
    """Letter case and blanks do not count."""
    found = transitions.chosen(THERE, wanted)
    assert (found and found.id) == id_


def test_the_sharp_s_is_one() -> None:
    """As people compare words, not as ASCII does."""
    assert transitions.is_same("GROSS", "groß")


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"transitions": None}, {"transitions": ["x", {}, {"id": "", "name": "x"}]}],
)
def test_what_is_no_answer_offers_nothing(answer: Any) -> None:
    """And raises nothing."""
    assert transitions.read(answer) == []
    assert transitions.listed([]) == "none"


def test_required_fields_are_read() -> None:
    """Those without a value of their own; what is not available is not offered."""
    answer = {
        "transitions": [
            {
                "id": 5,
                "name": "Close",
                "to": {"name": "Closed"},
                "fields": {
                    "resolution": {"required": True, "name": "Resolution"},
                    "priority": {"required": True, "name": "Priority", "hasDefaultValue": True},
                    "labels": {"required": False},
                },
            },
            {"id": "6", "name": "Hide", "to": {"name": "Hidden"}, "isAvailable": False},
        ]
    }
    assert transitions.read(answer) == [
        Transition("5", "Close", "Closed", ("Resolution (resolution)",))
    ]
