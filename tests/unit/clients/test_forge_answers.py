"""What is told of a forge's answer that says no, whatever it is made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from towpath import errors
from towpath.clients.forges.asking import ForgeAccess, ForgeRequests, words
from towpath.clients.http import Response
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from towpath.clients.http import Egress

_ADDRESS = "https://forge.example/api"


class _Answers:
    """Stands for the egress."""

    def __init__(self, status: int, body: bytes) -> None:
        self._response = Response(status=status, headers={}, body=body, url=_ADDRESS)
        self.most_bytes = 0

    async def request(self, *_: str, most_bytes: int, **__: Any) -> Response:
        self.most_bytes = most_bytes
        return self._response


def _requests(answers: _Answers) -> ForgeRequests:
    access = ForgeAccess(api=_ADDRESS, headers={}, secret="hidden-token", source="")
    return ForgeRequests("app", access, cast("Egress", answers), SystemClock())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"message": "No", "errors": [{"code": "custom", "message": "It is there"}]}, ["No", "It is there"]),
        ({"message": ["First", "Second"]}, ["First", "Second"]),
        ({"message": {"title": ["is too long"], "base": ["is empty"]}}, ["is too long", "is empty"]),
        ({"error": "insufficient_scope"}, ["insufficient_scope"]),
        ({"errors": [{"code": "missing"}, {"code": "invalid"}]}, ["missing", "invalid"]),
        ({"errors": list("abcdefgh")}, list("abcde")),
        (["No"], []),
        (None, []),
    ],
)  # fmt: skip
def test_words_in_all_their_forms(answer: Any, told: list[str]) -> None:
    """Five at most, in their order."""
    assert words(answer) == told


def test_few_values_are_looked_at() -> None:
    """However many there are, and however deep they lie."""
    assert words({"message": [1] * 150 + ["near"]}) == ["near"]
    assert words({"message": [1] * 100_000 + ["far"]}) == []
    assert words({"message": {str(each): {} for each in range(100_000)} | {"x": "far"}}) == []
    deep: Any = "far"
    for _ in range(100_000):
        deep = [deep]
    assert words({"message": deep}) == []
    while isinstance(deep, list):  # its end would recurse
        deep = deep.pop()


async def test_a_long_no_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status alone is told; a short one is decoded once."""
    decoded = []

    def decode(body: bytes) -> Any:
        decoded.append(len(body))
        return json.loads(body)

    monkeypatch.setattr(msgspec.json, "decode", decode)
    long = json.dumps({"message": "x" * 100_000}).encode()
    answer = await _requests(_Answers(409, long)).ask("GET", "/x", "a thing")
    assert (answer.status, answer.document, answer.said) == (409, None, "")
    with pytest.raises(errors.NotFound, match="answered 404: it is not there"):
        await _requests(_Answers(404, long)).ask("GET", "/x", "a thing")
    assert decoded == []
    short = _Answers(409, b'{"message": "hidden-token has moved"}')
    assert "has moved" in (await _requests(short).ask("GET", "/x", "a thing")).said
    assert len(decoded) == 1
    assert short.most_bytes == 1 << 20
