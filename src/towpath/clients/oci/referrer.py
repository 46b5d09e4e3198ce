"""What refers to an image, such as a signature or a bill of materials, in bounded form. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.clients.oci import digests
from towpath.clients.oci import manifest as manifests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_MOST_ANNOTATIONS: Final = 16
_KEY_BYTES: Final = 128
_VALUE_BYTES: Final = 256
"""Certificates and logs of signatures are longer, and nobody reads them here."""
_MOST_READ: Final = 2 << 10
"""Characters of the annotations of one artifact: to make them harmless costs far more than to read them."""
_TYPE_BYTES: Final = 255
"""RFC 6838, section 4.2: 127 bytes on each side of the slash."""
_TOLD_FIRST: Final = (
    "org.opencontainers.image.created",
    "predicateType",
    "in-toto.io/predicate-type",
    "dev.sigstore.bundle.predicateType",
    "dev.sigstore.bundle.content",
)
"""Annotations by which people tell one from another: they stay, however many there are."""


class ListedBy(enum.StrEnum):
    """How a registry tells what refers to an image."""

    API = "api"
    TAG = "tag"
    """The tag of the specification, for registries without the API."""
    COSIGN = "cosign"
    """Tags of cosign's own, which it writes without telling the registry what they refer to."""
    INDEX = "index"
    """The index of the image itself, into which BuildKit puts attestations."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Referrer:
    """One artifact that says it belongs to an image. What it says of itself is not verified."""

    digest: str
    media_type: str
    artifact_type: str
    size: int
    """In bytes; 0 where it is not told."""
    annotations: dict[str, str]
    """The first few, each cut to what people read."""
    created: datetime | None
    by: ListedBy


@dataclass(frozen=True, slots=True)
class Referrers:
    """All that a registry tells of what refers to one image."""

    items: tuple[Referrer, ...]
    by: ListedBy
    """NOTHING: the registry has neither the API nor the tag."""
    is_cut: bool = False
    """Whether there is more."""


def read(descriptor: Any, by: ListedBy) -> Referrer | None:
    """Return what a descriptor names; None for one without a digest that could be verified."""
    if not isinstance(descriptor, dict):
        return None
    digest, size = descriptor.get("digest"), descriptor.get("size")
    if not isinstance(digest, str) or not digests.is_known(digest):
        return None
    annotations = manifests.texts(descriptor.get("annotations"))
    return Referrer(
        digest=digest,
        media_type=_type(descriptor.get("mediaType")),
        artifact_type=_type(descriptor.get("artifactType")),
        size=size if isinstance(size, int) and 0 <= size < 1 << 53 else 0,
        annotations=_bounded(annotations),
        created=manifests.created_of(annotations),
        by=by,
    )


def _type(value: Any) -> str:
    return _harmless(value, _TYPE_BYTES) if isinstance(value, str) else ""


def _bounded(annotations: Mapping[str, str]) -> dict[str, str]:
    first = [key for key in _TOLD_FIRST if key in annotations]
    keys = list(dict.fromkeys([*first, *annotations]))[:_MOST_ANNOTATIONS]
    found: dict[str, str] = {}
    room = _MOST_READ
    for key in keys:
        value = annotations[key]
        room -= min(len(key), _KEY_BYTES) + min(len(value), _VALUE_BYTES)
        if room < 0:
            break
        found[_harmless(key, _KEY_BYTES)] = _harmless(value, _VALUE_BYTES)
    return found


def _harmless(text: str, most_bytes: int) -> str:
    """Return the begin of what a stranger wrote, as people may read it. What is far behind is not looked at."""
    return messages.foreign(text[: most_bytes + 1], most_bytes=most_bytes)
