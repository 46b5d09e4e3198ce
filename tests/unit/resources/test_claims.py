"""Which claims a ServiceAccount says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from towpath.resources import claims


def account(**annotations: str) -> dict[str, Any]:
    """Return an account whose annotations have these ends."""
    noted = {f"rbac.kargo.akuity.io/{name}": value for name, value in annotations.items()}
    return {"metadata": {"annotations": noted}}


def test_both_forms_add_up() -> None:
    """A text or a list of texts; the older form has commas."""
    document = account(claims=json.dumps({"email": "a@b.c", "groups": ["x", "y"]}))
    document["metadata"]["annotations"]["rbac.kargo.akuity.io/claim.groups"] = "y, z,"
    assert claims.of(document) == {"email": ["a@b.c"], "groups": ["x", "y", "z"]}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"x"', '{"groups": [1, null, {"a": "b"}], "sub": true}', "[" * 9999],
)
def test_what_is_no_claim_maps_nobody(text: str) -> None:
    """Whatever somebody wrote there."""
    assert claims.of(account(claims=text)) == {}
    assert claims.keys(account(claims=text)) == []


@pytest.mark.parametrize("document", [{}, {"metadata": None}, {"metadata": {"annotations": []}}])
def test_an_account_without_annotations_says_none(document: dict[str, Any]) -> None:
    """Of whatever shape."""
    assert claims.of(document) == {}


def test_a_claim_and_its_value_are_not_run_together() -> None:
    """Or who can choose a value could choose another claim."""
    assert claims.key("a", "b=c") != claims.key("a=b", "c")
    assert claims.key('a"', "b") != claims.key("a", '"b')


def test_new_ones_take_the_place_of_both_forms() -> None:
    """And other annotations stay."""
    document = account(claims="{}", **{"claim.sub": "x", "managed": "true"})
    noted = claims.noted(document, {"groups": ["x"]})
    assert claims.of(noted) == {"groups": ["x"]}
    assert sorted(noted["metadata"]["annotations"]) == [
        "rbac.kargo.akuity.io/claims",
        "rbac.kargo.akuity.io/managed",
    ]
    assert claims.of(claims.noted(noted, {})) == {}
