"""The addresses that URLs of the configuration lead to."""

from __future__ import annotations

from towpath.clients.http import urls


def of(url: str) -> str:
    """Return `HOST:PORT` of an http(s) URL, empty for any other text."""
    try:
        place = urls.split(url)
    except urls.Unacceptable:
        return ""
    if place.scheme not in ("http", "https"):
        return ""
    host, port = place.where
    return f"{urls.bracketed(host)}:{port}"
