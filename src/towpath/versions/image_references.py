"""References to images as go-containerregistry reads them: `[registry/]repository[:tag|@digest]`."""

from __future__ import annotations

import re
from typing import Final

from towpath.versions.go_urls import is_authority

DOCKER_HUB: Final = "index.docker.io"
_DOCKER_HUB_TOO: Final = "docker.io"
_REPOSITORY: Final = re.compile(r"[a-z0-9_\-./]{2,255}", re.ASCII)
_TAG: Final = re.compile(r"[a-zA-Z0-9_\-.]{1,128}", re.ASCII)
_DIGEST: Final = re.compile(r"sha256:[a-f0-9]{64}", re.ASCII)


def repository_of(reference: str) -> tuple[str, str] | None:
    """Return registry and repository of a reference; None if it is not valid.

    Without a registry it is Docker Hub's, whose own images lie below `library/`.
    """
    found = _tagged(reference)
    if found is not None:
        return found
    base, at, digest = reference.partition("@")
    if not at or not _DIGEST.fullmatch(digest):
        return None
    return _tagged(base) or _repository(base)


def _tagged(reference: str) -> tuple[str, str] | None:
    base, colon, tag = reference.rpartition(":")
    if not colon or "/" in tag:  # the colon, if any, is that of a port
        return _repository(reference)
    return _repository(base) if _TAG.fullmatch(tag) else None


def _repository(text: str) -> tuple[str, str] | None:
    registry, slash, repository = text.partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, repository = "", text
    if not _REPOSITORY.fullmatch(repository) or not is_authority(registry):
        return None
    if registry in ("", _DOCKER_HUB_TOO):
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository
