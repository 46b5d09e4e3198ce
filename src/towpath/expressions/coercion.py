"""What the text of a template becomes: a number, a boolean, JSON, or the text itself."""

from __future__ import annotations

from typing import Any

from towpath.documents.json import values
from towpath.expressions.gotext import json_text, parse_float
from towpath.expressions.values import Failure
from towpath.resources import booleans


def coerced(text: str) -> Any:
    """Return the value of an expanded template, to the letter of the reference.

    One line feed at the end is set aside and comes back only if the value is a text. Raises RecursionError for what is
    nested deeper than it can be read.
    """
    body, newline = (text[:-1], "\n") if text.endswith("\n") else (text, "")
    if len(body) > 1 and body.startswith('"') and body.endswith('"'):
        return body[1:-1] + newline
    number = parse_float(body)
    if number is not None:
        return number
    truth = booleans.parse(body)
    if truth is not None:
        return truth
    try:
        return values.value(body)
    except ValueError:
        return body + newline


def becomes(text: str) -> str:
    """Return what a text becomes where that is not written as the text was: `the number 1.1` of `1.10`; else nothing.

    `3`, `true` and `latest` say nothing: what they become is written the same again.
    """
    try:
        value = coerced(text)
        written = json_text(value)
    except (RecursionError, Failure):  # nothing comes of it, and that is told elsewhere
        return ""
    if isinstance(value, str) or written == text:
        return ""
    kind = {bool: "the boolean", float: "the number"}.get(type(value), "the JSON value")
    return f"{kind} {written}"
