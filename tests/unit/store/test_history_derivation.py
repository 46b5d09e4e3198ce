"""What a write means for history: a pure function that takes documents of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.stage_history import ORIGIN, collection
from tests.support.stores import document, freight
from towpath.resources import scheme
from towpath.resources.annotations import APPROVAL_REASONS, CREATE_ACTOR, REASON
from towpath.store import history
from towpath.store.history.changes import ApprovalEnded, ApprovalGiven, FreightArrived, FreightLeft

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind


def stage(*collections: dict[str, Any], **status: Any) -> dict[str, Any]:
    """Return a Stage that holds collections, newest first."""
    wanted = document(scheme.STAGE, "prod", status={"freightHistory": list(collections), **status})
    wanted["metadata"]["uid"] = "u"
    return wanted


def ended(name: str, phase: str, brought: dict[str, Any], freight_name: str = "") -> dict[str, Any]:
    """Return a Stage's `lastPromotion`."""
    return {
        "name": name,
        "freight": {"name": freight_name},
        "status": {"phase": phase, "freightCollection": brought},
    }


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (ended("p2", "Succeeded", collection("f2")), "p2"),
        (ended("p2", "Succeeded", {}, "f2"), "p2"),
        (ended("p3", "Failed", collection("f2"), "f2"), ""),
        (ended("p3", "Succeeded", collection("f9"), "f9"), ""),
        ({"name": "p2"}, ""),
        ("p2", ""),
        (None, ""),
    ],
    ids=["collection", "target", "failed", "other", "no-status", "text", "none"],
)
def test_a_promotion_is_named_only_if_it_brought_the_freight(last: Any, expected: str) -> None:
    """Several may be replayed in one pass, the last of them a failed one."""
    before, after = stage(collection("f1")), stage(collection("f2"), lastPromotion=last)
    [arrived] = history.derive(scheme.STAGE, before, after, actor="a")
    assert isinstance(arrived, FreightArrived)
    assert arrived.promotion == expected


def test_what_stays_in_a_stage_is_no_news() -> None:
    """Neither a new collection with the same Freight, nor other parts of the status."""
    one, two = stage(collection("f1")), stage(collection("f1"), collection("f1"), health={"a": 1})
    assert history.derive(scheme.STAGE, one, two, actor="a") == ()
    assert history.derive(scheme.STAGE, one, stage(collection("f1"), x=2), actor="a") == ()


def test_a_stage_that_empties_or_goes_is_left() -> None:
    """Origin by origin while it lives, altogether when it is deleted."""
    held = stage(collection("f1", "g1"))
    assert history.derive(scheme.STAGE, held, stage(), actor="a") == (
        FreightLeft(stage_uid="u", origin=ORIGIN),
        FreightLeft(stage_uid="u", origin=f"{ORIGIN}1"),
    )
    assert history.derive(scheme.STAGE, held, None, actor="a") == (FreightLeft(stage_uid="u"),)


def test_freight_without_approvals_leaves_nothing() -> None:
    """Its making, changing and deleting mean nothing; the approvals of one that goes end with it."""
    plain, noted = freight("f1"), freight("f1", annotations={APPROVAL_REASONS: "{}"})
    for before, after in ((None, plain), (plain, noted), (plain, None)):
        assert history.derive(scheme.FREIGHT, before, after, actor="a") == ()
    approved = freight("f1", status={"approvedFor": {"prod": {"approvedAt": "t"}}})
    [given_] = history.derive(scheme.FREIGHT, plain, approved, actor="a")
    assert isinstance(given_, ApprovalGiven)
    assert (given_.stage, given_.approved) == ("prod", "t")
    assert history.derive(scheme.FREIGHT, approved, None, actor="b") == (
        ApprovalEnded(freight_uid="", actor="b"),
    )


@pytest.mark.parametrize(
    "text",
    ["[" * 4_000, "{", '"\ud800"', "[]", '{"prod": {}}', "NaN", '{"prod": null}', "1" * 5_000],
)
def test_reasons_that_cannot_be_read_are_none(text: str) -> None:
    """An approval is not refused for the sake of its annotation."""
    annotations = {APPROVAL_REASONS: text}
    after = freight("f1", annotations=annotations, status={"approvedFor": {"prod": {}}})
    [given_] = history.derive(scheme.FREIGHT, None, after, actor="a")
    assert isinstance(given_, ApprovalGiven)
    assert given_.reason == ""


KEYS = (
    *(
        "metadata",
        "spec",
        "status",
        "freightHistory",
        "items",
        "verificationHistory",
        "approvedFor",
    ),
    *("annotations", "name", "uid", "id", "lastPromotion", "freightCollection", "phase", ORIGIN),
    *(APPROVAL_REASONS, CREATE_ACTOR, REASON),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.none() | st.dictionaries(
    st.sampled_from(["metadata", "spec", "status"]), json_values, max_size=3
)


@settings(max_examples=examples(500))
@given(st.sampled_from([scheme.STAGE, scheme.PROMOTION, scheme.FREIGHT]), documents, documents)
def test_no_shape_of_document_stops_a_write(kind: Kind, before: Any, after: Any) -> None:
    """What is not as expected counts as absent; what is written twice is no news the second time."""
    history.derive(kind, before, after, actor="a")
    if after is not None:
        assert history.derive(kind, after, after, actor="a") == ()


@pytest.mark.parametrize("kind", scheme.SCHEME, ids=lambda kind: kind.qualified)
def test_most_kinds_have_no_history(kind: Kind) -> None:
    """Secrets above all."""
    if kind not in (scheme.STAGE, scheme.PROMOTION, scheme.FREIGHT):
        assert history.derive(kind, None, {"metadata": {"uid": "u"}, "status": {}}, actor="a") == ()
