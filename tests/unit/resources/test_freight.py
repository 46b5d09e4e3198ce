"""Freight's origins and collections."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources.freight import FreightOrigin, collection_id

if TYPE_CHECKING:
    from random import Random

_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=20)


@given(_WORDS)
def test_an_origin_is_found_again_from_its_key(name: str) -> None:
    """Key and origin say the same."""
    origin = FreightOrigin(kind="Warehouse", name=name)
    assert origin.key == f"Warehouse/{name}"
    assert FreightOrigin.of_key(origin.key) == origin


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "w",
        "Warehouse",
        "Warehouse/",
        "/w",
        "Stage/w",
        "warehouse/w",
        "Warehouse/a/b",
        " Warehouse/w",
    ],
)
def test_what_is_no_key_is_refused_with_the_form_it_must_have(key: str) -> None:
    """Other kinds, further slashes and empty names are refused."""
    with pytest.raises(ValueError, match="must read Warehouse/NAME"):
        FreightOrigin.of_key(key)


@given(st.lists(st.text("abc0123", min_size=1, max_size=6), max_size=5), st.randoms())
def test_a_collection_has_one_id_whatever_the_order(names: list[str], random: Random) -> None:
    """The id depends on which Freight is in it, not on how it is listed."""
    shuffled = list(names)
    random.shuffle(shuffled)
    assert collection_id(shuffled) == collection_id(names)


def test_a_collection_id_is_the_sha1_of_sorted_names() -> None:
    """The value Kargo computes, so that histories carry over."""
    assert collection_id(["f2", "f1"]) == hashlib.sha1(b"f1,f2").hexdigest()
    assert collection_id(["abc"]) == "a9993e364706816aba3e25717850c26c9cd0d89d"
