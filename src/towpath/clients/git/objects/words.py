"""Texts of Git for people: what stands in a repository is bytes, of any encoding. Pure."""

from __future__ import annotations


def readable(text: str) -> str:
    """Return a text that was read with its foreign bytes kept as surrogates; those are replaced, as nobody else takes them."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def is_utf8(text: str) -> bool:
    """Return whether it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
