"""The demo's channel takes messages and shows them, whatever they hold."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from towpath.demo.chat import DemoChat


def _post(url: str, body: bytes) -> int:
    request = urllib.request.Request(url, data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_messages_are_kept_in_order_and_shown_as_text() -> None:
    """The newest stands first on the page, and markup in it is text."""
    chat = DemoChat()
    try:
        for text in ("first", "<b>second</b>"):
            assert _post(chat.url, json.dumps({"text": text}).encode()) == 200
        assert [each.text for each in chat.messages] == ["first", "<b>second</b>"]
        with urllib.request.urlopen(chat.url, timeout=10) as answer:
            page = answer.read().decode()
        assert page.index("&lt;b&gt;second") < page.index("first</li>")
    finally:
        chat.close()


@pytest.mark.parametrize(
    "body", [b"", b"text", b"[]", b'{"text": 3}', b'{"text": " "}', b"[" * 9999]
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    """Nothing of it is shown."""
    chat = DemoChat()
    try:
        assert _post(chat.url, body) == 400
        assert not chat.messages
    finally:
        chat.close()
