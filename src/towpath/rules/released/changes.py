"""Which artifacts differ between two sets of Freight."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.messages import short_id
from towpath.versions.urls import normalize_chart, normalize_git, normalize_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


REVISION: Final = "org.opencontainers.image.revision"
"""Label or annotation of an image: the commit that it was built of."""
SOURCE: Final = "org.opencontainers.image.source"
"""Likewise: the repository of that commit."""


class ArtifactKind(enum.StrEnum):
    """What an artifact is."""

    COMMIT = "commit"
    IMAGE = "image"
    CHART = "chart"
    OTHER = "artifact"


class ChangeKind(enum.StrEnum):
    """What became of an artifact."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ArtifactChange:
    """One artifact, before and after; each as Freight has it, None where it is not there."""

    kind: ArtifactKind
    name: str
    """Its repository, with the name of the chart where it has one; of others the name of the subscription."""
    origin: str
    """Name of the Warehouse."""
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def change(self) -> ChangeKind:
        """What became of it."""
        if self.before is None:
            return ChangeKind.ADDED
        if self.after is None:
            return ChangeKind.REMOVED
        same = _identity(self.kind, self.before) == _identity(self.kind, self.after)
        return ChangeKind.SAME if same else ChangeKind.CHANGED


_Key = tuple[str, ArtifactKind, str, str, int]


def changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[ArtifactChange]:
    """Return the artifacts of two sets of FreightReferences, those that come in their order, then those that go.

    Artifacts are the same one where Warehouse, kind, repository and subscription are.
    """
    old, new = dict(_artifacts(before)), dict(_artifacts(after))
    return [
        ArtifactChange(
            key[1], _name(key[1], new.get(key) or old[key]), key[0], old.get(key), new.get(key)
        )
        for key in dict.fromkeys([*new, *old])
    ]


def version(kind: ArtifactKind, artifact: Mapping[str, Any] | None) -> str:
    """Return the version of an artifact as people call it; empty for none."""
    if artifact is None:
        return ""
    match kind:
        case ArtifactKind.COMMIT:
            return str(artifact.get("tag") or short_id(str(artifact.get("id") or "")))
        case ArtifactKind.IMAGE:
            return str(artifact.get("tag") or artifact.get("digest") or "")
        case _:
            return str(artifact.get("version") or "")


def _artifacts(
    references: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[_Key, Mapping[str, Any]]]:
    seen = dict[tuple[str, ArtifactKind, str, str], int]()
    for reference in references:
        origin = str((reference.get("origin") or {}).get("name") or "")
        for field, kind in _FIELDS:
            for artifact in reference.get(field) or ():
                key = (origin, kind, _address(kind, artifact), _called(artifact))
                seen[key] = seen.get(key, -1) + 1
                yield (*key, seen[key]), artifact


_FIELDS: Final = (
    ("commits", ArtifactKind.COMMIT),
    ("images", ArtifactKind.IMAGE),
    ("charts", ArtifactKind.CHART),
    ("artifacts", ArtifactKind.OTHER),
)


def _called(artifact: Mapping[str, Any]) -> str:
    return str(artifact.get("subscriptionName") or "")


def _address(kind: ArtifactKind, artifact: Mapping[str, Any]) -> str:
    url = str(artifact.get("repoURL") or "")
    match kind:
        case ArtifactKind.COMMIT:
            return normalize_git(url)
        case ArtifactKind.IMAGE:
            return normalize_image(url)
        case ArtifactKind.CHART:
            return f"{normalize_chart(url)} {artifact.get('name') or ''}"
        case _:
            return str(artifact.get("artifactType") or "")


def _name(kind: ArtifactKind, artifact: Mapping[str, Any]) -> str:
    if kind is ArtifactKind.OTHER:
        return _called(artifact)
    url = str(artifact.get("repoURL") or "")
    chart = str(artifact.get("name") or "") if kind is ArtifactKind.CHART else ""
    return f"{url}/{chart}" if chart else url


def _identity(kind: ArtifactKind, artifact: Mapping[str, Any]) -> tuple[str, ...]:
    match kind:
        case ArtifactKind.COMMIT:
            return (str(artifact.get("id") or ""),)
        case ArtifactKind.IMAGE:
            digest = str(artifact.get("digest") or "")
            return (digest,) if digest else ("", str(artifact.get("tag") or ""))
        case _:
            return (str(artifact.get("version") or ""),)
