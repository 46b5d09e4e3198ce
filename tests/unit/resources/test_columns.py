"""Cells of printed columns: the JSONPath of CRDs, and what an API server makes of what it finds.

The expected values were read off a Kubernetes API server with a CRD of these columns.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import columns
from towpath.resources.columns import Cell, WrongPathError
from towpath.resources.scheme import SCHEME

NOW = datetime(2026, 11, 26, 21, 0, tzinfo=UTC)
DOCUMENT = {
    "metadata": {"labels": {"kargo.akuity.io/alias": "blue", "a'b": "quote"}},
    "spec": {
        "i": 5,
        "b": True,
        "o": {"b": "é", "a": [1, {"c": 2}]},
        "l": ["p", "q", "r"],
        "d": "2026-11-20T00:00:00Z",
        "c": [
            {"t": "A", "v": "va"},
            {"t": "R", "v": "vr", "n": {"m": "x"}},
            {"t": "R", "v": "vr2"},
            {"v": "no type"},
        ],
        "z": None,
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.i", 5),
        ("$.spec.i", 5),
        (".spec['i']", 5),
        ('.spec["i"]', 5),
        ("['spec'].l[1]", "q"),
        (".spec.l[0]", "p"),
        (".spec.l[-1]", "r"),
        (".spec.l[9]", None),
        (".spec.l[-9]", None),
        (".spec.l[*]", "p"),
        (".spec.o.*", "é"),
        (".spec.c[*].n.m", "x"),
        (".spec.c[*].nope", None),
        ('.spec.c[?(@.t=="R")].v', "vr"),
        (".spec.c[?(@.t=='R')].v", "vr"),
        ('.spec.c[?(@.t == "R" )].v', "vr"),
        ('.spec.c[?(@.t!="R")].v', "va"),
        ('.spec.c[?(@.n.m=="x")].v', "vr"),
        ('.spec.c[?(@.t=="Z")].v', None),
        ('.spec.o[?(@.t=="R")].v', None),
        (r".metadata.labels.kargo\.akuity\.io/alias", "blue"),
        ('.metadata.labels["a\'b"]', "quote"),
        (".spec.i.deeper", None),
        (".spec.l.p", None),
        (".nope", None),
        ("", DOCUMENT),
    ],
)
def test_the_first_thing_a_path_finds(path: str, found: Any) -> None:
    """Names, escaped dots, indexes, all, and filters; what is not there is None."""
    assert columns.first(DOCUMENT, path) == found


@pytest.mark.parametrize(
    "path",
    [
        "spec",
        ".",
        "..spec",
        ".spec[",
        ".spec[a]",
        ".spec[?(@.a)]",
        ".spec[?(@.a>1)]",
        ".a b[",
        "[]",
        '[?(@..a=="b")]',
        ".spec[0:2]",
        ".*x",
        "[99999999]",
        ".a.",
    ],
)
def test_what_is_no_path_is_refused_by_name(path: str) -> None:
    """A column that can show nothing is a mistake of ours, and is told."""
    with pytest.raises(WrongPathError):
        columns.compiled(path)


@pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.resource)
def test_the_columns_of_every_kind_can_be_read(kind: Any) -> None:
    """Of an object without anything they show nothing."""
    for column in kind.columns:
        assert Cell.of(column.path, column.type)({}, NOW) is None


@pytest.mark.parametrize(
    ("type_", "value", "cell"),
    [
        ("integer", 5, 5),
        ("integer", 2.7, 2),
        ("integer", -3.9, -3),
        ("integer", "7", None),
        ("integer", True, None),
        ("integer", 1e300, None),
        ("number", 5, 5.0),
        ("number", -3.9, -3.9),
        ("number", "7", None),
        ("boolean", True, True),
        ("boolean", False, False),
        ("boolean", "yes", None),
        ("boolean", 1, None),
        ("string", "", ""),
        ("string", "text", "text"),
        ("string", 5, "5"),
        ("string", 1.5, "1.5"),
        ("string", True, "true"),
        ("string", False, "false"),
        ("string", ["p", None], '["p",null]'),
        ("string", {"b": "é", "a": [1, {"c": 2}]}, '{"a":[1,{"c":2}],"b":"é"}'),
        ("string", {}, "{}"),
        ("date", "2026-11-20T00:00:00Z", "6d21h"),
        ("date", "2026-11-20T00:00:00.123456789+02:00", "6d22h"),
        ("date", "", "<unknown>"),
        ("date", "null", "<unknown>"),
        ("date", "0001-01-01T00:00:00Z", "<unknown>"),
        ("date", "2026-11-20", "<invalid>"),
        ("date", "2026-11-20 00:00:00Z", "<invalid>"),
        ("date", "2026-11-20T00:00:00", "<invalid>"),
        ("date", "2026-13-20T00:00:00Z", "<invalid>"),
        ("date", "2027-11-20T00:00:00Z", "<invalid>"),
        ("date", 5, None),
    ],
)
def test_a_cell_is_of_its_column_s_type(type_: str, value: Any, cell: Any) -> None:
    """What is of another type is not shown, but as text anything is."""
    made = Cell.of(".v", type_)({"v": value}, NOW)
    assert made == cell
    assert type(made) is type(cell)


@pytest.mark.parametrize("type_", ["integer", "number", "boolean", "string", "date"])
@pytest.mark.parametrize("document", [{}, {"v": None}], ids=["absent", "null"])
def test_nothing_is_shown_as_nothing(type_: str, document: dict[str, Any]) -> None:
    """Kubectl leaves the cell blank, or writes `<none>`."""
    assert Cell.of(".v", type_)(document, NOW) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("name"), st.text(min_size=1, max_size=5)),
        st.tuples(st.just("index"), st.integers(-5, 5)),
        st.just(("all", None)),
    ),
    max_size=5,
)


def _written(steps: list[tuple[str, Any]]) -> str:
    text = ""
    for sort, value in steps:
        match sort:
            case "name":
                text += "." + "".join(f"\\{letter}" for letter in value)
            case "index":
                text += f"[{value}]"
            case _:
                text += "[*]"
    return text


def _all_found(values: list[Any], steps: list[tuple[str, Any]]) -> list[Any]:
    """Return everything that steps find, one step after the other: what a path means, written plainly."""
    for sort, wanted in steps:
        found: list[Any] = []
        for value in values:
            if sort == "name" and isinstance(value, dict):
                found += [value[wanted]] if wanted in value else []
            elif sort == "index" and isinstance(value, list):
                found += value[wanted : wanted + 1 or None] if -len(value) <= wanted else []
            elif sort == "all":
                found += value.values() if isinstance(value, dict) else []
                found += value if isinstance(value, list) else []
        values = found
    return values


@given(JSON, STEPS)
def test_the_first_of_all_that_the_steps_find(document: Any, steps: list[tuple[str, Any]]) -> None:
    """A path's first value is the first of what its steps find one after the other."""
    found = _all_found([document], steps)
    assert columns.first(document, _written(steps)) == (found[0] if found else None)


@given(st.text(alphabet="ab.[]()?@='\"\\*$! 0-1é\n\x00", max_size=30), JSON)
def test_any_text_is_a_path_or_refused(path: str, document: Any) -> None:
    """Nothing else is raised, and the text is named; what can be read finds the same each time."""
    try:
        found = columns.first(document, path)
    except WrongPathError:
        with pytest.raises(WrongPathError, match=re.escape(path)):
            columns.compiled(path)
    else:
        assert columns.first(document, path) is found


@given(JSON, st.sampled_from(["integer", "number", "boolean", "string", "date"]))
def test_any_value_makes_a_cell(value: Any, type_: str) -> None:
    """Of its type, or nothing; never an error."""
    types = {"integer": int, "number": float, "boolean": bool, "string": str, "date": str}
    cell = Cell.of(".v", type_)({"v": value}, NOW)
    assert cell is None or type(cell) is types[type_]


@pytest.mark.parametrize(
    "path", ["[?(@.a" + " " * 5000, ".a" * 5000 + "[", "[*]" * 5000 + "!", "." + "\\a" * 5000 + "."]
)
def test_long_paths_are_refused_at_once(path: str) -> None:
    """Reading one takes time in proportion to its length."""
    with pytest.raises(WrongPathError):
        columns.compiled(path)
