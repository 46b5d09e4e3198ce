from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from towpath.documents import jsonpath
from towpath.errors import BadRequest

NAMES = st.text("ab.]'\" \\é", min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.text("{}[]().?@$*:,-012'\"ab<>=! \\", max_size=30), VALUES)
def test_whatever_is_written_is_read_or_refused(template: str, value: Any) -> None:
    """No text and no document makes it fail in another way."""
    with contextlib.suppress(BadRequest):
        jsonpath.found(jsonpath.parse(template), value)


def _paths(value: Any, path: str = "$") -> list[tuple[str, Any]]:
    found = [(path, value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            written = "".join(f"\\{letter}" if letter in " .[]'\"\\" else letter for letter in key)
            found += _paths(inner, f"{path}.{written}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += _paths(inner, f"{path}[{place}]")
            found += [(f"{path}[{place - len(value)}]", inner)]
    return found


@given(VALUES)
def test_each_value_is_found_by_its_path(value: Any) -> None:
    """Names in any spelling, places from either end."""
    for path, wanted in _paths(value):
        assert jsonpath.first(jsonpath.parse(f"{{{path}}}"), value) == wanted


@given(st.lists(st.integers(0, 9), max_size=8), st.data())
def test_a_range_is_what_python_has(items: list[int], data: st.DataObject) -> None:
    """Where both ends lie in the list."""
    start = data.draw(st.integers(0, len(items)))
    end = data.draw(st.integers(start, len(items)))
    step = data.draw(st.integers(1, 4))
    found = jsonpath.found(jsonpath.parse(f"{{[{start}:{end}:{step}]}}"), items)
    assert found == items[start:end:step]
