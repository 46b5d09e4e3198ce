"""Where the REST interface of a repository's GitHub is, and what it calls the repository. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from towpath import errors
from towpath.clients.http import urls

_PUBLIC: Final = "github.com"
_RESIDENT: Final = ".ghe.com"
"""GitHub Enterprise Cloud with data residency: each customer has a name of its own below it."""


@dataclass(frozen=True, slots=True)
class GitHubRepository:
    """One repository of one GitHub."""

    api: str
    """Base URL of the REST interface, without a slash at its end."""
    owner: str
    name: str


def of(url: str) -> GitHubRepository:
    """Return the repository at an http(s) URL. Raises BadRequest for any other URL, and for one that names no repository.

    github.com has its interface at api.github.com, SUBDOMAIN.ghe.com at api.SUBDOMAIN.ghe.com, and a server of one's own
    below `/api/v3` (docs.github.com, "Getting started with the REST API").
    """
    try:
        place = urls.split(url.strip())
    except urls.Unacceptable as error:
        raise errors.BadRequest(f"the repository's URL cannot be read: {error}") from error
    if place.scheme not in ("http", "https"):
        raise errors.BadRequest("a GitHub App opens repositories by https:// alone")
    parts = [part for part in place.path.split("/") if part]
    if len(parts) != 2 or not parts[1].removesuffix(".git"):
        raise errors.BadRequest(
            f"{place.scheme}://{place.authority}{place.path} is not HOST/OWNER/REPOSITORY, as repositories of GitHub are"
        )
    return GitHubRepository(_api(place), parts[0], parts[1].removesuffix(".git"))


def _api(place: urls.ParsedUrl) -> str:
    host = place.host.lower().removeprefix("www.")
    if host == _PUBLIC:
        return f"{place.scheme}://api.{_PUBLIC}"
    if host.endswith(_RESIDENT):
        return f"{place.scheme}://api.{host}"
    return f"{place.scheme}://{place.authority}/api/v3"
