"""What happened is read from whatever lies there as an Event."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from towpath.hooks.happening import of
from towpath.resources.happening import HEARD, TYPES

PREFIX = "event.kargo.akuity.io/"


def test_an_event_of_a_promotion() -> None:
    """An event of a promotion."""
    happened = of(
        {
            "metadata": {
                "name": "p.0123",
                "namespace": "shop",
                "annotations": {
                    f"{PREFIX}stage-name": "prod",
                    f"{PREFIX}promotion-name": "p",
                    f"{PREFIX}freight-name": "f1",
                    f"{PREFIX}actor": "email:a@example.com",
                    "other": "x",
                },
            },
            "involvedObject": {"kind": "Promotion", "name": "p"},
            "reason": "PromotionFailed",
            "message": "it failed",
            "firstTimestamp": "2026-01-01T00:00:00Z",
        },
        7,
    )
    assert happened is not None
    assert (happened.event, happened.project, happened.stage) == (
        "promotion-failed",
        "shop",
        "prod",
    )
    assert (happened.promotion, happened.freight, happened.revision) == ("p", "f1", 7)
    assert happened.actor == "email:a@example.com"
    assert "other" not in happened.payload


def test_names_that_the_payload_does_not_have_are_those_of_the_object_concerned() -> None:
    """Names that the payload does not have are those of the object concerned."""
    about = {"reason": "StageHealthChanged", "involvedObject": {"kind": "Stage", "name": "prod"}}
    happened = of(about)
    assert happened is not None
    assert happened.stage == "prod"


def test_what_is_about_something_else_is_nothing_that_happened() -> None:
    """What is about something else is nothing that happened."""
    assert of({"reason": "BackOff"}) is None
    assert of({}) is None


def test_every_type_that_hooks_hear_has_a_name_of_its_own() -> None:
    """Every type that hooks hear has a name of its own."""
    assert len(set(HEARD.values())) == len(HEARD)
    assert set(HEARD) < set(TYPES)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([PREFIX + "actor", "name", "annotations"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {"reason": st.sampled_from(TYPES) | _JSON},
        optional={"metadata": _JSON, "involvedObject": _JSON, "message": _JSON},
    )
)
def test_whatever_is_written_there_is_read(document: dict[str, Any]) -> None:
    """Whatever is written there is read."""
    happened = of(document)
    if happened is not None:
        assert happened.type in TYPES
        assert all(isinstance(value, str) for value in happened.payload.values())
