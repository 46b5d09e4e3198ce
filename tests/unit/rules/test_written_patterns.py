"""Regular expressions in users' expressions are looked at on write, everything else when it is evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.rules.written_patterns import expression_errors, step_errors


@pytest.mark.parametrize(
    "source", ['x matches "("', 'not (x.y matches "a{2000}")', 'x matches "(?=a)"']
)
def test_a_pattern_that_cannot_be_read_is_named(source: str) -> None:
    """With RE2's reason."""
    [found] = expression_errors("spec.e", source)
    assert found.path == "spec.e"
    assert "no regular expression" in str(found)


@pytest.mark.parametrize(
    "source", ["", None, 5, 'x matches "^a"', "x matches y", "x matches (", "nothing("]
)
def test_all_else_waits(source: Any) -> None:
    """A pattern that can be read, one that is not written down, and other mistakes."""
    assert expression_errors("spec.e", source) == []


def test_texts_of_steps_are_looked_at_wherever_they_stand() -> None:
    """In `if`, in variables, deep in a configuration; plain text is no expression."""
    bad = '${{ vars.x matches "(" }}'
    steps: list[dict[str, Any]] = [
        {"if": bad},
        {
            "vars": [{"name": "a", "value": bad}],
            "config": {"list": [{"deep": bad}], "plain": 'matches "("'},
        },
        {"uses": bad},
    ]
    assert sorted(error.path for error in step_errors("s", steps)) == [
        "s[0].if",
        "s[1].config.list[0].deep",
        "s[1].vars[0].value",
    ]


def test_no_more_than_a_few_hundred_texts_are_looked_at() -> None:
    """A document of twenty thousand expressions is not compiled to be admitted."""
    bad = '${{ vars.x matches "(" }}'
    assert len(step_errors("s", [{"if": bad}] * 20_000)) == 200
    assert expression_errors("e", 'x matches "("' + " " * 20_000) == []
