"""How long something takes is counted into classes that add up."""

from __future__ import annotations

from towpath.telemetry.durations import Durations, DurationsByName
from towpath.telemetry.exposition import Family, text


def test_each_falls_into_the_class_that_it_is_in() -> None:
    """A bound belongs to the class below it, as Prometheus has it; what exceeds all has one of its own."""
    found = Durations((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.2, 1.0, 1.5, 60.0):
        found.note(seconds)
    assert found.counts == [2, 2, 2]
    assert round(found.total_seconds, 6) == 62.8


def test_names_are_bounded() -> None:
    """What a user can name does not fill the memory."""
    found = DurationsByName((1.0,), most=2)
    for name in ("a", "b", "c", "d", "a"):
        found.note(name, 0.5)
    assert {name: sum(each.counts) for name, each in found.by_name.items()} == {
        "a": 2,
        "b": 1,
        "others": 2,
    }


def test_histograms_have_their_labels_on_each_line() -> None:
    """And cumulative counts."""
    family = Family.histograms(
        "x_seconds",
        "How long.",
        (0.5,),
        [({"step": "a"}, [1, 2], 3.0), ({"step": "b"}, [0, 1], 9.0)],
    )
    assert text([family]).splitlines()[2:] == [
        'x_seconds_bucket{step="a",le="0.5"} 1',
        'x_seconds_bucket{step="a",le="+Inf"} 3',
        'x_seconds_sum{step="a"} 3',
        'x_seconds_count{step="a"} 3',
        'x_seconds_bucket{step="b",le="0.5"} 0',
        'x_seconds_bucket{step="b",le="+Inf"} 1',
        'x_seconds_sum{step="b"} 9',
        'x_seconds_count{step="b"} 1',
    ]
