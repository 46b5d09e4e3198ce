"""What a delivery of a webhook comes to: something was pushed, a pull request was closed, nothing is to be done, or it is refused."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

_CHARTS: Final = "application/vnd.cncf.helm"
_IMAGES: Final = frozenset(
    {
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.index.v1+json",
    }
)


class PushedArtifact(enum.Enum):
    """What was pushed: its values are the types of subscriptions that it may be for."""

    COMMITS = ("git",)
    IMAGE = ("image",)
    CHART = ("chart",)
    IMAGE_OR_CHART = ("image", "chart")


def of_media_type(media_type: str) -> PushedArtifact:
    """Return what a registry was given; a media type that says nothing means that it may be either."""
    if media_type.startswith(_CHARTS):
        return PushedArtifact.CHART
    return PushedArtifact.IMAGE if media_type in _IMAGES else PushedArtifact.IMAGE_OR_CHART


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDeed:
    """Something was pushed to a repository."""

    event: str
    """What the sender calls it."""
    artifact: PushedArtifact
    urls: tuple[str, ...]
    """Of the repository, as the sender writes them."""
    refs: tuple[str, ...] = ()
    """Of Git, in full: `refs/heads/main`. None: they are not told."""
    tags: tuple[str, ...] = ()
    """Of a registry. None: they are not told."""
    changed: tuple[str, ...] = ()
    """Paths of the files that the commits change, each once. None: they are not told, or not all."""
    default_branch: str = ""
    """Of the repository, where the sender tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDeed:
    """A pull request was merged or closed."""

    event: str
    url: str
    """Its page."""
    repositories: tuple[str, ...]
    """URLs of its repository."""
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleDeed:
    """A delivery that is right, and asks for nothing."""

    event: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDeed:
    """A delivery that cannot be used."""

    event: str
    said: str
    status: int = 400


Deed = PushDeed | ClosedDeed | IdleDeed | RefusedDeed
