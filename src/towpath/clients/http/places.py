"""The places that requests go to: which they may be sent to, which they may be redirected to, and how messages show them."""

from __future__ import annotations

from typing import Final

from towpath import errors, messages
from towpath.clients.http import urls

_SCHEMES: Final = ("http", "https")


def of_request(method: str, url: str) -> urls.ParsedUrl:
    """Return where a request goes. Raises BadRequest for what is no http(s) URL, Forbidden for a host in an unusual spelling."""
    try:
        place = urls.split(url)
    except urls.Unacceptable as error:
        shown = url.partition("?")[0].rpartition("@")[2][:200]
        if isinstance(error, urls.UnusualHost):
            raise errors.Forbidden(f"{method} {shown!r} is not sent: {error}") from error
        raise errors.BadRequest(f"{method} {shown!r} is no http or https URL: {error}") from error
    if place.scheme not in _SCHEMES:
        raise errors.BadRequest(f"{shown_place(place)} is no http or https URL")
    if place.has_user:
        raise errors.BadRequest(
            f"{method} {shown_place(place)}: the URL names a user; a credential belongs into a Secret"
        )
    return place


def of_proxy(url: str) -> urls.ParsedUrl:
    """Return where a proxy is that a caller names. Raises BadRequest."""
    try:
        place = urls.split(url)
    except urls.Unacceptable as error:
        raise errors.BadRequest(f"the proxy is no http or https URL: {error}") from error
    if place.scheme not in _SCHEMES:
        raise errors.BadRequest(f"proxy {shown_place(place)} is no http or https URL")
    return place


def redirected(doing: str, place: urls.ParsedUrl, target: str) -> urls.ParsedUrl:
    """Return where a `Location` leads that `place` answered with; raise Forbidden if nobody may go there."""
    try:
        following = urls.joined(place, target)
    except urls.Unacceptable as error:
        raise errors.Forbidden(
            f"{doing}: the server redirects to a URL that is not followed: {error}"
        ) from error
    if following.scheme not in _SCHEMES or following.has_user:
        raise errors.Forbidden(
            f"{doing}: the server redirects to a URL that is not followed: it is not http or https, or names a user"
        )
    if place.scheme == "https" and following.scheme != "https":
        raise errors.Forbidden(
            f"{doing}: it redirects to {shown_place(following)}, which is not encrypted"
        )
    return following


def shown_url(url: str) -> str:
    """Return a URL as messages show it: without user, password, query and fragment."""
    try:
        return shown_place(urls.split(url))
    except urls.Unacceptable:
        return "the URL"


def shown_place(place: urls.ParsedUrl) -> str:
    """Return a place as messages show it; where a server points to may be long."""
    return messages.cut(f"{place.scheme}://{place.authority}{place.path}", messages.FOREIGN_BYTES)
