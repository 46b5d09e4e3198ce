"""What can be wrong with a value of the configuration: each function yields the key and why, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.app import listening
from towpath.app.settings import sizes
from towpath.clients.http import urls
from towpath.errors import BadRequest
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Iterator


def count(key: str, number: int) -> Iterator[tuple[str, str]]:
    """A number of things, of which there must be one at least."""
    if number < 1:
        yield key, f"{number} is not a number from 1 on"


def size(key: str, given: int | str) -> Iterator[tuple[str, str]]:
    """A number of bytes."""
    try:
        sizes.read(given)
    except ValueError as error:
        yield key, str(error)


def span(
    key: str, text: str, *, may_be_empty: bool = True, may_be_none: bool = True
) -> Iterator[tuple[str, str]]:
    """A time such as `10m`.

    `may_be_empty`: whether no text means the usual one; `may_be_none`: whether it may be no time at all.
    """
    if may_be_empty and not text:
        return
    try:
        found = durations.parse(text)
    except ValueError as error:
        yield key, f"{error}; write {durations.RIGHT_FORM}"
        return
    if found < 0 and may_be_none:
        yield key, f"{text!r} is less than no time; write {durations.RIGHT_FORM}"
    elif found <= 0 and not may_be_none:
        yield key, f"{text!r} is no time at all; write {durations.RIGHT_FORM}"


def path(key: str, text: str) -> Iterator[tuple[str, str]]:
    """A file or folder of this machine."""
    if not text.startswith("/") or "\0" in text:
        yield key, f"{text!r} is not an absolute path"


def url(key: str, text: str) -> Iterator[tuple[str, str]]:
    """The address of a server."""
    try:
        place = urls.split(text)
    except urls.Unacceptable as error:
        yield key, f"{text!r} is not http(s)://HOST[:PORT][/PATH]: {error}"
        return
    if place.scheme not in ("http", "https") or place.has_user or "?" in text or "#" in text:
        yield key, f"{text!r} is not http(s)://HOST[:PORT][/PATH]"


def listen(key: str, text: str) -> Iterator[tuple[str, str]]:
    """Where a listener is, `HOST:PORT`; empty: nowhere."""
    if text:
        try:
            listening.parse_address(text, "it")
        except BadRequest as error:
            yield key, error.message
