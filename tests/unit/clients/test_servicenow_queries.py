"""Encoded queries: what is sent, and what is refused because it would match more than it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.servicenow import SnowInstance
from towpath.clients.trackers.servicenow import encoded
from towpath.errors import BadRequest

ID = "ab" * 16


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ("state=-2", ["state"]),
        ("state=-2^ORstate=-1^approval=approved^ORDERBYDESCnumber", ["state", "approval"]),
        (
            "short_descriptionLIKEorder^u_xISEMPTY^NQpriority<3",
            ["short_description", "u_x", "priority"],
        ),
        ("caller_id.email=a@example.com", ["caller_id.email"]),
        ("order=1", ["order"]),
        ("^^", []),
    ],
)
def test_fields_of_a_query(condition: str, fields: list[str]) -> None:
    """Each once, in their order."""
    assert encoded.fields(condition) == fields


def test_each_alternative_is_about_the_record() -> None:
    """`^NQ` begins a query of its own, which would find others."""
    made = encoded.about(ID, "a=1^ORb=2^NQc=3")
    assert made == f"sys_id={ID}^a=1^ORb=2^NQsys_id={ID}^c=3"


@pytest.mark.parametrize(
    "condition", ["", "^NQ", "a=1^NQ", "ORDERBYa", "=1", "^NQORDERBYa", "ORa=1", "a=1^NQORb=1"]
)
def test_conditions_that_say_nothing(condition: str) -> None:
    """Would hold of every record."""
    with pytest.raises(BadRequest, match="is no condition"):
        encoded.about(ID, condition)


@given(
    st.lists(
        st.sampled_from(
            ["a=1", "b=1", "a!=2", "^", "OR", "NQ", "^OR", "^NQ", "ORDERBYa", " ", "EQ"]
        ),
        max_size=8,
    ).map("".join)
)
def test_no_condition_reaches_another_record(condition: str) -> None:
    """However it is written: the instance is asked about one record."""
    instance = SnowInstance.__new__(SnowInstance)
    instance.fields = {"t": ("a", "b")}
    instance.records = {"t": {"other": {"sys_id": "cd" * 16, "a": "1", "b": "1"}}}
    try:
        query = encoded.about(ID, condition)
    except BadRequest:
        return
    assert instance.found("t", query) == []


@given(st.dictionaries(st.sampled_from("abc"), st.text(alphabet="a=1^ ", max_size=6), max_size=3))
def test_values_stay_values(terms: dict[str, str]) -> None:
    """A query has as many terms as were given, or is refused."""
    try:
        made = encoded.of(terms)
    except BadRequest:
        return
    assert made.count("^") == len(terms) - 1
    assert encoded.fields(made) == list(terms)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (3, "3"), (3.0, "3"), (2.5, "2.5"), (None, ""), ("x", "x")]
)
def test_values_are_texts(value: object, text: str) -> None:
    """As ServiceNow keeps them."""
    assert encoded.text_of(value, "f") == text
