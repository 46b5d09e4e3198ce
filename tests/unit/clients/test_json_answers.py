"""What is read of answers in JSON, and what is not."""

from __future__ import annotations

import pytest

from towpath.clients.http import json_answers
from towpath.clients.http.json_answers import UnreadableAnswer


def _lists(count: int) -> bytes:
    return b"[" + b",".join([b"[]"] * (count - 1)) + b"]"


def test_an_answer_is_read_up_to_a_number_of_lists_and_objects() -> None:
    """Two bytes of one become two hundred, while everybody else waits."""
    most = json_answers.MOST_CONTAINERS
    assert len(json_answers.read(_lists(most))) == most - 1
    for body in (_lists(most + 1), b"[" + b'{"a":1},' * most + b"1]", b"[" * (most + 1)):
        with pytest.raises(UnreadableAnswer, match="more than 50,000 lists and objects"):
            json_answers.read(body)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5_000, b"<html>", b"\xff", b"{} {}"])
def test_what_is_no_json_is_told_as_such(body: bytes) -> None:
    """However it is wrong."""
    with pytest.raises(UnreadableAnswer, match="what is no JSON"):
        json_answers.read(body)
