"""Layers of artifacts that are no images: what a manifest lists, and their contents, checked against their digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from towpath import errors
from towpath.clients.oci import digests
from towpath.clients.oci import manifest as manifests
from towpath.clients.oci.image_reader import MANIFEST_BYTES

if TYPE_CHECKING:
    from towpath.clients.oci.requests import RegistryRequests


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
    """Reads from the registry or mirror at one base URL."""

    requests: RegistryRequests
    base: str

    async def layers(self, digest: str) -> list[Layer]:
        """Return the layers of the manifest of a digest, in its order. Raises Unsupported for an index."""
        body = await self._contents(
            "manifests", digest, MANIFEST_BYTES, {"Accept": manifests.ACCEPT}
        )
        try:
            found = msgspec.json.decode(body, type=_Manifest)
        except (msgspec.DecodeError, RecursionError) as error:
            raise errors.Unsupported(
                f"{self.requests}@{digest}: it has no layers of its own, or its manifest cannot be read"
            ) from error
        return [Layer(each.digest, each.media_type) for each in found.layers]

    async def contents(self, layer: Layer, most_bytes: int) -> bytes:
        """Return what a layer holds. Raises TooLarge for more than that."""
        return await self._contents("blobs", layer.digest, most_bytes, {})

    async def _contents(
        self, kind: str, digest: str, most_bytes: int, headers: dict[str, Any]
    ) -> bytes:
        try:
            digests.refuse_unknown(digest)
        except errors.Unsupported as error:
            raise errors.Unsupported(f"{self.requests}: {error.message}") from error
        url = f"{self.base}/v2/{self.requests.address.name}/{kind}/{digest}"
        response = await self.requests.get(
            self.base, url, headers, most_bytes, f"{kind[:-1]} {digest}"
        )
        if not digests.names(digest, response.body):
            raise errors.Unavailable(
                f"{self.requests}: what the registry sent for {digest} has another digest"
            )
        return response.body
