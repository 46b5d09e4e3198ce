"""What a digest stands for, read from manifests and configurations and checked against their digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.oci import digests
from towpath.clients.oci import manifest as manifests
from towpath.clients.oci.manifest import ImageIndex, ImageManifest
from towpath.clients.oci.tagged_image import TaggedImage

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.oci.requests import RegistryRequests

MANIFEST_BYTES: Final = 4 << 20
_CONFIG_BYTES: Final = 8 << 20
_MOST_CHILDREN: Final = 500
"""Of an index: each may cost two requests."""


@dataclass(frozen=True, slots=True)
class ImageReader:
    """Reads from the registry or mirror at one base URL."""

    requests: RegistryRequests
    base: str

    async def read(self, digest: str) -> TaggedImage:
        """Return what a digest stands for: an image, or the index of one for several platforms."""
        manifest = await self._manifest(digest)
        if isinstance(manifest, ImageManifest):
            config = await self._config(manifest.config)
            created = manifests.built_at(manifest, config)
            return TaggedImage(digest, manifest.annotations, created, (config.platform,))
        if len(manifest.children) > _MOST_CHILDREN:
            raise errors.Unsupported(
                f"{self.requests}@{digest}: the index names more than {_MOST_CHILDREN} images"
            )
        if not manifest.children:
            raise errors.Unsupported(
                f"{self.requests}@{digest}: the index names no image for a known platform"
            )
        created = manifests.created_of(manifest.annotations) or await self._newest(manifest)
        platforms = tuple(child.platform for child in manifest.children)
        annotations = dict(manifest.annotations)
        if len(manifest.children) == 1:
            annotations |= manifest.children[0].annotations
        told = tuple(child.annotations for child in manifest.children)
        return TaggedImage(digest, annotations, created, platforms, told)

    async def labels(self, digest: str) -> dict[str, str]:
        """Return the labels of an image, its annotations on top; of an index those of its first image, and its own on top."""
        manifest = await self._manifest(digest)
        if isinstance(manifest, ImageManifest):
            return (await self._config(manifest.config)).labels | manifest.annotations
        found: dict[str, str] = {}
        if manifest.children:
            child = manifest.children[0]
            inner = await self._manifest(child.digest)
            if isinstance(inner, ImageManifest):
                found = (await self._config(inner.config)).labels | inner.annotations
            found = found | child.annotations
        return found | manifest.annotations

    async def _newest(self, index: ImageIndex) -> datetime | None:
        """Return when the newest image of an index was built."""
        moments = []
        for child in index.children:
            moment = manifests.created_of(child.annotations)
            if moment is None:
                inner = await self._manifest(child.digest)
                if isinstance(inner, ImageManifest):
                    moment = manifests.built_at(inner, await self._config(inner.config))
            if moment is not None:
                moments.append(moment)
        return max(moments, default=None)

    async def _manifest(self, digest: str) -> ImageIndex | ImageManifest:
        self._refuse_unknown(digest)
        url = f"{self.base}/v2/{self.requests.address.name}/manifests/{digest}"
        headers = {"Accept": manifests.ACCEPT}
        response = await self.requests.get(
            self.base, url, headers, MANIFEST_BYTES, f"manifest {digest}"
        )
        self._check(digest, response.body)
        try:
            return manifests.read(response.body, response.headers.get("content-type", ""))
        except (errors.BadRequest, errors.Unsupported) as error:
            raise type(error)(f"{self.requests}@{digest}: {error.message}") from error

    async def _config(self, digest: str) -> manifests.Config:
        self._refuse_unknown(digest)
        url = f"{self.base}/v2/{self.requests.address.name}/blobs/{digest}"
        response = await self.requests.get(
            self.base, url, {}, _CONFIG_BYTES, f"configuration {digest}"
        )
        self._check(digest, response.body)
        try:
            return manifests.read_config(response.body)
        except errors.BadRequest as error:
            raise errors.BadRequest(
                f"{self.requests}: configuration {digest}: {error.message}"
            ) from error

    def _refuse_unknown(self, digest: str) -> None:
        try:
            digests.refuse_unknown(digest)
        except errors.Unsupported as error:
            raise errors.Unsupported(f"{self.requests}: {error.message}") from error

    def _check(self, digest: str, body: bytes) -> None:
        """Raise Unavailable for contents that are not those of a digest."""
        if not digests.names(digest, body):
            raise errors.Unavailable(
                f"{self.requests}: what the registry sent for {digest} has another digest"
            )
