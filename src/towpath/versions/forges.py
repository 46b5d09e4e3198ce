"""Which kind of forge keeps a repository, as far as the name of its host tells."""

from __future__ import annotations

from typing import Final

KINDS: Final = ("azure", "bitbucket", "gitea", "github", "gitlab")


def of_host(host: str) -> str:
    """Return the kind of forge at a host, one of `KINDS`; empty where its name does not tell."""
    if host == "dev.azure.com" or host.endswith("visualstudio.com"):
        return "azure"
    if "github" in host or host.endswith(".ghe.com"):
        return "github"
    for kind in ("gitlab", "gitea"):
        if kind in host:
            return kind
    return "bitbucket" if "bitbucket" in host else ""
