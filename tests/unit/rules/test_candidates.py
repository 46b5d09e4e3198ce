"""Which Freight is taken: the newest that is available, and when time will make a newer one so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.deciding import NOW, ago, freight, request, stage
from tests.support.examples import examples
from towpath.resources import moments
from towpath.rules import candidates, freight_age

VERIFIED: dict[str, Any] = {"verifiedIn": {"test": {"verifiedAt": ago(hours=1)}}}
SOAKING: dict[str, Any] = {"stages": ["test"], "requiredSoakTime": "3h"}
MATCH: dict[str, Any] = {
    "stages": ["test"],
    "autoPromotionOptions": {"selectionPolicy": "MatchUpstream"},
}


def _taken(sources: dict[str, Any], *freights: Any) -> str | None:
    asked = stage(request(**sources))
    found = candidates.candidate(asked, asked.spec.requested_freight[0], freights, now=NOW)
    return found.metadata.name if found else None


def test_the_newest_that_is_available() -> None:
    """In whatever order they are seen; of two of one moment the greater name."""
    old, new, newest = (
        freight("c", age=3, **VERIFIED),
        freight("b", age=2, **VERIFIED),
        freight("a"),
    )
    for order in ([old, new, newest], [newest, new, old]):
        assert _taken({"stages": ["test"]}, *order) == "b"
        assert _taken({"direct": True}, *order) == "a"
    assert _taken({"direct": True}, freight("x", age=1), freight("y", age=1)) == "y"
    assert _taken({"direct": True}, freight("x", of="other")) is None
    assert _taken({"stages": ["test"]}, newest) is None


def test_age_is_when_it_was_discovered_else_created() -> None:
    """And the beginning of time if nobody knows."""
    found = freight(age=1)
    assert freight_age.born(found) == NOW - timedelta(hours=1)
    found.discovered_at = None
    assert freight_age.age(found) == (moments.FIRST, "f1")
    found.metadata.creation_timestamp = ago(hours=2)
    assert freight_age.born(found) == NOW - timedelta(hours=2)


def test_matching_the_upstream_takes_the_only_one_there() -> None:
    """Two are none: nobody can tell which one is meant."""
    there = {**VERIFIED, "currentlyIn": {"test": {}}}
    assert _taken(MATCH, freight("a", **there), freight("b", **VERIFIED)) == "a"
    assert _taken(MATCH, freight("a", **there), freight("b", **there)) is None
    assert _taken({**MATCH, "direct": True}, freight("a", age=1), freight("b")) == "b"


def test_time_will_open_what_is_newer_than_what_was_found() -> None:
    """What is older than the candidate does not count."""
    asked = stage(request(**SOAKING))
    search = candidates.Search(asked, asked.spec.requested_freight[0], now=NOW)
    soaking = {**VERIFIED, "currentlyIn": {"test": {"since": ago(hours=1)}}}
    openings = []
    for seen in (
        freight("old", age=9, **soaking),
        freight("ready", age=5, **VERIFIED, currentlyIn={"test": {"since": ago(hours=4)}}),
        freight("new", age=1, **soaking),
    ):
        search.see(seen)
        openings.append(search.opens_at)
    assert openings == [NOW + timedelta(hours=2), None, NOW + timedelta(hours=2)]
    assert search.found is not None


def test_a_search_ends_behind_the_second_of_what_was_found() -> None:
    """Within a second texts do not order as times do."""
    asked = stage()
    search = candidates.Search(asked, asked.spec.requested_freight[0], now=NOW)
    assert not search.is_over("")
    found = freight("a")
    found.discovered_at = "2026-06-01T12:00:00.5Z"
    search.see(found)
    assert not search.is_over("2026-06-01T12:00:00Z")
    assert search.is_over("2026-06-01T11:59:59.9Z")
    found.discovered_at = "2026-06-01T12:00:00Z"
    assert not search.is_over("2026-06-01T12:00:00.5Z")
    sole = stage(request(**MATCH))
    search = candidates.Search(sole, sole.spec.requested_freight[0], now=NOW)
    there = {**VERIFIED, "currentlyIn": {"test": {}}}
    search.see(freight("a", **there))
    assert not search.is_over("2000")
    search.see(freight("b", **there))
    assert search.is_over("2000")


@settings(max_examples=examples(50))
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8), st.randoms())
def test_the_order_of_seeing_does_not_matter(found: list[tuple[int, bool]], random: Any) -> None:
    """It is the same Freight, and the newest of those that are verified."""
    made = [
        freight(f"f{number}", age=age, **(VERIFIED if is_verified else {}))
        for number, (age, is_verified) in enumerate(found)
    ]
    there = [each for each, (_, is_verified) in zip(made, found, strict=True) if is_verified]
    newest = max(there, key=freight_age.age).metadata.name if there else None
    random.shuffle(made)
    assert _taken({"stages": ["test"]}, *made) == newest
