"""Who waits for which event: nobody is woken by another's, and none is lost that comes at the wrong moment."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime import keyed_waits
from towpath.runtime.keyed_waits import KeyedWaits

ONE, TWO = (Ref(scheme.PROMOTION, "shop", name) for name in ("one", "two"))


def _waits() -> tuple[KeyedWaits, list[Ref]]:
    told: list[Ref] = []
    waits = KeyedWaits()
    waits.follow(told.append)
    return waits, told


def test_who_waits_is_woken_by_its_keys_alone() -> None:
    """Each that waits for the key, and once it waits for something else, no more."""
    waits, told = _waits()
    assert not waits.wait(ONE, ["a", "b"], since=waits.now)
    assert not waits.wait(TWO, ["b"], since=waits.now)
    assert (waits.wake("c"), told) == (0, [])
    assert (waits.wake("b"), told) == (2, [ONE, TWO])
    assert waits.is_woken(ONE)
    assert not waits.wait(ONE, ["a"], since=waits.now)
    assert not waits.is_woken(ONE)
    assert waits.wake("b") == 1
    waits.end(TWO)
    assert waits.wake("b") == 0
    assert (waits.shown(ONE), waits.shown(TWO)) == (("a",), ())


def test_an_event_while_somebody_looks_is_not_lost() -> None:
    """It was looked before the event came, and waited after it."""
    waits, _ = _waits()
    since = waits.now
    waits.wake("a")
    assert not waits.wait(ONE, ["b"], since=since)
    assert waits.wait(ONE, ["a"], since=since)
    assert not waits.wait(ONE, ["a"], since=waits.now)


def test_what_is_forgotten_counts_as_having_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather one look too many than one too few."""
    monkeypatch.setattr(keyed_waits, "_MOST_RECENT", 3)
    waits, _ = _waits()
    since = waits.now
    for number in range(5):
        waits.wake(str(number))
    assert waits.wait(ONE, ["0"], since=since)
    assert waits.wait(ONE, ["none"], since=since)
    assert not waits.wait(ONE, ["none"], since=waits.now)


def test_nobody_waits_for_too_much() -> None:
    """There is a bound."""
    with pytest.raises(ValueError, match="100 at most"):
        KeyedWaits().wait(ONE, map(str, range(101)), since=0)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.sampled_from([ONE, TWO])),
        st.tuples(st.just("wait"), st.sampled_from([ONE, TWO])),
        st.tuples(st.just("wake"), st.sampled_from(["a", "b"])),
    ),
    max_size=30,
)


@given(ACTIONS)
def test_no_event_is_lost_whatever_the_order(actions: list[tuple[str, Ref | str]]) -> None:
    """Whoever waits for `a` and looked before the last `a` knows of it: it was told, or is told when it begins to wait."""
    waits, told = _waits()
    looked: dict[Ref, int] = {}
    seen: dict[Ref, bool] = {}
    """Whether an `a` came since one looked."""
    known: dict[Ref, bool] = {}
    for action, what in actions:
        if isinstance(what, str):
            told.clear()
            waits.wake(what)
            if what == "a":
                seen = dict.fromkeys(seen, True)
            for ref in told:
                known[ref] = True
        elif action == "look":
            looked[what], seen[what], known[what] = waits.now, False, False
        elif what in looked:
            known[what] = waits.wait(what, ["a"], since=looked[what]) or known[what]
            assert known[what] == seen[what]
    for ref in looked:
        if waits.shown(ref):
            assert known[ref] == seen[ref]


def test_a_key_that_nobody_may_wait_for_is_not_remembered() -> None:
    """Ten thousand of a mebibyte each, out of payloads of webhooks, would be gigabytes."""
    waits, told = _waits()
    since, key = waits.now, "k" * (keyed_waits.LONGEST_KEY + 1)
    before = sys.getrefcount(key)
    assert waits.wake(key) == 0
    assert sys.getrefcount(key) == before
    assert waits.now == since
    assert not told
