"""Values of which parts are not known yet: only that is wrong which is wrong whatever stands there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources.schema import ABSENT, OPEN, Rule, Schema
from towpath.resources.validation.structure import errors_of

_EXACTLY_ONE = Rule(
    expression="has(self.a) != has(self.b)",
    message="exactly one of a and b",
    holds=lambda value, _: bool(value.get("a")) != bool(value.get("b")),
)
_SCHEMA = Schema(
    type="object",
    properties={
        "a": Schema(type="string"),
        "b": Schema(type="string"),
        "n": Schema(type="integer", minimum=3),
        "list": Schema(type="array", items=Schema(type="string"), min_items=1, list_type="set"),
    },
    required=("n",),
    rules=(_EXACTLY_ONE,),
)


def _errors(value: Any) -> list[str]:
    return [str(each) for each in errors_of(_SCHEMA, value, "", ABSENT, is_open=True)]


@pytest.mark.parametrize(
    "value",
    [
        OPEN,
        {"a": "x", "n": OPEN},
        {"a": OPEN, "n": 3},
        {"a": OPEN, "b": OPEN, "n": 3},
        {"a": OPEN, "b": "x", "n": 3},
        {"a": "x", "n": 4, "list": OPEN},
        {"a": "x", "n": 4, "list": [OPEN, OPEN]},
    ],
)
def test_what_may_become_right_is_right(value: Any) -> None:
    """A field that is open may be absent in the end, or there."""
    assert _errors(value) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": OPEN}, "n: Required value"),
        ({"a": OPEN, "n": 2}, "greater than or equal to 3"),
        ({"n": OPEN}, "exactly one of a and b"),
        ({"a": "x", "b": "y", "n": OPEN}, "exactly one of a and b"),
        ({"a": OPEN, "n": 3, "list": [OPEN, 5]}, "list[1]"),
        ({"a": OPEN, "n": 3, "list": ["x", OPEN, "x"]}, "Duplicate"),
    ],
)
def test_what_stays_wrong_is_told(value: Any, said: str) -> None:
    """Beside what is open, and in rules however the open fields come out."""
    assert any(said in each for each in _errors(value)), _errors(value)


def test_a_rule_that_looks_into_an_open_field_waits() -> None:
    """It is asked again when the value is known."""
    rule = Rule(
        expression="size(self.a.b) > 1",
        message="no",
        holds=lambda value, _: len(value["a"]["b"]) > 1 and value["a"]["b"] > 2,
    )
    schema = Schema(type="object", preserve_unknown=True, rules=(rule,))
    for value in ({"a": OPEN}, {"a": {"b": OPEN}}):
        assert errors_of(schema, value, "", ABSENT, is_open=True) == []


@given(
    st.dictionaries(st.sampled_from("ab"), st.sampled_from(["", "x"])),
    st.sets(st.sampled_from("ab")),
)
def test_an_open_field_hides_nothing_and_adds_nothing(
    known: dict[str, str], open_: set[str]
) -> None:
    """What is told with open fields is told however they are filled in."""
    value: dict[str, Any] = {**known, **dict.fromkeys(open_, OPEN), "n": 3}
    filled = [value]
    for key in open_:
        rest = [{k: v for k, v in each.items() if k != key} for each in filled]
        filled = [*rest, *({**each, key: "x"} for each in filled)]
    outcomes = [bool(errors_of(_SCHEMA, each, "", ABSENT)) for each in filled]
    assert bool(_errors(value)) == all(outcomes)
