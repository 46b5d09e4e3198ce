"""Where a commit can be looked at: the page of it at the forge that keeps the repository."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from towpath.versions import forges
from towpath.versions.urls import normalize_git

_PATHS: Final = {
    "azure": "commit",
    "bitbucket": "commits",
    "gitea": "commit",
    "github": "commit",
    "gitlab": "-/commit",
}


def commit_url(repository: str, commit: str, provider: str = "") -> str | None:
    """Return the address of a commit's page; None if the forge is not known.

    `provider`: `azure`, `bitbucket`, `gitea`, `github` or `gitlab`; empty: told by the host.
    """
    text = normalize_git(repository)
    if text.startswith("ssh://"):
        text = f"https://{text.removeprefix('ssh://').rpartition('@')[2]}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return None
    kind = provider or forges.of_host(host)
    if kind not in _PATHS or not host:
        return None
    place = parts.netloc.rpartition("@")[2]
    if kind == "azure":
        place = "dev.azure.com"
    return f"https://{place}{parts.path}/{_PATHS[kind]}/{commit}"
