"""Manifests and indexes of images: what of them matters here. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from towpath import errors

INDEX: Final = "application/vnd.oci.image.index.v1+json"
LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER: Final = "application/vnd.docker.distribution.manifest.v2+json"
ACCEPT: Final = f"{INDEX}, {LIST}, {MANIFEST}, {DOCKER}"
"""Always all four: registries answer 404 for a kind that is not asked for."""

_CREATED: Final = ("org.opencontainers.image.created", "org.label-schema.build-date")
_UNKNOWN: Final = ("", "unknown")
_MOST_VALUES: Final = 50_000
"""Of a manifest or configuration; large ones have a few thousand."""


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system and an architecture, such as `linux/arm64/v8`."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read `os/arch` or `os/arch/variant`. Raises BadRequest."""
        parts = text.split("/")
        if len(parts) not in (2, 3) or not all(parts):
            raise errors.BadRequest(f"platform {text!r} must read os/arch or os/arch/variant")
        return cls(*parts)

    def takes(self, other: Platform) -> bool:
        """Whether an image for another platform is one for this: without a variant any variant is."""
        same = (self.os, self.architecture) == (other.os, other.architecture)
        return same and self.variant in ("", other.variant)


@dataclass(frozen=True, slots=True)
class Child:
    """An image that an index names."""

    digest: str
    platform: Platform
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """Images of several platforms under one tag."""

    annotations: dict[str, str]
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """One image."""

    annotations: dict[str, str]
    config: str
    """Digest of its configuration."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of an image."""

    platform: Platform
    labels: dict[str, str]
    created: datetime | None


def read(body: bytes, media_type: str) -> ImageIndex | ImageManifest:
    """Return what a manifest says. Raises Unsupported for other kinds of it, BadRequest for a broken one."""
    document = document_of(body)
    kind = str(document.get("mediaType") or media_type.partition(";")[0].strip())
    if kind not in (INDEX, LIST, MANIFEST, DOCKER):
        kind = INDEX if "manifests" in document else MANIFEST if "config" in document else kind
    annotations = texts(document.get("annotations"))
    if kind in (INDEX, LIST):
        return ImageIndex(annotations, tuple(_children(document)))
    if kind in (MANIFEST, DOCKER):
        config = document.get("config")
        digest = config.get("digest") if isinstance(config, dict) else None
        if not isinstance(digest, str):
            raise errors.BadRequest("the manifest names no configuration")
        return ImageManifest(annotations, digest)
    raise errors.Unsupported(f"manifests of type {kind or 'unknown'} are not images")


def read_config(body: bytes) -> Config:
    """Return what an image's configuration says. Raises BadRequest for a broken one."""
    document = document_of(body)
    inner = document.get("config")
    labels = texts(inner.get("Labels")) if isinstance(inner, dict) else {}
    platform = Platform(
        str(document.get("os") or ""),
        str(document.get("architecture") or ""),
        str(document.get("variant") or ""),
    )
    return Config(platform, labels, moment(document.get("created")))


def created_of(annotations: dict[str, str]) -> datetime | None:
    """Return when annotations or labels say that an image was built."""
    for key in _CREATED:
        found = moment(annotations.get(key))
        if found is not None:
            return found
    return None


def built_at(manifest: ImageManifest, config: Config) -> datetime | None:
    """Return when an image was built: as its annotations say, else the later of what labels and configuration say."""
    told = filter(None, (created_of(config.labels), config.created))
    return created_of(manifest.annotations) or max(told, default=None)


def moment(value: Any) -> datetime | None:
    """Return an RFC 3339 moment; None for any other text."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year > 1 else None


def _children(document: dict[str, Any]) -> list[Child]:
    children = []
    listed = document.get("manifests")
    for item in listed if isinstance(listed, list) else ():
        if not isinstance(item, dict) or not isinstance(item.get("digest"), str):
            continue
        told = item.get("platform")
        platform = told if isinstance(told, dict) else {}
        os, architecture = str(platform.get("os") or ""), str(platform.get("architecture") or "")
        if os in _UNKNOWN or architecture in _UNKNOWN:
            continue  # attestations and the like
        children.append(
            Child(
                item["digest"],
                Platform(os, architecture, str(platform.get("variant") or "")),
                texts(item.get("annotations")),
            )
        )
    return children


def document_of(body: bytes) -> dict[str, Any]:
    """Return what a registry answered. Raises BadRequest for what is no JSON object, or holds too many values."""
    # Each costs far more than its bytes once it is read, and nobody else has a turn meanwhile.
    if body.count(b",") > _MOST_VALUES:
        raise errors.BadRequest(f"the registry's answer holds more than {_MOST_VALUES:,} values")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise errors.BadRequest("the registry's answer is not JSON") from error
    if not isinstance(document, dict):
        raise errors.BadRequest("the registry's answer is not a JSON object")
    return document


def texts(value: Any) -> dict[str, str]:
    """Return what of annotations or labels is text."""
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items() if isinstance(item, str)}
