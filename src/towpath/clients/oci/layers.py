"""Layers of artifacts that are no images: what a manifest lists, and their contents, checked against their digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from towpath import errors

if TYPE_CHECKING:
    from towpath.clients.oci.contents import ContentsReader


class _Descriptor(msgspec.Struct, rename="camel"):
    digest: str
    media_type: str = ""


class _Manifest(msgspec.Struct, rename="camel"):
    layers: list[_Descriptor]
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an artifact."""

    digest: str
    media_type: str


@dataclass(frozen=True, slots=True)
class LayerReader:
    """Reads artifacts of one repository."""

    contents_reader: ContentsReader

    async def layers(self, digest: str) -> list[Layer]:
        """Return the layers of the manifest of a digest, in its order. Raises Unsupported for an index."""
        body, _ = await self.contents_reader.manifest(digest)
        try:
            found = msgspec.json.decode(body, type=_Manifest)
        except (msgspec.DecodeError, RecursionError) as error:
            raise errors.Unsupported(
                f"{self.contents_reader.requests}@{digest}: it has no layers of its own, or its manifest cannot be read"
            ) from error
        return [Layer(each.digest, each.media_type) for each in found.layers]

    async def contents(self, layer: Layer, most_bytes: int) -> bytes:
        """Return what a layer holds. Raises TooLarge for more than that."""
        return await self.contents_reader.blob(layer.digest, most_bytes)
