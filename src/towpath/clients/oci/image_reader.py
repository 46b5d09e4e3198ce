"""What a digest stands for, read from manifests and configurations and checked against their digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.oci import manifest as manifests
from towpath.clients.oci.manifest import ImageIndex, ImageManifest
from towpath.clients.oci.tagged_image import TaggedImage

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.oci.contents import ContentsReader

_CONFIG_BYTES: Final = 8 << 20
_MOST_CHILDREN: Final = 500
"""Of an index: each may cost two requests."""


@dataclass(frozen=True, slots=True)
class ImageReader:
    """Reads what digests of one repository stand for."""

    contents: ContentsReader

    async def read(self, digest: str, sent: tuple[bytes, str] | None = None) -> TaggedImage:
        """Return what a digest stands for: an image, or the index of one for several platforms.

        `sent`: its manifest and the type of that, where somebody has just got it and held it against the digest.
        """
        manifest = await self._manifest(digest, sent)
        if isinstance(manifest, ImageManifest):
            config = await self._config(manifest.config)
            created = manifests.built_at(manifest, config)
            return TaggedImage(digest, manifest.annotations, created, (config.platform,))
        if len(manifest.children) > _MOST_CHILDREN:
            raise errors.Unsupported(
                f"{self.contents.requests}@{digest}: the index names more than {_MOST_CHILDREN} images"
            )
        if not manifest.children:
            raise errors.Unsupported(
                f"{self.contents.requests}@{digest}: the index names no image for a known platform"
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

    async def _manifest(
        self, digest: str, sent: tuple[bytes, str] | None = None
    ) -> ImageIndex | ImageManifest:
        body, media_type = sent or await self.contents.manifest(digest)
        try:
            return manifests.read(body, media_type)
        except (errors.BadRequest, errors.Unsupported) as error:
            raise type(error)(f"{self.contents.requests}@{digest}: {error.message}") from error

    async def _config(self, digest: str) -> manifests.Config:
        body = await self.contents.blob(digest, _CONFIG_BYTES, "configuration", keeps=True)
        try:
            return manifests.read_config(body)
        except errors.BadRequest as error:
            raise errors.BadRequest(
                f"{self.contents.requests}: configuration {digest}: {error.message}"
            ) from error
