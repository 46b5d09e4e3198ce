"""The lines of an answer that goes on, and what of them is an Application; nothing of it is decoded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.clients.argocd import brackets
from towpath.clients.argocd.list_items import LARGEST_ITEM, UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WATCH: Final = re.compile(rb'\s*\{\s*"type"\s*:\s*"([A-Z]+)"\s*,\s*"object"\s*:\s*')
_STREAM: Final = re.compile(
    rb'\s*\{\s*"result"\s*:\s*\{\s*"type"\s*:\s*"([A-Z]+)"\s*,\s*"application"\s*:\s*'
)
_MOST_BRACKETS: Final = 150_000
"""That are looked through for the metadata of what no decoder reads: a tenth of a second of work."""
_NAME: Final = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?", re.ASCII)
_LONGEST: Final = 253
"""Characters of a name, of which Kubernetes has no longer ones (DNS subdomain names, RFC 1123), and of a version."""
_METADATA: Final = re.compile(rb'"metadata"\s*:\s*\Z')


class Lines:
    """Splits pieces of any size into lines."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the lines that a piece completes. Raises UnreadableAnswerError for one of more than 8 MiB."""
        *whole, rest = piece.split(b"\n")
        for line in whole:
            if not line and not self._held:
                continue
            self._held.append(line)
            found = b"".join(self._held)
            self._held, self._size = [], 0
            if found.strip():
                yield found
        if rest:
            self._held.append(rest)
        self._size += len(rest)
        if self._size > LARGEST_ITEM:
            raise UnreadableAnswerError(f"one change is larger than {LARGEST_ITEM:,} bytes")


class _Watched(msgspec.Struct):
    type: str = ""
    object: msgspec.Raw = msgspec.Raw()


class _Result(msgspec.Struct):
    type: str = ""
    application: msgspec.Raw = msgspec.Raw()


class _Streamed(msgspec.Struct):
    result: _Result | None = None
    error: msgspec.Raw = msgspec.Raw()


def watched(line: bytes) -> tuple[str, bytes]:
    """Return type and object of a line of a Kubernetes watch; an empty type for what is none."""
    if found := _WATCH.match(line):  # as servers write it: the object need not be read to be found
        return found[1].decode(), line[found.end() :].rstrip()[:-1].rstrip()
    try:
        said = msgspec.json.decode(line, type=_Watched)
    except (msgspec.DecodeError, RecursionError):
        return "", line
    return said.type, bytes(said.object)


def streamed(line: bytes) -> tuple[str, bytes]:
    """Return type and Application of a line of Argo CD's stream; `ERROR` and what it says where it tells of a failure."""
    if found := _STREAM.match(line):
        inner = line[found.end() :].rstrip()[:-1].rstrip()
        return found[1].decode(), inner[:-1].rstrip()
    try:
        said = msgspec.json.decode(line, type=_Streamed)
    except (msgspec.DecodeError, RecursionError):
        return "", line
    if said.result is None:
        return "ERROR", bytes(said.error)
    return said.result.type, bytes(said.result.application)


class _Meta(msgspec.Struct, rename={"resource_version": "resourceVersion"}):
    name: str = ""
    namespace: str = ""
    resource_version: str = ""


class _Named(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


def named(document: bytes) -> tuple[str, str, str]:
    """Return namespace, name and version of an Application; empty texts for what does not say them, or what none can be.

    What is kept of an Application is kept under its name, which is shown to people.
    """
    try:
        meta = msgspec.json.decode(document, type=_Named).metadata
    except msgspec.ValidationError:  # it can be read, and has no such names
        return "", "", ""
    except (msgspec.DecodeError, RecursionError):
        try:
            meta = msgspec.json.decode(_metadata(document), type=_Meta)
        except (msgspec.DecodeError, RecursionError):
            return "", "", ""
    version = meta.resource_version if len(meta.resource_version) <= _LONGEST else ""
    if not _is_name(meta.name) or not (meta.namespace == "" or _is_name(meta.namespace)):
        return "", "", version
    return meta.namespace, meta.name, version


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST and _NAME.fullmatch(text) is not None


def _metadata(document: bytes) -> bytes:
    """Return the metadata of a document that is nested too deeply to be read: nothing here recurses.

    Empty where it is not found among the first brackets.
    """
    depth, begin, at = 0, -1, 0
    for _ in range(_MOST_BRACKETS):
        where = brackets.following(document, at, inside=depth > 1)
        if where < 0:
            break
        at = where + 1
        if brackets.opens(document, where):
            if depth == 1 and _METADATA.search(document, max(0, where - 40), where):
                begin = where
            depth += 1
        else:
            depth -= 1
            if depth == 1 and begin >= 0:
                return document[begin:at]
    return b""
