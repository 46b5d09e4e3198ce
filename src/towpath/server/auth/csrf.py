"""Requests that change something in the name of a cookie: only our own page may send them.

A browser sends the cookie along with whatever another page has it ask. Such a request cannot show the session's token, which
only our page is told, and says where it comes from.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from towpath.errors import Forbidden

if TYPE_CHECKING:
    from starlette.types import Scope

HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})


def check(scope: Scope, token: str, url: str = "") -> None:
    """Return if a request may change something for who has a session; `url` as for `check_origin`. Raises Forbidden."""
    if scope["method"] in _SAFE:
        return
    check_origin(scope, url)
    given = _header(scope, HEADER.lower())
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise Forbidden(
            f"a request that changes something by the cookie of a session has to show its token: set {HEADER} to the "
            "csrfToken of GET /towpath/v1/session"
        )


def check_origin(scope: Scope, url: str = "") -> None:
    """Return if a request comes from our own page, as far as the browser says. Raises Forbidden.

    `url`: where the operator says that we are reached, which a proxy may have kept from us.
    """
    site = _header(scope, "sec-fetch-site")
    if site and site not in _OURS:
        raise Forbidden("the request comes from the page of another site")
    origin = _header(scope, "origin")
    ours = {_header(scope, "host").lower(), urlsplit(url).netloc.lower()} - {""}
    if origin and origin.rpartition("://")[2].lower() not in ours:
        raise Forbidden("the request comes from the page of another origin")


def _header(scope: Scope, wanted: str) -> str:
    name = wanted.encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
