"""URLs read and written anew as Go's `net/url` does it, to the byte.

Names of Freight and the choice of Secrets depend on that form, so it is kept also where it is odd: an escape that
was needless goes, one that was needed keeps the case of its digits.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

_UNRESERVED: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"
)
_PATH: Final = _UNRESERVED | frozenset(b"$&+,/:;=@")
_FRAGMENT: Final = _PATH | frozenset(b"?!()*")
_USER: Final = _UNRESERVED | frozenset(b"$&+,;=")
_HOST: Final = _UNRESERVED | frozenset(b"!$&'()*+,;=:[]<>\"")
_WRITTEN_TOO: Final = frozenset(b"!$&'()*+,;=:@[]%")
"""What may stand unescaped in a path or fragment that was written so."""
_USER_INFO: Final = re.compile(rb"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_SCHEME: Final = re.compile(rb"([A-Za-z][A-Za-z0-9+\-.]*):")
_PORT: Final = re.compile(rb"(?::[0-9]*)?")
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


class NoUrl(ValueError):  # noqa: N818 - not a fault: the text is compared as it is
    """The text is no URL."""


@dataclass(slots=True)
class Url:
    """The parts of a URL, decoded; what was written is kept beside where it may stay as it was."""

    scheme: bytes = b""
    opaque: bytes = b""
    user: tuple[bytes, ...] | None = None
    """Name, and password if one was given."""
    host: bytes = b""
    """With the port."""
    has_authority: bool = False
    """Whether there was a place for a host, also if none stood there."""
    path: bytes = b""
    query: bytes | None = None
    """As written, without the question mark; None if there is none."""
    fragment: bytes = b""
    _path_as_written: bytes = b""
    _fragment_as_written: bytes = b""

    @property
    def has_query(self) -> bool:
        """Whether the query holds anything that can be read."""
        return any(
            part and b";" not in part and _is_escaped_well(part)
            for part in (self.query or b"").split(b"&")
        )

    def __str__(self) -> str:
        parts = [self.scheme + b":"] if self.scheme else []
        if self.opaque:
            parts.append(self.opaque)
        else:
            path = _escaped_as_written(self.path, self._path_as_written, _PATH)
            if self.has_authority and (self.host or self.path or self.user is not None):
                parts.append(b"//")
            if self.user is not None:
                parts.append(b":".join(_escaped(part, _USER) for part in self.user) + b"@")
            parts.append(_escaped(self.host, _HOST))
            if path and not path.startswith(b"/") and self.host:
                parts.append(b"/")
            if not any(parts) and b":" in path.partition(b"/")[0]:
                parts.append(b"./")
            parts.append(path)
        if self.query is not None:
            parts.append(b"?" + self.query)
        if self.fragment:
            fragment = _escaped_as_written(self.fragment, self._fragment_as_written, _FRAGMENT)
            parts.append(b"#" + fragment)
        return b"".join(parts).decode("utf-8", "replace")


def parse(text: str) -> Url:
    """Read a URL or a relative reference. Raises NoUrl."""
    whole, _, fragment = text.encode("utf-8", "replace").partition(b"#")
    scheme, rest = _scheme(whole)
    url = Url(scheme=scheme.lower())
    rest, mark, query = rest.partition(b"?")
    if mark:
        url.query = query
    if not rest.startswith(b"/"):
        if scheme:
            url.opaque = rest
            rest = b""
        elif b":" in rest.partition(b"/")[0]:
            raise NoUrl("the first segment of a path must not hold a colon")
    if rest.startswith(b"//") and (scheme or not rest.startswith(b"///")):
        authority, slash, path = rest[2:].partition(b"/")
        url.user, url.host = _authority(authority)
        url.has_authority = True
        rest = slash + path
    url.path = _unescaped(rest)
    if _escaped(url.path, _PATH) != rest:
        url._path_as_written = rest  # noqa: SLF001 - it is being made here
    url.fragment = _unescaped(fragment)
    if _escaped(url.fragment, _FRAGMENT) != fragment:
        url._fragment_as_written = fragment  # noqa: SLF001 - it is being made here
    return url


def is_authority(text: str) -> bool:
    """Whether a text can stand between `//` and the path of a URL, being a host and a port only."""
    try:
        url = parse(f"//{text}")
    except NoUrl:
        return False
    return url.host == text.encode("utf-8", "replace")


def lowered(text: str) -> str:
    """Return a text in lower case as Go does it: each character becomes one."""
    return text.lower() if text.isascii() else "".join(each.lower()[0] for each in text)


def _scheme(text: bytes) -> tuple[bytes, bytes]:
    if text.startswith(b":"):
        raise NoUrl("the scheme is missing")
    match = _SCHEME.match(text)
    return (match[1], text[match.end() :]) if match else (b"", text)


def _authority(text: bytes) -> tuple[tuple[bytes, ...] | None, bytes]:
    user, at, host = text.rpartition(b"@")
    found = _host(host)
    if not at:
        return None, found
    if not _USER_INFO.fullmatch(user):
        raise NoUrl("the user holds a character that must be escaped")
    name, colon, password = user.partition(b":")
    parts = (name, password) if colon else (name,)
    return tuple(_unescaped(part) for part in parts), found


def _host(text: bytes) -> bytes:
    if b"[" in text:
        return _address(text)
    place = text.find(b":")
    if place >= 0 and not _PORT.fullmatch(text[place:]):
        raise NoUrl("the port is no number")
    return _unescaped_host(text)


def _address(text: bytes) -> bytes:
    """Read an IPv6 address in brackets, which may have a zone and a port."""
    inner, closing, port = text.removeprefix(b"[").rpartition(b"]")
    if not text.startswith(b"[") or not closing or not _PORT.fullmatch(port):
        raise NoUrl("an address in brackets is wanted")
    address, mark, zone = inner.partition(b"%25")
    host = _unescaped_host(address) + (b"%" + _unescaped(zone) if mark else b"")
    try:
        read = ipaddress.IPv6Address(host.decode("utf-8", "replace"))
    except ValueError as error:
        raise NoUrl("the brackets hold no IPv6 address") from error
    if read.ipv4_mapped is not None:
        raise NoUrl("the brackets hold an IPv4 address")
    return b"[" + host + b"]" + port


def _unescaped_host(text: bytes) -> bytes:
    """Decode a host, in which only bytes outside ASCII may be escaped."""
    for match in _ESCAPE.finditer(text):
        if int(match[1], 16) < 0x80 and match[1] != b"25":
            raise NoUrl("a host must not be escaped")
    if any(byte < 0x80 and byte not in _HOST and byte != ord("%") for byte in text):
        raise NoUrl("the host holds a character that it must not hold")
    return _unescaped(text)


def _is_escaped_well(text: bytes) -> bool:
    return text.count(b"%") == len(_ESCAPE.findall(text))


def _unescaped(text: bytes) -> bytes:
    if not _is_escaped_well(text):
        raise NoUrl("a % must be followed by two hexadecimal digits")
    return _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), text)


def _escaped(text: bytes, plain: frozenset[int]) -> bytes:
    return b"".join(bytes((byte,)) if byte in plain else b"%%%02X" % byte for byte in text)


def _escaped_as_written(decoded: bytes, written: bytes, plain: frozenset[int]) -> bytes:
    """Escape what was decoded; as it was written, if that is valid and still says the same."""
    is_valid = all(byte in plain or byte in _WRITTEN_TOO for byte in written)
    if written and is_valid and _unescaped(written) == decoded:
        return written
    return b"*" if decoded == b"*" else _escaped(decoded, plain)
