"""Differences of documents: applied to the earlier they make the later, whatever the two are."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.rules.board.patches import Patch, applied, difference

_VALUES = st.one_of(st.integers(0, 3), st.booleans(), st.lists(st.integers(0, 2), max_size=2))
_MEMBERS = st.dictionaries(
    st.sampled_from("abc"), st.dictionaries(st.sampled_from("xyz"), _VALUES, max_size=3), max_size=3
)
_DOCUMENTS = st.fixed_dictionaries(
    {"stages": _MEMBERS, "freight": _MEMBERS},
    optional={"rows": st.lists(st.integers(), max_size=2), "more": st.integers(1, 9)},
)


def _named(document: dict[str, Any]) -> dict[str, Any]:
    return {
        part: {name: {"name": name, **of} for name, of in value.items()}
        if part in ("stages", "freight")
        else value
        for part, value in document.items()
    }


@given(_DOCUMENTS, _DOCUMENTS)
@settings(max_examples=300, deadline=None)
def test_patches_lead_from_one_document_to_another(a: dict[str, Any], b: dict[str, Any]) -> None:
    """And told twice they do no harm: streams that resume tell some once more."""
    before, after = _named(a), _named(b)
    told = list(difference(before, after))
    assert applied(before, told) == after
    assert applied(after, told) == after
    assert list(difference(after, after)) == []


def test_a_field_that_has_its_default_again_is_taken_away() -> None:
    """One field is told, and not its Stage."""
    before = {"stages": {"a": {"name": "a", "behind": 2, "row": 1}}}
    after = {"stages": {"a": {"name": "a", "row": 1}}}
    assert list(difference(before, after)) == [Patch("stages/a", {"behind": None})]
    assert list(difference(before, {"stages": {}})) == [Patch("stages/a", None)]
