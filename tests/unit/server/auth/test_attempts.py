"""How often one may try to sign in."""

from __future__ import annotations

import pytest

from towpath.clock import VirtualClock
from towpath.errors import TooManyRequests
from towpath.server.auth.attempts import AttemptLimits, LoginAttempts

LIMITS = AttemptLimits(seconds=900.0, per_address=3, per_account=10)


def wrong(attempts: LoginAttempts, address: str, times: int = 1) -> None:
    """Try with a wrong password."""
    for _ in range(times):
        with attempts.begin("admin", address):
            pass


def right(attempts: LoginAttempts, address: str) -> None:
    """Try with the right one."""
    with attempts.begin("admin", address) as attempt:
        attempt.succeeded()


async def test_a_flood_from_one_address_is_refused_and_locks_nobody_else_out() -> None:
    """Until a quarter of an hour has passed since it began; the answer says when that is."""
    clock = VirtualClock()
    attempts = LoginAttempts(clock, LIMITS)
    wrong(attempts, "192.0.2.1", 3)
    await clock.advance(100)
    for _ in range(1_000):
        with pytest.raises(TooManyRequests) as refused:
            wrong(attempts, "192.0.2.1")
        assert refused.value.seconds == 800
    right(attempts, "192.0.2.2")
    await clock.advance(800)
    right(attempts, "192.0.2.1")


def test_whoever_signs_in_begins_anew() -> None:
    """Two mistypings in the morning are no burden in the afternoon."""
    attempts = LoginAttempts(VirtualClock(), LIMITS)
    for _ in range(10):
        wrong(attempts, "192.0.2.1", 2)
        right(attempts, "192.0.2.1")


def test_a_flood_from_everywhere_leaves_a_single_try_to_strangers_and_all_to_the_known() -> None:
    """An address from which somebody signed in before goes on as before."""
    attempts = LoginAttempts(VirtualClock(), LIMITS)
    right(attempts, "198.51.100.1")
    for number in range(20):
        wrong(attempts, f"192.0.2.{number}")
    wrong(attempts, "203.0.113.1")
    with pytest.raises(TooManyRequests):
        wrong(attempts, "203.0.113.1")
    right(attempts, "203.0.113.2")
    wrong(attempts, "198.51.100.1", 2)
    right(attempts, "198.51.100.1")


def test_a_network_of_ipv6_is_one_address() -> None:
    """A caller has as many addresses there as they like."""
    attempts = LoginAttempts(VirtualClock(), LIMITS)
    for number in range(3):
        wrong(attempts, f"2001:db8::{number}")
    with pytest.raises(TooManyRequests):
        wrong(attempts, "2001:db8::ffff")
    right(attempts, "2001:db8:0:1::1")


def test_a_flood_from_a_network_of_ipv6_has_few_tries_altogether() -> None:
    """Whoever has one has 65,536 addresses in it. Who signed in from it before goes on, and other networks are others."""
    attempts = LoginAttempts(
        VirtualClock(), AttemptLimits(per_address=3, per_network=20, per_account=1_000)
    )
    right(attempts, "2001:db8:1:ffff::1")
    for number in range(20):
        wrong(attempts, f"2001:db8:1:{number:x}::1")
    with pytest.raises(TooManyRequests):
        wrong(attempts, "2001:db8:1:abc::1")
    wrong(attempts, "2001:db8:2::1")
    wrong(attempts, "2001:db8:1:ffff::2")
    right(attempts, "2001:db8:1:ffff::2")


def test_who_signs_in_rightly_leaves_the_tries_of_a_network_to_others() -> None:
    """A company of a thousand people has one."""
    attempts = LoginAttempts(VirtualClock(), AttemptLimits(per_network=5))
    for number in range(100):
        right(attempts, f"2001:db8:1:{number:x}::1")
        with attempts.begin("admin", f"2001:db8:1:{number:x}::1") as attempt:
            attempt.undecided()


def test_tries_at_once_are_counted_before_they_are_looked_at() -> None:
    """And there are only so many of one address under way."""
    attempts = LoginAttempts(VirtualClock(), LIMITS)
    with attempts.begin("admin", "192.0.2.1"), attempts.begin("admin", "192.0.2.1"):
        with pytest.raises(TooManyRequests):
            attempts.begin("admin", "192.0.2.1")
        with attempts.begin("admin", "192.0.2.2"):
            pass


def test_what_is_remembered_is_bounded() -> None:
    """Also of a flood from more addresses than are counted."""
    attempts = LoginAttempts(VirtualClock(), LIMITS)
    for number in range(12_000):
        wrong(attempts, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
    assert len(attempts._addresses) <= 10_000


def test_what_became_of_tries_is_counted() -> None:
    """For the metrics: who signed in, who could not, and who was not let try."""
    attempts = LoginAttempts(VirtualClock(), AttemptLimits(per_address=2))
    right(attempts, "192.0.2.1")
    wrong(attempts, "192.0.2.1", 2)
    with pytest.raises(TooManyRequests):
        attempts.begin("admin", "192.0.2.1")
    assert attempts.ended == {"succeeded": 1, "failed": 2, "refused": 1}
