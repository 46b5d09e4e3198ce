"""A list of gates as everybody is told it: its order, what shut gates mean, what they come to."""

from __future__ import annotations

import pytest

from towpath.rules.gates import telling
from towpath.rules.gates.gate import Bars, Gate


def _open(name: str) -> Gate:
    return Gate(name=name, open=True, reason=f"{name} is so")


def _shut(name: str, bars: Bars = Bars.PROMOTION) -> Gate:
    return Gate(name=name, open=False, reason=f"{name} is not so", bars=bars)


def test_what_nobody_passes_by_is_read_first() -> None:
    """Of those that bar the same, and of the open ones, each stays where it was."""
    found = [
        *(_open("stage"), _shut("sources", Bars.NEW_FREIGHT), _shut("turn", Bars.START)),
        *(_shut("policy", Bars.AUTO_PROMOTION), _shut("steps", Bars.SUCCESS)),
        *(_shut("verified"), _shut("soaked"), _open("exists")),
    ]
    assert [gate.name for gate in telling.in_order(found)] == [
        *("verified", "soaked", "steps", "turn", "policy", "sources"),
        *("stage", "exists"),
    ]


@pytest.mark.parametrize("bars", Bars)
def test_every_shut_gate_means_something(bars: Bars) -> None:
    """In words that begin a sentence; an open one means nothing."""
    means = telling.meaning(_shut("any", bars))
    assert means[0].isupper()
    assert not means.endswith(".")
    assert telling.meaning(_open("any")) == ""


def test_a_sentence_for_each_thing_that_is_barred() -> None:
    """The gates by name; and that it can be promoted, where nothing keeps anybody from that."""
    found = [_shut("verified"), _shut("soaked"), _shut("policy", Bars.AUTO_PROMOTION)]
    assert telling.verdicts(found, is_there=True) == [
        "It cannot be promoted: gates verified, soaked are shut.",
        "It is not promoted by itself: gate policy is shut.",
    ]
    assert telling.verdicts([_open("stage")], is_there=True) == ["It can be promoted."]
    assert telling.verdicts(
        [_shut("exists"), _shut("warehouse", Bars.NEW_FREIGHT)], is_there=False
    ) == ["Newer Freight does not come: gate warehouse is shut."]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([_shut("soaked")], "One gate is shut."),
        ([_shut("verified"), _shut("soaked")], "2 gates are shut; the first is verified."),
        ([_shut("soaked"), _shut("present", Bars.AUTO_PROMOTION)], "One gate is shut."),
        ([_shut("present", Bars.AUTO_PROMOTION)], "It is there."),
        ([_shut("carried", Bars.AUTO_PROMOTION)], "It is on its way."),
        (
            [_shut("policy", Bars.AUTO_PROMOTION)],
            "Nothing keeps it: auto-promotion is off here, and nobody asked.",
        ),
        (
            [_shut("hold", Bars.AUTO_PROMOTION)],
            "It can go when somebody asks; by itself it does not.",
        ),
        (
            [_shut("policy", Bars.AUTO_PROMOTION), _shut("steps", Bars.SUCCESS)],
            "It can be asked for, and would fail.",
        ),
        ([_shut("turn", Bars.START)], "It can be asked for, and waits for its turn."),
        ([_open("stage"), _shut("warehouse", Bars.NEW_FREIGHT)], "Nothing keeps it."),
    ],
)
def test_what_gates_come_to_in_one_sentence(found: list[Gate], sentence: str) -> None:
    """The first thing that somebody wants to know who asks why."""
    assert telling.summary(found) == sentence
