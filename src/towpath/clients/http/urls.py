"""Where a URL leads, read in one way for the guard, the HTTP client and git.

Programs disagree about unusual spellings of a host: what one takes for a name, another takes for an address of this
machine. A host is therefore a plain name or an address in its usual form; every other spelling is refused, wherever
it leads, and requests are sent to the form that was read here, never to the text that was given.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urljoin

if TYPE_CHECKING:
    from collections.abc import Sequence

PORTS: Final = {"http": 80, "https": 443, "ssh": 22}

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*", re.ASCII)
_AUTHORITY_END: Final = re.compile(r"[/?#]")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LONGEST_NAME: Final = 253


class Unacceptable(ValueError):  # noqa: N818 - what it is
    """The text leads to no place that can be told with certainty; it says why and what to write instead."""


class UnusualHost(Unacceptable):
    """The host is spelt so that programs disagree about what it means."""


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """A URL taken apart. `host` is lower-case, without brackets and last dot; `port` is None where none is given."""

    scheme: str
    host: str
    port: int | None
    path: str
    """With its first slash, empty if there is none; as it was given."""

    query: str = ""
    """With its question mark."""

    fragment: str = ""
    user: str = ""
    """As it was given, percent-encoded."""

    password: str = field(default="", repr=False)
    """As it was given, percent-encoded."""

    has_user: bool = False

    @property
    def authority(self) -> str:
        """Host and, if it was given, port, as a URL holds them."""
        where = bracketed(self.host)
        return where if self.port is None else f"{where}:{self.port}"

    @property
    def where(self) -> tuple[str, int]:
        """Host and the port that is dialled; 0 for a scheme of which no port is known."""
        return self.host, self.port if self.port is not None else PORTS.get(self.scheme, 0)

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be the same for a credential to be sent."""
        return self.scheme, *self.where

    @property
    def url(self) -> str:
        """The URL that requests are sent to: without user and fragment."""
        return f"{self.scheme}://{self.authority}{self.path or '/'}{self.query}"


def split(url: str) -> ParsedUrl:
    """Take an absolute URL apart. Raises Unacceptable."""
    _refuse_unseen(url)
    scheme, separator, rest = url.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        raise Unacceptable("it is no absolute URL; write SCHEME://HOST/PATH")
    end = _AUTHORITY_END.search(rest)
    authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    tail, sharp, fragment = tail.partition("#")
    path, mark, query = tail.partition("?")
    if authority.count("@") > 1:
        raise Unacceptable("it holds two '@' before the path; write '@' in a user's name as %40")
    user_info, at, where = authority.rpartition("@")
    user, _, password = user_info.partition(":")
    host, port = _host_and_port(where)
    return ParsedUrl(
        scheme.lower(), host, port, path, mark + query, sharp + fragment, user, password, bool(at)
    )


def joined(base: ParsedUrl, target: str) -> ParsedUrl:
    """Return where a reference leads that a server gave in answer to `base`. Raises Unacceptable."""
    _refuse_unseen(target)
    try:
        return split(urljoin(base.url, target))
    except Unacceptable:
        raise
    except ValueError as error:
        raise Unacceptable(f"it is no URL: {error}") from error


def host(text: str) -> str:
    """Return a host in its one form: lower-case, no brackets, no last dot. Raises Unacceptable.

    It is a name of letters, digits, `-`, `_` and dots, four decimal numbers, or an IPv6 address in brackets.
    """
    if text.startswith("["):
        return _bracketed(text)
    if not text.isascii():
        raise UnusualHost(
            f"its host {text!r} holds letters beyond ASCII; write the name as DNS has it (xn--...)"
        )
    if "%" in text:
        raise UnusualHost(f"its host {text!r} holds '%'; write the host without escapes")
    name = text.lower().removesuffix(".")
    if not name:
        raise Unacceptable("it names no host; write SCHEME://HOST/PATH")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _four_numbers(text, name)
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise UnusualHost(
            f"its host {text[:80]!r} is no name of letters, digits, '-' and dots; an IPv6 address stands in [brackets]"
        )
    return name


def bracketed(host: str) -> str:
    """Return a host as URLs hold it."""
    return f"[{host}]" if ":" in host else host


def _host_and_port(where: str) -> tuple[str, int | None]:
    inside = where.rfind("]")
    head, colon, digits = where[inside + 1 :].rpartition(":")
    name = where[: inside + 1] + (head if colon else digits)
    if not colon or not digits:
        return host(name), None
    if not (digits.isascii() and digits.isdecimal()) or not 0 < int(digits[:6]) < 65536:
        raise Unacceptable(f"its port {digits[:20]!r} is no port; write a number from 1 to 65535")
    return host(name), int(digits)


def _bracketed(text: str) -> str:
    inner = text.removeprefix("[").removesuffix("]")
    if "%" in inner:
        raise UnusualHost(
            f"its host {text!r} names a zone of this machine; write the address without '%'"
        )
    try:
        return str(ipaddress.IPv6Address(inner if text.endswith("]") else ""))
    except ValueError:
        raise UnusualHost(
            f"its host {text[:80]!r} is no IPv6 address; write it as [2001:db8::1]"
        ) from None


def _four_numbers(given: str, name: str) -> str:
    # Leading zeros, hexadecimal and fewer numbers mean different addresses to different programs.
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        raise UnusualHost(
            f"its host {given[:80]!r} is an address in an unusual form; write four decimal numbers, such as 192.0.2.1"
        ) from None


def _refuse_unseen(text: str) -> None:
    # Some readers drop these, others take a backslash for a slash: then the host is another one.
    if any(ord(character) <= 32 or ord(character) == 127 for character in text):
        raise Unacceptable("it holds a space or a control character; write it as %XX in the path")
    if "\\" in text:
        raise Unacceptable("it holds a backslash; write '/'")


def with_parameters(url: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return a URL with parameters added to what it has."""
    if not parameters:
        return url
    address, _, fragment = url.partition("#")
    joint = "?" if "?" not in address else "" if address.endswith(("?", "&")) else "&"
    return f"{address}{joint}{urlencode(parameters)}" + (f"#{fragment}" if fragment else "")
