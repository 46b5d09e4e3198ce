"""Answers whose list changes here and there: the bytes are those of the whole, and what is the same is made once."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from typing import Any

import pytest

from towpath.screens.answers import PackedAnswer, PackedList

STAMP = {"rev": 7, "at": "2026-01-01T00:00:00Z"}


def _items(count: int) -> list[dict[str, Any]]:
    return [{"name": f"project-{number}", "counts": {"stages": number}} for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 200])
def test_a_list_of_any_length_is_answered_whole(count: int) -> None:
    """As it is and packed, with fields before and behind it, or none."""
    made, items = PackedList("projects"), _items(count)
    for before, after in (({"envs": ["dev"]}, {"moves": [1]}), ({}, {}), ({"envs": []}, {})):
        found = made.of(before, items, after)
        whole = found.body(STAMP)
        assert json.loads(whole) == {**STAMP, **before, "projects": items, **after}
        assert gzip.decompress(found.gzipped(STAMP)) == whole
        assert found.size == len(whole) - len(json.dumps(STAMP, separators=(",", ":")))


def test_one_item_that_changes_costs_its_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """All other pieces are there already, and packed; who has the same document knows it by its tag."""
    packed: list[int] = []
    plain = zlib.compressobj

    def counted(level: int, *more: Any) -> Any:
        packed.append(level)
        return plain(level, *more)

    monkeypatch.setattr(zlib, "compressobj", counted)
    made, items = PackedList("projects"), _items(200)
    after: dict[str, Any] = {"moves": []}
    first = made.of({}, items, after)
    first.gzipped(STAMP)
    packed.clear()
    items[100] = {"name": "project-100", "counts": {}}
    second = made.of({}, items, after)
    assert not second.is_deflated
    assert gzip.decompress(second.gzipped(STAMP)) == second.body(STAMP)
    # What comes first, what comes last, the stamp, and the one piece of the list.
    assert len(packed) == 4
    assert second.tag != first.tag
    assert made.of({}, _items(200), after).tag == first.tag


def test_whatever_becomes_of_the_items_the_answer_is_right() -> None:
    """They come, go and change, at any place."""
    chance, made, items = random.Random(3), PackedList("projects"), _items(40)
    for _ in range(100):
        items = list(items)
        place = chance.randrange(len(items) + 1)
        match chance.randrange(3):
            case 0:
                items.insert(place, {"name": f"new-{chance.random()}"})
            case 1:
                del items[place : place + chance.randrange(20)]
            case _:
                items[place : place + 1] = [{"name": f"other-{chance.random()}"}]
        found = made.of({}, items, {"moves": []})
        assert json.loads(found.body(STAMP))["projects"] == items
        assert gzip.decompress(found.gzipped(STAMP)) == found.body(STAMP)


def test_a_document_is_packed_once() -> None:
    """For whoever asks."""
    found = PackedAnswer.of({"stages": list(range(1_000))})
    assert not found.is_deflated
    assert gzip.decompress(found.gzipped(STAMP)) == found.body(STAMP)
    assert found.tag == PackedAnswer.of({"stages": list(range(1_000))}).tag
