"""Plain text as Jira keeps it: a document of the Atlassian Document Format in Cloud, wiki text in Data Center. Pure.

What is plain stays plain: it cannot mention people, embed images or run macros, whoever wrote it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SUMMARY: Final = 255
"""Characters, as Jira has it."""
LONGEST_TEXT: Final = 32_767
"""Characters of a description or comment, as Jira has it."""
_LINK: Final = re.compile(r"https?://[A-Za-z0-9][^\s<>\"'`{}|\\^\[\]]{0,2000}")
_AFTER_LINK: Final = ".,;:!?)"
_ACTING: Final = re.compile(r"([\\{}\[\]!|])")
"""Characters of wiki text that begin macros, links, mentions, images and tables."""


def summary(text: str) -> str:
    """Return a text as a summary: one line of at most 255 characters."""
    return _cut(" ".join(messages.plain(text).split()), LONGEST_SUMMARY)


def plain(text: str) -> str:
    """Return a text without what nobody sees, of at most 32,767 characters."""
    return _cut(messages.plain(text).strip(), LONGEST_TEXT)


def document(text: str) -> dict[str, Any]:
    """Return a text in the Atlassian Document Format; empty lines part paragraphs, addresses become links."""
    paragraphs = [each for each in re.split(r"\n[ ]*\n", plain(text)) if each.strip()]
    content = [{"type": "paragraph", "content": list(_inline(each))} for each in paragraphs]
    return {"type": "doc", "version": 1, "content": content}


def wiki(text: str) -> str:
    """Return a text as wiki text that shows it as it is."""
    return _ACTING.sub(r"\\\1", plain(text))


def as_text(value: Any) -> str:
    """Return what a description or comment of either kind says, as plain text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    match value.get("type"):
        case "text":
            return str(value.get("text") or "")
        case "hardBreak":
            return "\n"
    inner = value.get("content")
    made = [as_text(each) for each in inner] if isinstance(inner, list) else []
    return ("\n\n" if value.get("type") == "doc" else "").join(made)


def _inline(paragraph: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(paragraph.strip("\n").split("\n")):
        if number:
            yield {"type": "hardBreak"}
        at = 0
        for found in _LINK.finditer(line):
            address = found[0].rstrip(_AFTER_LINK)
            if before := line[at : found.start()]:
                yield {"type": "text", "text": before}
            link = {"type": "link", "attrs": {"href": address}}
            yield {"type": "text", "text": address, "marks": [link]}
            at = found.start() + len(address)
        if rest := line[at:]:
            yield {"type": "text", "text": rest}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + messages.CUT
