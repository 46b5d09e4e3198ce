"""`Link` headers (RFC 8288), as registries write them: where the next page of a list is."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from towpath.errors import Unavailable

_LINK: Final = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER: Final = re.compile(
    r""";\s*([\w!#$&+.^`|~*-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s;,]*)))?"""
)

_LONGEST: Final = 8 << 10
"""Characters of a header, of which servers send a few hundred; a longer one costs more than its length to read."""


def following(header: str, page: str) -> str | None:
    """Return the URL of the page after `page`, None if the header names none.

    A link is followed at the place that the page came from, whatever host it names: behind a proxy registries do not
    know their own address, and the place is the one that the credential is for. Raises Unavailable for a header that may
    name a next page and cannot be read, so that a part of a list never counts as the whole.
    """
    if len(header) > _LONGEST:
        raise Unavailable(
            f"the registry's link to the next page cannot be read: it is longer than {_LONGEST:,} characters"
        )
    for target, parameters in _LINK.findall(header):
        if "next" in _relations(parameters):
            return _at(target.strip(), page)
    if "next" in header.lower():
        raise Unavailable(f"the registry's link to the next page cannot be read: {header[:200]}")
    return None


def _relations(parameters: str) -> list[str]:
    """Return the relation types of a link, in lower case. The first `rel` counts."""
    for name, quoted, single, bare in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            return str(quoted or single or bare).lower().split()
    return []


def _at(target: str, page: str) -> str:
    try:
        there = urlsplit(urljoin(page, target))
    except ValueError as error:
        raise Unavailable(
            f"the registry's link to the next page is no URL: {target[:200]}"
        ) from error
    here = urlsplit(page)
    return urlunsplit((here.scheme, here.netloc, there.path or "/", there.query, ""))
