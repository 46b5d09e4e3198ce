"""Sealing: what goes in comes out, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.store.sqlite.keyring import SealingKey
from towpath.store.sqlite.sealing import Sealer

SEALER = Sealer(SealingKey(b"1" * 32))


@given(st.binary(max_size=2_000), st.binary(max_size=200))
def test_what_is_sealed_can_be_opened(plain: bytes, context: bytes) -> None:
    """Under the same key and context; and does not show."""
    sealed = SEALER.seal(plain, context)
    assert SEALER.unseal(sealed, context) == plain
    assert len(plain) < 4 or plain not in sealed
    assert SEALER.seal(plain, context) != sealed


@given(st.binary(min_size=1, max_size=100), st.data())
def test_any_changed_byte_is_noticed(plain: bytes, data: st.DataObject) -> None:
    """Also in version, key id and nonce."""
    sealed = bytearray(SEALER.seal(plain, b"c"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(errors.Unavailable):
        SEALER.unseal(bytes(sealed), b"c")


@given(st.binary(max_size=40))
def test_what_was_never_sealed_is_refused(garbage: bytes) -> None:
    """Whatever bytes they are."""
    with pytest.raises(errors.Unavailable):
        SEALER.unseal(garbage, b"c")


def test_another_context_or_key_does_not_open_it() -> None:
    """The error names the object or the key, and never the content."""
    sealed = SEALER.seal(b"hunter2", b"secrets\0shop\0a\0uid")
    with pytest.raises(errors.Unavailable, match="moved there from another object") as raised:
        SEALER.unseal(sealed, b"secrets\0shop\0b\0uid")
    assert "secrets shop b" in raised.value.message
    other = Sealer(SealingKey(b"2" * 32))
    with pytest.raises(errors.Unavailable, match=f"needs key {SEALER.key_id}") as raised:
        other.unseal(sealed, b"secrets\0shop\0a\0uid")
    assert "hunter2" not in raised.value.message
