"""ULIDs: their order is that of their moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.rules.ulid import moment_of, ulid

MOMENTS = st.integers(0, (1 << 48) - 1)
RANDOM = st.binary(min_size=10, max_size=10)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _at(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds % (1 << 45))


@given(MOMENTS, RANDOM, MOMENTS, RANDOM)
def test_order(one: int, first: bytes, other: int, second: bytes) -> None:
    """By moment, then by randomness."""
    made = [ulid(_at(one), first), ulid(_at(other), second)]
    keys = [(_at(one), first), (_at(other), second)]
    assert (made[0] < made[1]) is (keys[0] < keys[1])
    assert all(len(each) == 26 and each.islower() | each.isdigit() for each in made)
    assert moment_of(made[0]) == round(_at(one).timestamp() * 1000)


def test_what_is_none() -> None:
    """Wrong lengths, letters that are not used, moments out of range."""
    assert moment_of("short") is None
    assert moment_of("i" * 26) is None
    with pytest.raises(ValueError, match="10 random bytes"):
        ulid(EPOCH, b"x")
    with pytest.raises(ValueError, match="cannot hold"):
        ulid(EPOCH - timedelta(days=1), bytes(10))
