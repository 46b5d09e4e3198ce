"""Repository addresses in one form, so that two ways to write one repository compare equal (resources.md §4)."""

from __future__ import annotations

import re
from typing import Final

_SCP: Final = re.compile(
    r"(?:(?P<user>[\w-]+)@)?(?P<host>[\w+]+(?:\.[\w-]+)*|[^/:@\s]+):(?P<path>/?.*)", re.DOTALL
)


def normalize_git(url: str) -> str:
    """Return a Git repository's address in one form: lower case, without user, `.git` and a slash at the end.

    What is no address, or has a query, comes back unchanged.
    """
    kept = "".join(character for character in url if character.isprintable() or character == " ")
    text = kept.lower().strip()
    if not text:
        return text
    if text.startswith(("http://", "https://")):
        return _normalized_http(url, text)
    if text.startswith("ssh://"):
        return _normalized_ssh(text)
    match = _SCP.fullmatch(text)
    if match is None or not match["host"]:
        return text if text != url.lower().strip() else url
    user = f"{match['user']}@" if match["user"] else ""
    path = _without_suffix(match["path"])
    return f"ssh://{user}{match['host']}/{path}" if path else f"ssh://{user}{match['host']}"


def _normalized_http(url: str, text: str) -> str:
    scheme, place, path = _split(text)
    if "?" in path or not place:
        return url
    return f"{scheme}://{place.rpartition('@')[2]}{_without_suffix(path)}"


def _normalized_ssh(text: str) -> str:
    _, place, path = _split(text)
    return f"ssh://{place}{_without_suffix(path)}"


def _split(text: str) -> tuple[str, str, str]:
    """Return scheme, host (with user and port) and path of an address; a fragment is left out."""
    scheme, _, rest = text.partition("#")[0].partition("://")
    place, slash, path = rest.partition("/")
    return scheme, place, slash + path


def _without_suffix(path: str) -> str:
    return path.removesuffix("/").removesuffix(".git")


def normalize_image(url: str) -> str:
    """Return an image repository's address in one form: without Docker Hub's host, `library/`, tag and digest."""
    text = url.strip()
    name = text.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    tail = tail.partition(":")[0]
    name = f"{head}{slash}{tail}"
    first, slash, rest = name.partition("/")
    if slash and first.lower() in ("docker.io", "index.docker.io", "registry-1.docker.io"):
        name = rest
        first, slash, rest = name.partition("/")
    if slash and first == "library" and "/" not in rest:
        name = rest
    return name


def normalize_chart(url: str) -> str:
    """Return a chart repository's address in one form: lower case; that of `oci://` as an image's."""
    text = url.strip().lower()
    if text.startswith(("http://", "https://")):
        return text
    return normalize_image(text.removeprefix("oci://"))
