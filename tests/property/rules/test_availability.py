"""Availability: more verification, more time and approval never shut a gate; what opens by time opens then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.deciding import NOW, ago, freight, request, stage
from tests.support.examples import examples
from towpath.rules.gates import availability
from towpath.rules.gates.gate import Gate, next_opening

_STAGES = ["a", "b", "c"]
_HOURS = st.integers(0, 6)
_SOURCES = st.fixed_dictionaries(
    {
        "direct": st.booleans(),
        "stages": st.lists(st.sampled_from(_STAGES), unique=True),
        "availabilityStrategy": st.sampled_from(["", "OneOf", "All"]),
    },
    optional={
        "requiredSoakTime": st.sampled_from(["0s", "1h", "3h"]),
        "autoPromotionOptions": st.just({"selectionPolicy": "MatchUpstream"}),
    },
)
_VERIFIED = st.fixed_dictionaries(
    {"verifiedAt": _HOURS.map(lambda hours: ago(hours=hours))},
    optional={"longestSoak": st.sampled_from(["30m", "2h", "9h"])},
)
_STATUS = st.fixed_dictionaries(
    {
        "verifiedIn": st.dictionaries(st.sampled_from(_STAGES), _VERIFIED),
        "currentlyIn": st.dictionaries(
            st.sampled_from(_STAGES),
            st.fixed_dictionaries({"since": _HOURS.map(lambda h: ago(hours=h))}),
        ),
        "approvedFor": st.dictionaries(st.sampled_from(["prod", "other"]), st.just({}), max_size=1),
    }
)


def _found(
    sources: dict[str, Any], status: dict[str, Any], *, hours: float = 0, listing: bool = True
) -> tuple[Gate, ...]:
    now = NOW + timedelta(hours=hours)
    return availability.gates(
        stage(request(**sources)), freight(**status), now=now, listing=listing
    )


@settings(max_examples=examples(60))
@given(_SOURCES, _STATUS)
def test_the_gates_of_a_named_freight_are_those_of_the_list_without_the_upstream(
    sources: dict[str, Any], status: dict[str, Any]
) -> None:
    """One rule: what a list offers can be promoted."""
    listed = _found(sources, status)
    named = _found(sources, status, listing=False)
    assert named == tuple(gate for gate in listed if gate.name != "upstream")


@settings(max_examples=examples(60))
@given(_SOURCES, _STATUS, st.integers(1, 9))
def test_time_shuts_nothing(sources: dict[str, Any], status: dict[str, Any], hours: int) -> None:
    """What is available stays so while nothing else changes."""
    if availability.is_available(_found(sources, status)):
        assert availability.is_available(_found(sources, status, hours=hours))


@settings(max_examples=examples(60))
@given(_SOURCES, _STATUS)
def test_what_opens_by_time_opens_then_and_not_before(
    sources: dict[str, Any], status: dict[str, Any]
) -> None:
    """And where no time is told, time alone does not help."""
    opening = next_opening(_found(sources, status))
    if opening is not None:
        wait = (opening - NOW) / timedelta(hours=1)
        assert availability.is_available(_found(sources, status, hours=wait))
        assert not availability.is_available(_found(sources, status, hours=wait - 0.01))
    elif not availability.is_available(_found(sources, status)):
        assert not availability.is_available(_found(sources, status, hours=10_000))


@settings(max_examples=examples(60))
@given(_SOURCES, _STATUS, st.sampled_from(_STAGES))
def test_more_never_shuts_a_gate(
    sources: dict[str, Any], status: dict[str, Any], upstream: str
) -> None:
    """Verified in one Stage more, or approved."""
    if availability.is_available(_found(sources, status, listing=False)):
        more = {**status, "verifiedIn": {upstream: {"longestSoak": "9h"}, **status["verifiedIn"]}}
        assert availability.is_available(_found(sources, more, listing=False))
    approved = {**status, "approvedFor": {"prod": {}}}
    assert availability.is_available(_found(sources, approved, listing=False))
