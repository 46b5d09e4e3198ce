"""What an HTTP answer means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from towpath.errors import BadRequest
from towpath.promotion.http_answer import AnswerVerdict, Criteria, Judgement, judge, parsed

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BODY = b'{"state": "done", "n": 42, "error": {"text": "no room"}}'


def _judge(
    status: int = 200, body: bytes = BODY, kind: str = "application/json", **asked: Any
) -> Judgement:
    headers = {"Content-Type": [kind], "X-Many": ["a", "b"]} if kind else {}
    return judge(status, headers, body, Criteria(**asked), NOW, is_light=False)


@pytest.mark.parametrize(
    ("status", "asked", "kind"),
    [
        (200, {}, AnswerVerdict.SUCCESS),
        (204, {}, AnswerVerdict.SUCCESS),
        (302, {}, AnswerVerdict.REFUSAL),
        (404, {}, AnswerVerdict.REFUSAL),
        (500, {"success": "response.status == 500"}, AnswerVerdict.SUCCESS),
        (200, {"success": "false"}, AnswerVerdict.NEITHER),
        (200, {"failure": "false"}, AnswerVerdict.NEITHER),
        (200, {"failure": "true", "success": "true"}, AnswerVerdict.FAILURE),
        (200, {"failure": "false", "success": "response.body.state == 'done'"}, AnswerVerdict.SUCCESS),
        (200, {"success": "response.header('x-many') == 'a'"}, AnswerVerdict.SUCCESS),
        (200, {"success": "response.headers['X-Many'] == ['a', 'b']"}, AnswerVerdict.SUCCESS),
        (200, {"success": "response.header('nope') == ''"}, AnswerVerdict.SUCCESS),
    ],
)  # fmt: skip
def test_a_failure_comes_before_a_success(status: int, asked: Any, kind: AnswerVerdict) -> None:
    """Without criteria the status decides."""
    assert _judge(status, **asked).kind is kind


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("", "HTTP (200) response met failure criteria"),
        ("response.body.error.text", 'HTTP (200) response met failure criteria: "no room"'),
        ("response.body.nope.text", "HTTP (200) response met failure criteria"),
        ("response.body.n", "HTTP (200) response met failure criteria"),
    ],
)
def test_what_the_server_said_is_told(error: str, message: str) -> None:
    """If it can be told; else nobody minds."""
    assert _judge(failure="true", error=error).message == message


def test_outputs() -> None:
    """Numbers that are whole are integers; what is not there is null."""
    wanted = [("state", "response.body.state"), ("n", "response.body.n"), ("x", "response.body.x")]
    assert _judge(outputs=wanted).output == {"state": "done", "n": 42, "x": None}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"success": "response.body.x.y"}, "config.successExpression: cannot fetch y"),
        ({"success": "response.body.n"}, "must come to true or false"),
        ({"failure": "'yes'"}, "config.failureExpression: it must come to true or false"),
        ({"outputs": [("a", "response.body.x.y")]}, "config.outputs: a: cannot fetch y"),
    ],
)
def test_an_expression_that_cannot_be_evaluated_is_an_error(asked: Any, said: str) -> None:
    """It names the field."""
    with pytest.raises(BadRequest, match=said):
        _judge(**asked)


@pytest.mark.parametrize("field", ["success", "failure", "error"])
def test_an_expression_that_cannot_be_read_is_found_before_anything_is_sent(field: str) -> None:
    """It names the field, too."""
    given: Any = {field: "1 +"}
    assert Criteria(**given).problem().startswith(f"config.{field}Expression: ")
    assert Criteria(outputs=[("a", "((")]).problem().startswith("config.outputs: a: ")
    assert not Criteria(success="true", outputs=[("a", "1")]).problem()


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (b"", "application/json", {}),
        (b" \n", "", {}),
        (b'{"a": 1}', "application/json; charset=utf-8", {"a": 1}),
        (b"\xef\xbb\xbf[1]", "application/json", [1]),
        (b"[1]", "text/html", [1]),
        (b"<html>", "text/html", {}),
        (b"\xff", "", {}),
        (b"NaN", "", {}),
        (b"[" * 100_000, "", {}),
        (b"a: [1, x]\n", "application/yaml", {"a": [1, "x"]}),
        (b"a: 1\n", "text/yaml", {"a": 1}),
        (b"a: 1\n", "application/x-yaml", {"a": 1}),
        (b"a: 1", "text/plain", "a: 1"),
    ],
)
def test_bodies(body: bytes, kind: str, value: Any) -> None:
    """By what they say they are."""
    assert parsed(body, kind) == value


@pytest.mark.parametrize("body", [b"{", b"\xff", b"NaN", b"[" * 100_000, b"1e999"])
def test_what_says_that_it_is_json_must_be(body: bytes) -> None:
    """It is an error otherwise, never an empty object."""
    with pytest.raises(BadRequest, match="says that it is JSON"):
        parsed(body, "application/json")
