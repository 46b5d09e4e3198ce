"""The gates between a Freight and a Stage: requested, verified, soaked, upstream."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.deciding import NOW, ago, freight, request, stage
from towpath.rules.gates import availability
from towpath.rules.gates.gate import Gate, next_opening


def _names(found: tuple[Gate, ...]) -> dict[str, bool]:
    return {gate.name: gate.open for gate in found}


def _gates(sources: dict[str, Any], status: dict[str, Any], **how: Any) -> dict[str, bool]:
    asked = stage(request(**sources))
    return _names(availability.gates(asked, freight(**status), now=NOW, **how))


VERIFIED: dict[str, Any] = {"verifiedIn": {"test": {"verifiedAt": ago(hours=2)}}}
BOTH: dict[str, Any] = {"verifiedIn": {"test": {}, "uat": {}}}
APPROVED: dict[str, Any] = {"approvedFor": {"prod": {"approvedAt": ago(hours=1)}}}


@pytest.mark.parametrize(
    ("sources", "status", "is_open"),
    [
        ({"direct": True}, {}, True),
        ({"stages": ["test"]}, {}, False),
        ({"stages": ["test"]}, VERIFIED, True),
        ({"stages": ["test"]}, {"verifiedIn": {"other": {}}}, False),
        ({"stages": ["test"]}, APPROVED, True),
        ({"stages": ["test"]}, {"approvedFor": {"uat": {}}}, False),
        ({"stages": ["uat", "test"]}, VERIFIED, True),
        ({"stages": ["test", "uat"], "availabilityStrategy": "OneOf"}, VERIFIED, True),
        ({"stages": ["test", "uat"], "availabilityStrategy": "All"}, VERIFIED, False),
        ({"stages": ["test", "uat"], "availabilityStrategy": "All"}, BOTH, True),
        ({"stages": ["test", "uat"], "availabilityStrategy": "All"}, APPROVED, True),
        ({"stages": [], "availabilityStrategy": "All"}, {}, True),
        ({"stages": []}, {}, False),
        ({}, {}, False),
    ],
)
def test_verified(sources: dict[str, Any], status: dict[str, Any], is_open: bool) -> None:
    """In one of the Stages it is taken from, or in all, or approved, or straight from the Warehouse."""
    assert _gates(sources, status) == {"requested": True, "verified": is_open}


def test_what_is_not_requested_has_one_gate() -> None:
    """Freight of another origin, and that of another Project even if all else fits."""
    asked = stage(request(direct=True))
    for other in (freight(of="other"), freight(namespace="elsewhere")):
        [gate] = availability.gates(asked, other, now=NOW)
        assert (gate.name, gate.open) == ("requested", False)
    [gate] = availability.gates(stage(request("a"), request("b")), freight(), now=NOW)
    assert "Warehouse/a, Warehouse/b" in gate.reason


SOAK: dict[str, Any] = {"stages": ["test"], "requiredSoakTime": "2h"}


def _soaked(hours_verified: float, **more: Any) -> dict[str, Any]:
    return {"verifiedIn": {"test": {"verifiedAt": ago(hours=hours_verified), **more}}}


@pytest.mark.parametrize(
    ("status", "is_open", "opens_in"),
    [
        ({}, False, None),
        # It is there: the stay counts from when it came, not from when it was verified.
        ({**_soaked(0), "currentlyIn": {"test": {"since": ago(hours=2)}}}, True, None),
        ({**_soaked(3), "currentlyIn": {"test": {"since": ago(hours=1)}}}, False, 1),
        # It was there: the longest stay counts.
        (_soaked(9, longestSoak="2h0m0s"), True, None),
        (_soaked(9, longestSoak="1h59m59s"), False, None),
        ({**_soaked(9, longestSoak="2h"), "currentlyIn": {"test": {"since": ago()}}}, True, None),
        (
            {
                **_soaked(9, longestSoak="1h"),
                "currentlyIn": {"test": {"since": ago(minutes=30)}},
            },
            False,
            1.5,
        ),
        # A control-flow Stage holds nothing: it counts from the verification.
        (_soaked(2), True, None),
        (_soaked(0.5), False, 1.5),
        # It is there, and nobody has verified it: it never opens by time alone.
        ({"currentlyIn": {"test": {"since": ago(hours=9)}}}, False, None),
        # A clock that was set back gives no credit and takes none away.
        ({**_soaked(0), "currentlyIn": {"test": {"since": ago(hours=-1)}}}, False, 3),
        (APPROVED, True, None),
    ],
)
def test_soaked(status: dict[str, Any], is_open: bool, opens_in: float | None) -> None:
    """Long enough in the upstream Stage, and when it will have been."""
    found = availability.gates(stage(request(**SOAK)), freight(**status), now=NOW)
    soaked = next(gate for gate in found if gate.name == "soaked")
    wanted = None if opens_in is None else NOW + timedelta(hours=opens_in)
    assert (soaked.open, soaked.opens_at) == (is_open, wanted)
    if opens_in is not None:
        assert next_opening(found) == wanted


def test_one_of_several_or_all_of_them_must_have_soaked() -> None:
    """One may be verified and another soaked; `All` opens when the last one does."""
    status: dict[str, Any] = {
        "verifiedIn": {"test": {}, "uat": {}},
        "currentlyIn": {"test": {"since": ago(hours=1)}, "uat": {"since": ago(minutes=30)}},
    }
    sources: dict[str, Any] = {"stages": ["test", "uat"], "requiredSoakTime": "2h"}

    def opening(**more: Any) -> Any:
        found = availability.gates(stage(request(**sources, **more)), freight(**status), now=NOW)
        return next_opening(found)

    assert opening() == NOW + timedelta(hours=1)
    assert opening(availabilityStrategy="All") == NOW + timedelta(hours=1.5)
    status["currentlyIn"]["test"] = {"since": ago(hours=5)}
    assert opening() is None
    assert opening(availabilityStrategy="All") == NOW + timedelta(hours=1.5)
    del status["verifiedIn"]["uat"]
    assert opening(availabilityStrategy="All") is None


def test_a_soak_time_that_nobody_can_read_keeps_the_gate_shut() -> None:
    """It may come from a store that was written otherwise."""
    sources = {"stages": ["test"], "requiredSoakTime": "soon"}
    assert _gates(sources, VERIFIED)["soaked"] is False
    assert "soaked" not in _gates({"direct": True, "requiredSoakTime": "2h"}, {})
    assert _gates({"direct": True, "stages": ["test"], "requiredSoakTime": "2h"}, {})["soaked"]


MATCH: dict[str, Any] = {
    "stages": ["test"],
    "autoPromotionOptions": {"selectionPolicy": "MatchUpstream"},
}


@pytest.mark.parametrize(
    ("status", "is_open"),
    [({"currentlyIn": {"test": {}}}, True), ({}, False), ({"currentlyIn": {"uat": {}}}, False)],
)
def test_lists_match_the_upstream_and_named_freight_need_not(
    status: dict[str, Any], is_open: bool
) -> None:
    """Only auto-promotion, lists and requests by origin are held to it."""
    status = {**VERIFIED, **status}
    assert _gates(MATCH, status, listing=True)["upstream"] is is_open
    assert "upstream" not in _gates(MATCH, status)
    assert "upstream" not in _gates({**MATCH, "direct": True}, status, listing=True)


def test_openings_and_what_is_available() -> None:
    """All must open by time for the whole to do so; then the last one decides."""
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(hours=2)

    def gate(opens_at: Any = None, *, is_open: bool = False) -> Gate:
        return Gate(name="x", open=is_open, reason="", opens_at=opens_at)

    assert next_opening([gate(soon), gate(later)]) == later
    assert next_opening([gate(soon), gate()]) is None
    assert next_opening([gate(soon), gate(is_open=True)]) == soon
    assert next_opening([gate(is_open=True)]) is None
    good, bad = freight("a", **VERIFIED), freight("b")
    asked = stage(request(stages=["test"]))
    found = [availability.gates(asked, each, now=NOW, listing=True) for each in (bad, good)]
    assert [availability.is_available(each) for each in found] == [False, True]
