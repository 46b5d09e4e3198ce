"""Which Applications a label selector means."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.errors import Invalid
from towpath.rules.argocd.selectors import matches, text

LABELS = [{}, {"tier": "edge"}, {"tier": "deep", "lane": "east"}, {"tier": ""}]


def _term(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "matched", "written"),
    [
        ({"matchLabels": {"tier": "edge"}}, [False, True, False, False], "tier in (edge)"),
        ({"matchLabels": {"tier": ""}}, [False, False, False, True], "tier in ()"),
        (_term("tier", "In", "deep", "edge"), [False, True, True, False], "tier in (deep,edge)"),
        (_term("tier", "NotIn", "edge"), [True, False, True, True], "tier notin (edge)"),
        (_term("lane", "Exists"), [False, False, True, False], "lane"),
        (_term("lane", "DoesNotExist"), [True, True, False, True], "!lane"),
        (
            {"matchLabels": {"tier": "deep"}, **_term("lane", "Exists")},
            [False, False, True, False],
            "tier in (deep),lane",
        ),
    ],
)
def test_what_is_matched(selector: dict[str, Any], matched: list[bool], written: str) -> None:
    """All terms hold; what is absent is not in any list."""
    assert [matches(selector, each) for each in LABELS] == matched
    assert text(selector) == written


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"matchLabels": {}, "matchExpressions": []},
        {"matchLabels": {"tier": "-x"}},
        {"matchLabels": {"ti er": "x"}},
        _term("tier", "In"),
        _term("tier", "Exists", "x"),
        _term("tier", "Equals", "x"),
        _term("", "Exists"),
        _term("tier", "NotIn", "a b"),
    ],
)
def test_what_is_no_selector(selector: dict[str, Any]) -> None:
    """It is refused before anybody is asked."""
    for judge in (text, lambda each: matches(each, {})):
        with pytest.raises(Invalid, match="selector"):
            judge(selector)
