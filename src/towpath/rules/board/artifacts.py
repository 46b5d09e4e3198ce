"""The artifacts of Freight as screens list them: kind, label, version, and as much of its identity as people compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from towpath import messages

if TYPE_CHECKING:
    from towpath.resources.freight import Freight, FreightReference

IMAGE: Final = "image"
GIT: Final = "git"
CHART: Final = "chart"
OTHER: Final = "other"
_SHORT: Final = 12
"""Characters of a digest or commit that people compare."""
_SHORTEST: Final = 7
"""Of a commit that stands for a version."""
_LONGEST: Final = 128
"""Bytes of a label or version."""
_MOST: Final = 20


class Artifact(NamedTuple):
    """One artifact, as documents have it."""

    kind: str
    label: str
    version: str
    identity: str
    """The first characters of digest or commit; empty where there is none."""


def artifacts(of: Freight | FreightReference) -> tuple[Artifact, ...]:
    """Return the artifacts of Freight, images first: at most 20."""
    found = [
        *(
            Artifact(
                IMAGE, _name(each.repo_url), each.tag or _short(each.digest), _short(each.digest)
            )
            for each in of.images
        ),
        *(
            Artifact(CHART, each.name.rpartition("/")[2] or _name(each.repo_url), each.version, "")
            for each in of.charts
        ),
        *(
            Artifact(GIT, _name(each.repo_url), each.tag or each.id[:_SHORTEST], each.id[:_SHORT])
            for each in of.commits
        ),
        *(Artifact(OTHER, each.subscription_name, each.version, "") for each in of.artifacts),
    ]
    return tuple(Artifact(*(_plain(part) for part in each)) for each in found[:_MOST])


def version(found: tuple[Artifact, ...], name: str) -> str:
    """Return what people call Freight by: the version of its first artifact, else the first characters of its name."""
    return found[0].version if found and found[0].version else name[:_SHORTEST]


def _name(url: str) -> str:
    """Return the last two parts of a repository's address, which tell it from others."""
    path = url.partition("://")[2] or url
    parts = path.rstrip("/").removesuffix(".git").replace(":", "/").split("/")
    return "/".join(parts[-2:] if len(parts) > 2 else parts[-1:])


def _short(digest: str) -> str:
    return digest.rpartition(":")[2][:_SHORT]


def _plain(text: str) -> str:
    return messages.cut(messages.plain(text).replace("\n", " "), _LONGEST)
