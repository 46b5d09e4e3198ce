"""Repository addresses in one form, so that two ways to write one repository compare equal.

They decide the names of Freight and which Secret belongs to a repository. The forms are Kargo's, to the byte;
`docs/reference/addresses.md` tells them.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from towpath.versions import go_urls
from towpath.versions.go_urls import NoUrl
from towpath.versions.image_references import DOCKER_HUB, repository_of

_SCP: Final = re.compile(r"((?:[\w-]+@)?[\w-]+(?:\.[\w-]+)*)(?::(.*))?", re.ASCII | re.DOTALL)
"""`[user@]host[:path]`."""
_DOCKER_HUBS: Final = (DOCKER_HUB, "registry-1.docker.io")
_MOST_KEPT: Final = 4096
_LONGEST_KEPT: Final = 1024
"""Characters of an address whose form is kept: webhooks bring addresses as long as their senders like."""


def normalize_git(url: str) -> str:
    """Return a Git repository's address in one form: lower case, without `.git` and a slash at the end.

    Addresses over HTTP lose the user, `[user@]host:path` becomes `ssh://`. What is no address, or has a query,
    comes back unchanged.
    """
    return (_kept_git if len(url) <= _LONGEST_KEPT else _of_git)(url)


def _of_git(url: str) -> str:
    text = _cleaned(url)
    try:
        if text.startswith(("http://", "https://", "ssh://")):
            address = go_urls.parse(text)
            if address.has_query:
                return url
            if address.scheme != b"ssh":
                address.user = None
            address.path = _without_suffix(address.path)
            return str(address)
        match = _SCP.fullmatch(text)
        if match is None:
            return url
        place = go_urls.parse(match[2] or "")
    except NoUrl:
        return url
    place.path = _without_suffix(place.path)
    return f"ssh://{match[1]}/{place}" if place.path else f"ssh://{match[1]}"


def normalize_image(url: str) -> str:
    """Return an image repository's address in one form: lower case, without tag, digest, Docker Hub's host and `library/`.

    What is no reference to an image comes back unchanged.
    """
    return (_kept_image if len(url) <= _LONGEST_KEPT else _of_image)(url)


def _of_image(url: str) -> str:
    found = repository_of(_cleaned(url))
    if found is None:
        return url
    registry, repository = found
    if registry in _DOCKER_HUBS:
        return repository.removeprefix("library/")
    return f"{registry}/{repository}"


def normalize_chart(url: str) -> str:
    """Return a chart repository's address in one form: lower case, without `oci://`, then as an image's."""
    return normalize_image(_cleaned(url).removeprefix("oci://"))


def _cleaned(url: str) -> str:
    """Return a text in lower case, without what cannot be printed and without blanks around it."""
    text = go_urls.lowered(url)
    return "".join(character for character in text if character.isprintable()).strip(" ")


def _without_suffix(path: bytes) -> bytes:
    return path.removesuffix(b"/").removesuffix(b".git")


_kept_git = functools.lru_cache(maxsize=_MOST_KEPT)(_of_git)
_kept_image = functools.lru_cache(maxsize=_MOST_KEPT)(_of_image)
