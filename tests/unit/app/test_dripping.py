"""Drips: whose bytes are left alone, for how long, and who is held no longer."""

from __future__ import annotations

from towpath.app.dripping import DRIP_BYTES, LOOKS, Drip

_BODY = ("body", 1)


def _is_held(drip: Drip) -> bool:
    return drip.is_held


def _looks(drip: Drip, brought: int, count: int) -> list[bool]:
    """Look so many times at who brings so many bytes between; return when reading goes on."""
    found = []
    for _ in range(count):
        drip.take(brought)
        found.append(drip.look(_BODY))
    return found


def test_who_drips_is_read_every_fifth_look() -> None:
    """The first look only sees that something is unfinished: what began just before had no time."""
    drip = Drip()
    drip.take(1)
    assert drip.look(_BODY)
    assert not _is_held(drip)
    drip.take(1)
    assert drip.look(_BODY)
    assert _is_held(drip)
    assert [drip.look(_BODY) for _ in range(2 * LOOKS)] == 2 * ([False] * (LOOKS - 1) + [True])


def test_who_brings_enough_or_nothing_is_not_held() -> None:
    """A body that goes on coming is read at once; one that does not come costs nothing."""
    for brought in (0, DRIP_BYTES):
        drip = Drip()
        assert all(_looks(drip, brought, 20))
        assert not _is_held(drip)


def test_small_requests_one_after_the_other_are_not_held() -> None:
    """Each of them is another one."""
    drip = Drip()
    for number in range(20):
        drip.take(10)
        assert drip.look(("body", number))
    assert not _is_held(drip)


def test_who_was_held_is_let_go_with_the_request_or_when_much_comes() -> None:
    """Neither waits for a look."""
    drip = Drip()
    _looks(drip, 1, 2)
    assert _is_held(drip)
    drip.take(DRIP_BYTES * LOOKS)
    assert not _is_held(drip)
    _looks(drip, 1, 2)
    assert _is_held(drip)
    assert drip.look(None)
    assert not _is_held(drip)


def test_those_that_are_held_at_once_are_read_in_turns() -> None:
    """In each second some of them, not all in one."""
    drips = [Drip(turn=number) for number in range(2 * LOOKS)]
    for drip in drips:
        _looks(drip, 1, 2)
    for _ in range(LOOKS):
        assert [drip.look(_BODY) for drip in drips].count(True) == 2
