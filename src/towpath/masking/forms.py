"""The forms of a value: how those write it who quote and encode.

As it is, base64 (also in the middle of something longer, such as `user:password`), hexadecimal, percent-encoded, JSON, Go,
YAML, shell and HTML quoted, line by line.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST: Final = 4
"""Characters: a value with less is masked only where it is the whole of a text. Looked for inside of texts it would tear
holes into every word, and whoever sees the holes can guess it all the same."""
SHORTEST_LINE: Final = 8
"""Characters: lines of a value with less are not looked for one by one."""
_LONG: Final = 16 << 10
"""Characters of a value of several lines from which on it is found line by line; as a whole in few forms only."""
_BARE: Final = re.compile(r"[A-Za-z0-9+/=_.,:@~-]*")
"""What nobody quotes."""


def forms(value: str) -> Iterator[str]:
    """Yield a value as it is and as writers quote and encode it; its longer lines, too."""
    lines = value.splitlines()
    is_long = len(lines) > 1 and len(value) > _LONG
    yield from _again((value, json.dumps(value)[1:-1]) if is_long else _written(value))
    if len(lines) > 1:
        for line in dict.fromkeys(lines):
            bare = line.strip()
            if len(bare) >= SHORTEST_LINE and not bare.startswith("-----"):
                yield from _again(_written(bare))


def _again(written: Iterable[str]) -> Iterator[str]:
    """Yield forms, and what becomes of them when what was quoted is quoted again: JSON in JSON, an error in an error."""
    for form in dict.fromkeys(written):
        if len(form) >= SHORTEST:
            yield form
            if _is_quoted(form):
                yield json.dumps(form)[1:-1]


def _written(value: str) -> Iterator[str]:
    plain = value.encode("utf-8", "surrogatepass")
    yield value
    yield plain.hex()
    if value.isascii() and value.isalnum():
        return
    yield quote(plain, safe="")
    yield quote(plain, safe="+&=")  # of a query string that was taken apart and put together again
    yield quote(plain)
    yield quote(plain, safe="/:@!$&'()*+,;=~")
    if _BARE.fullmatch(value):
        return
    if not value.isascii():
        # A server that takes headers for Latin-1 says them again as if each byte were a letter.
        misread = plain.decode("latin-1")
        yield misread
        yield messages.plain(misread)
    yield messages.plain(value)
    yield " ".join(messages.plain(value).split())
    yield quote_plus(plain)
    for ascii_only in (True, False):
        written = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield written
        # Go's encoder keeps a text harmless in HTML.
        yield _replaced(written, {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
        # Go's %q, Python's repr and YAML write control characters with two digits.
        yield written.replace("\\u00", "\\x")
    yield repr(value)[1:-1]
    yield value.replace("'", "''")
    yield value.replace("'", "'\\''")
    yield shlex.quote(value).removeprefix("'").removesuffix("'")
    yield html.escape(value)
    yield _replaced(html.escape(value), {"&quot;": "&#34;", "&#x27;": "&#39;"})
    yield _replaced(value, {"\\": "\\\\", "'": "\\'"})
    yield from {value.replace("\n", ends) for ends in ("\r\n", " ", "\\n")}


def cores(value: str) -> Iterator[str]:
    """Yield what of a value's base64 does not depend on what stands before and after it."""
    plain = value.encode("utf-8", "surrogatepass")
    for offset, skipped in ((0, 0), (1, 2), (2, 3)):
        padded = bytes(offset) + plain
        whole = len(padded) * 8 // 6
        for encoded in (base64.b64encode(padded), base64.urlsafe_b64encode(padded)):
            core = encoded[skipped:whole].decode("ascii")
            if len(core) >= SHORTEST:
                yield core


def _is_quoted(form: str) -> bool:
    """Whether JSON writes a text otherwise."""
    return '"' in form or "\\" in form or not (form.isascii() and form.isprintable())


def _replaced(text: str, pairs: dict[str, str]) -> str:
    for old, new in pairs.items():
        text = text.replace(old, new)
    return text


def in_lower_case(text: str) -> str:
    """Return a text in lower case in which everything stands where it stood."""
    small = text.lower().replace(
        "\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}"
    )
    if len(small) == len(text):  # no character becomes none, so none has become two
        return small
    return "".join(one if len(one := each.lower()) == 1 else each for each in text)
