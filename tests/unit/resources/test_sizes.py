"""How much a document holds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import sizes

_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4)
    ),
    max_leaves=30,
)


def _all(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_all, inner))


@given(_VALUES, st.integers(0, 40))
def test_values_are_counted_up_to_a_bound(value: Any, most: int) -> None:
    """Each of them, holders too; of more than that it is only told that there are more."""
    found, there = sizes.values(value, most), _all(value)
    assert (found == there) if there <= most else (most < found <= there)


class _Counted(list[Any]):
    """A list that counts how often what is in it was asked for."""

    asked = 0

    def __iter__(self) -> Any:
        type(self).asked += 1
        return super().__iter__()


def test_what_is_beyond_the_bound_is_not_looked_at() -> None:
    """A thousand lists of a thousand values: one of them is more than was asked for."""
    _Counted.asked = 0
    document = [_Counted(range(1_000)) for _ in range(1_000)]
    assert sizes.values(document, 2_000) > 2_000
    assert _Counted.asked <= 2
