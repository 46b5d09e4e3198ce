"""Long texts as label values."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tests.support.shared import cases
from towpath.resources.shortening import label_value, shortened

_NAMES = st.text("abc-.", max_size=300)


@given(_NAMES)
def test_a_label_value_fits_and_short_ones_stay(text: str) -> None:
    """At most 63 bytes; nothing that fits is changed."""
    value = label_value(text)
    assert len(value.encode()) <= 63
    assert (value == text) == (len(text) <= 63)


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(10, 70))
def test_a_cut_text_ends_in_the_hash_of_the_whole(text: str, most: int) -> None:
    """What is kept is a beginning of the text without trailing dashes, and no character is cut in two."""
    short = shortened(text, most)
    assert len(short.encode()) <= most
    if short != text:
        kept, _, mark = short.rpartition("-")
        assert hashlib.sha256(text.encode()).hexdigest().startswith(mark)
        assert len(mark) == 8
        assert text.startswith(kept)
        assert not kept.endswith("-")


def test_texts_that_begin_alike_stay_apart() -> None:
    """Two long Stage names that differ in the last letter give two label values."""
    assert label_value("s" * 80 + "a") != label_value("s" * 80 + "b")


def test_54_characters_are_kept_of_a_label_value_and_dashes_at_the_cut_dropped() -> None:
    """The rule by an example worked out by hand."""
    text = "x" * 50 + "----" + "y" * 20
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    assert label_value(text) == "x" * 50 + "-" + digest
    assert label_value("z" * 64)[:55] == "z" * 54 + "-"


def test_the_reference_cases_hold() -> None:
    """Every case of the reference's shortening gives the wanted text."""
    found = [case for case in cases("promotion-name") if case["op"] == "hash_shorten"]
    assert found
    for case in found:
        asked = case["in"]
        assert asked["sep"] == "-", case["id"]
        made = shortened(asked["s"], asked["maxLen"], hash_chars=asked["hashLen"])
        assert made == case["want"], case["id"]
