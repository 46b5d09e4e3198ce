"""Bytes to text: UTF-8 within a size, or an error with its place."""

from __future__ import annotations

import codecs

from towpath.errors import BadRequest, TooLarge


def decoded(text: bytes | str, source: str, largest: int) -> str:
    """Return the text without a byte order mark.

    Raises TooLarge for more than `largest` bytes of UTF-8, BadRequest for what is not UTF-8.
    """
    if isinstance(text, str):
        text = _encoded(text, source)
    if len(text) > largest:
        raise TooLarge(f"{source}: {len(text):,} bytes are more than the {largest:,} that are read")
    text = text.removeprefix(codecs.BOM_UTF8)
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line, column = place_of(text[: error.start].decode(), error.start)
        raise BadRequest(
            f"{source}: line {line}, column {column}: byte {text[error.start]:#04x} is not UTF-8; "
            "save the file as UTF-8"
        ) from error


def _encoded(text: str, source: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        line, column = place_of(text, error.start)
        raise BadRequest(
            f"{source}: line {line}, column {column}: a lone surrogate is not text"
        ) from error


def place_of(text: str, position: int) -> tuple[int, int]:
    """Return line and column, both from 1, of a position in a text."""
    before = text[:position]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
