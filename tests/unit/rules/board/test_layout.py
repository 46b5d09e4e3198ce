"""Where Stages stand: columns by rank, rows by line, fans near what feeds them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.rules.board.layout import Layout, StageNode, laid_out


def _layout(**up: list[str]) -> Layout:
    return laid_out(StageNode(name.replace("_", "-"), tuple(above)) for name, above in up.items())


def _at(layout: Layout, name: str) -> tuple[int, int, int]:
    place = layout.places[name]
    return place.row, place.column, place.order


def test_a_column_is_the_longest_way() -> None:
    """A Stage that is reached in one step and in three stands behind the third."""
    layout = _layout(a=[], b=["a"], c=["b"], d=["a", "c"])
    assert [_at(layout, name)[1] for name in "abcd"] == [0, 1, 2, 3]


def test_rows_are_called_by_what_their_names_begin_with() -> None:
    """In the order of their names, numbers by their size."""
    names: dict[str, list[str]] = {f"svc{n}_dev": [] for n in (10, 2)}
    more = {f"svc{n}_prod": [f"svc{n}-dev"] for n in (10, 2)}
    layout = _layout(**names, **more)
    assert layout.rows == ("svc2", "svc10")
    assert [each.title for each in layout.columns] == ["dev", "prod"]


def test_labels_decide_rows_and_titles() -> None:
    """A row that is named is one though nothing connects it; an environment names its column where all agree."""
    layout = laid_out(
        [
            StageNode("a", environment="dev", row="web"),
            StageNode("b", environment="dev", row="web"),
            StageNode("c", ("a",), environment="eu", row="web"),
            StageNode("d", ("b",), environment="us", row="web"),
        ]
    )
    assert layout.rows == ("web",)
    assert [(each.title, each.environment) for each in layout.columns] == [
        ("dev", "dev"),
        ("2", ""),
    ]


def test_a_fan_stands_in_the_order_of_what_feeds_it() -> None:
    """So that no edge crosses another that need not."""
    layout = _layout(root=[], a=["root"], b=["root"], x=["b"], y=["a"])
    assert (_at(layout, "y")[2], _at(layout, "x")[2]) == (0, 1)


@pytest.mark.parametrize("up", [{"a": ["a"]}, {"a": ["b"], "b": ["a"]}, {"a": ["gone"]}])
def test_what_makes_no_sense_is_laid_out_all_the_same(up: dict[str, list[str]]) -> None:
    """Circles, and Stages upstream that do not exist."""
    assert set(_layout(**up).places) == set(up)


_GRAPHS = st.dictionaries(
    st.sampled_from([f"s{n}" for n in range(12)]),
    st.lists(st.sampled_from([f"s{n}" for n in range(12)]), max_size=4),
    max_size=12,
)


@given(_GRAPHS)
@settings(max_examples=200, deadline=None)
def test_every_stage_has_a_place_of_its_own(up: dict[str, list[str]]) -> None:
    """Whatever the graph; rows and columns are counted without gaps, and the order of the input does not matter."""
    nodes = [StageNode(name, tuple(above)) for name, above in up.items()]
    layout = laid_out(nodes)
    places = list(layout.places.values())
    assert set(layout.places) == set(up)
    assert len(set(places)) == len(places)
    assert {each.row for each in places} == set(range(len(layout.rows)))
    assert {each.column for each in places} == set(range(len(layout.columns)))
    assert laid_out(nodes[::-1]) == layout
