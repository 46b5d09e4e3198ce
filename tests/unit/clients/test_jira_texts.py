"""Plain text as Jira keeps it: nothing of it acts, and nothing of it is lost that people see."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import messages
from towpath.clients.trackers.jira import texts

_NODES = {"doc", "paragraph", "text", "hardBreak"}


def _nodes(value: object) -> list[dict[str, object]]:
    if not isinstance(value, dict):
        return []
    content = value.get("content", [])
    assert isinstance(content, list)
    return [value, *(node for each in content for node in _nodes(each))]


def test_paragraphs_lines_and_links() -> None:
    """As people read them."""
    made = texts.document("One\ntwo.\n\nSee https://example.com/a?b=1#c.\n \nEnd")
    assert made["content"][0]["content"] == [
        {"type": "text", "text": "One"},
        {"type": "hardBreak"},
        {"type": "text", "text": "two."},
    ]
    address = "https://example.com/a?b=1#c"
    link = {"type": "link", "attrs": {"href": address}}
    assert made["content"][1]["content"] == [
        {"type": "text", "text": "See "},
        {"type": "text", "text": address, "marks": [link]},
        {"type": "text", "text": "."},
    ]
    assert len(made["content"]) == 3


@given(st.text(max_size=300))
def test_documents_say_what_the_text_says(text: str) -> None:
    """No text node is empty, no node is of another kind, and read back it is the text but for blank lines."""
    made = texts.document(text)
    nodes = _nodes(made)
    assert {str(each["type"]) for each in nodes} <= _NODES
    assert all(each["text"] for each in nodes if each["type"] == "text")
    json.dumps(made)
    assert texts.as_text(made).split() == texts.plain(text).split()


@given(st.text(alphabet="a {}[]!|\\~^*\n", max_size=80))
def test_wiki_text_acts_nowhere(text: str) -> None:
    """Each character that begins a macro, link, mention or image is escaped; without escapes it is the text."""
    made = texts.wiki(text)
    bare, at = "", 0
    while at < len(made):
        if made[at] == "\\":
            at += 1
            assert made[at] in "\\{}[]!|"
        else:
            assert made[at] not in "{}[]!|"
        bare += made[at]
        at += 1
    assert bare == texts.plain(text)


@given(st.text(max_size=2000))
def test_summaries_are_one_short_line(text: str) -> None:
    """Whatever was given."""
    made = texts.summary(text)
    assert "\n" not in made
    assert len(made) <= texts.LONGEST_SUMMARY
    assert made == messages.plain(made)


def test_long_texts_are_cut() -> None:
    """Where Jira would refuse them."""
    assert len(texts.plain("x" * 100_000)) == texts.LONGEST_TEXT
    assert texts.plain("x" * 100_000).endswith(messages.CUT)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "http://"])
def test_other_addresses_are_text(address: str) -> None:
    """They lead nowhere."""
    assert all("marks" not in each for each in _nodes(texts.document(f"a {address} b")))
