"""A repository at a registry: its tags, and what a tag points to.

A registry is asked at its mirrors first, in the operator's order, then at its own address, as containerd does. Names and
credentials stay those of the registry. What a digest stands for never changes, so it is asked for once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from towpath import errors
from towpath.clients.oci import digests
from towpath.clients.oci import manifest as manifests
from towpath.clients.oci.address import DOCKER_HUB
from towpath.clients.oci.contents import MANIFEST_BYTES, ContentsReader
from towpath.clients.oci.image_reader import ImageReader
from towpath.clients.oci.layers import LayerReader
from towpath.clients.oci.referrer import ListedBy
from towpath.clients.oci.referrers import ReferrersReader
from towpath.clients.oci.registry_memory import RECENT_SECONDS
from towpath.clients.oci.tag_list import TagList
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from towpath.clients.oci.address import ImageAddress
    from towpath.clients.oci.kept_contents import KeptContents
    from towpath.clients.oci.kept_tags import KeptTags
    from towpath.clients.oci.referrer import Referrers
    from towpath.clients.oci.registry_memory import RegistryMemory, RememberedTag
    from towpath.clients.oci.requests import RegistryRequests
    from towpath.clients.oci.tagged_image import TaggedImage

_HEAD_REFUSED: Final = frozenset({400, 403, 404, 405, 406, 415, 501})
"""Answers to HEAD that say nothing of what GET would find."""

_READ_AT_ONCE: Final = 8
"""Images that are read from the disk at the same time."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KnownTag:
    """What a tag was found to point to."""

    found: TaggedImage | errors.TowpathError
    """Its image, or why it is none."""
    remembered: RememberedTag


@dataclass(frozen=True, slots=True)
class ImageRepository:
    """One repository as one credential sees it."""

    requests: RegistryRequests
    memory: RegistryMemory
    bases: tuple[str, ...]
    """Base URLs, in the order in which they are asked."""
    kept: KeptContents | None = None
    """What is kept on disk; None: nothing."""
    kept_tags: KeptTags | None = None
    """Where tags pointed, on disk; None: that is not kept."""

    def __str__(self) -> str:
        return self.address.text

    @property
    def address(self) -> ImageAddress:
        """Where it is."""
        return self.requests.address

    async def tags(self) -> list[str]:
        """Return all tags, each once, in the registry's order.

        Raises NotFound for a repository that is not there, Forbidden, Unavailable, Timeout, TooLarge.
        """
        return await self._at_each(TagList(self.requests, self.memory).at)

    async def digest(self, tag: str) -> str:
        """Return the digest that a tag points to now. Raises NotFound, Forbidden, Unavailable, Timeout."""
        return (await self._at_each(lambda base: self._digest_at(base, tag)))[0]

    async def image(self, tag: str, *, fresh: bool = True, moves: bool = True) -> TaggedImage:
        """Return the image that a tag points to now; not `fresh`: or did, within the last hour.

        `moves`: whether a tag may come to point elsewhere; if not, what it once pointed to will do. Raises as `digest`, and Unsupported or BadRequest for what is no image.
        """
        if not fresh or not moves:
            seconds = RECENT_SECONDS if moves else float("inf")
            digest = self.memory.recent_digest(self.address, self.requests.credential, tag, seconds)
            known = await self._known(digest) if digest else None
            if known is not None:
                return _image(known)
        return await self._at_each(lambda base: self._image_at(base, tag))

    async def recall(self, *, since: datetime | None = None) -> None:
        """Remember where tags pointed when the process before this one asked.

        `since`: when somebody told of a push; what that process was answered before is not relied on.
        """
        if self.kept_tags is not None:
            await self.kept_tags.recall(self.address, self.requests.credential, since=since)

    async def keep_tags(self) -> None:
        """Keep where tags point, for the process after this one."""
        if self.kept_tags is not None:
            await self.kept_tags.keep(self.address, self.requests.credential)

    async def reread(self, tags: Sequence[str]) -> None:
        """Read the images from the disk of which only the tags are remembered."""
        pointed = (
            self.memory.remembered(self.address, self.requests.credential, tag) for tag in tags
        )
        wanted = [
            each
            for each in dict.fromkeys(found.digest for found in pointed if found is not None)
            if self.memory.cached(self.address, each) is None
        ]
        for position in range(0, len(wanted), _READ_AT_ONCE):
            batch = wanted[position : position + _READ_AT_ONCE]
            await asyncio.gather(*(self._known(digest) for digest in batch))

    def known(self, tag: str) -> KnownTag | None:
        """Return what a tag was found to point to last; None if nobody has asked, or it is not known any more."""
        remembered = self.memory.remembered(self.address, self.requests.credential, tag)
        found = self.memory.cached(self.address, remembered.digest) if remembered else None
        return KnownTag(found, remembered) if found is not None and remembered else None

    async def labels(self, digest: str) -> dict[str, str]:
        """Return labels and annotations of the image of a digest. Raises as `digest`, and Unsupported or BadRequest for what is no image."""
        return await self._at_each(lambda base: ImageReader(self._contents(base)).labels(digest))

    async def referrers(self, digest: str, artifact_type: str = "") -> Referrers:
        """Return what refers to the image of a digest: signatures and the like, of one artifact type if it is given.

        A mirror that does not tell leads on to the registry; where that fails, the mirror's word stays. Raises as `tags`, and Unsupported for a digest that cannot
        be verified.
        """
        silent: list[Referrers] = []

        async def at(base: str) -> Referrers:
            found = await ReferrersReader(self._contents(base)).read(digest, artifact_type)
            if found.by is ListedBy.NOTHING and not found.items and base != self.bases[-1]:
                silent.append(found)
                raise errors.NotFound(f"{self}: it does not tell what refers to {digest}")
            return found

        try:
            return await self._at_each(at)
        except (
            errors.NotFound,
            errors.Unavailable,
            errors.Timeout,
            errors.TooManyRequests,
        ):
            if silent:  # images may come from mirrors alone, where nothing else can be reached
                return silent[0]
            raise

    async def layer(self, tag: str, media_type: str, most_bytes: int) -> bytes:
        """Return what the first layer of a media type holds, of the artifact that a tag points to now.

        Raises as `digest`, Unsupported for an artifact that has none, and TooLarge.
        """

        async def at(base: str) -> bytes:
            reader = LayerReader(self._contents(base))
            for each in await reader.layers((await self._digest_at(base, tag))[0]):
                if each.media_type == media_type:
                    return await reader.contents(each, most_bytes)
            raise errors.Unsupported(f"{self}:{tag}: none of its layers is {media_type}")

        return await self._at_each(at)

    async def _at_each(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """Ask mirrors and registry in turn; the last one's error counts, and says what the others answered."""
        try:
            return await self._at_one(ask)
        except errors.TowpathError as error:
            said = mask(error.message, self.requests.secrets(self.bases))
            if said == error.message:
                raise
            raise error.saying(said) from None

    async def _at_one(self, ask: Callable[[str], Awaitable[T]]) -> T:
        failed: list[str] = []
        for base in self.bases[:-1]:
            try:
                return await ask(base)
            except (
                errors.NotFound,
                errors.Unavailable,
                errors.Timeout,
                errors.TooManyRequests,
            ) as error:
                failed.append(f"mirror {base}: {error.message}")
        try:
            return await ask(self.bases[-1])
        except errors.TowpathError as error:
            if not failed:
                raise
            said = "; ".join([*failed, f"{self.address.host}: {error.message}"])
            raise error.saying(said) from error

    async def _digest_at(
        self, base: str, tag: str, *, wants_manifest: bool = False
    ) -> tuple[str, tuple[bytes, str] | None]:
        """Return the digest of a tag, and the manifest and its type where those came along.

        `wants_manifest`: whether it is worth asking for it at once.
        """
        url = f"{base}/v2/{self.address.name}/manifests/{quote(tag, safe=':')}"
        headers = {"Accept": manifests.ACCEPT}
        if not wants_manifest:
            response, sent = await self.requests.ask(
                base, url, headers, MANIFEST_BYTES, method="HEAD"
            )
            digest = response.headers.get("docker-content-digest", "")
            if response.status == 200 and digests.is_known(digest):
                return digest, None
            if response.status not in (200, *_HEAD_REFUSED):
                raise self.requests.failure(response, f"tag {tag}", sent)
        response = await self.requests.get(base, url, headers, MANIFEST_BYTES, f"tag {tag}")
        digest = await self._contents(base).manifest_of(tag, response)
        return digest, (response.body, response.headers.get("content-type", ""))

    async def _image_at(self, base: str, tag: str) -> TaggedImage:
        begun = self.memory.moment()
        digest, sent = await self._digest_at(base, tag, wants_manifest=await self._is_new(tag))
        found = self.memory.cached(self.address, digest)
        if found is None:
            try:
                found = await ImageReader(self._contents(base)).read(digest, sent)
            except (errors.Unsupported, errors.BadRequest) as error:
                found = type(error)(error.message)  # it stays so
            self.memory.keep(self.address, digest, found)
        before = self.memory.remembered(self.address, self.requests.credential, tag)
        self.memory.keep_digest(self.address, self.requests.credential, tag, digest, begun)
        if self.kept_tags is not None:
            is_news = before is None or before.digest != digest
            self.kept_tags.note(self.address, self.requests.credential, tag, is_news=is_news)
        return _image(found)

    async def _known(self, digest: str) -> TaggedImage | errors.TowpathError | None:
        """Return what is known of a digest, or is on disk; None if that is not enough to tell."""
        found = self.memory.cached(self.address, digest)
        if found is None and self.kept is not None:
            reader = ImageReader(ContentsReader(self.requests, "", self.kept, asks=False))
            try:
                found = await reader.read(digest)
            except errors.NotFound:
                return None
            except (errors.Unsupported, errors.BadRequest) as error:
                found = type(error)(error.message)
            self.memory.keep(self.address, digest, found)
        return found

    async def _is_new(self, tag: str) -> bool:
        """Whether nothing is known of a tag, so that to ask for its manifest saves to ask for its digest first.

        Docker Hub counts what is asked for with GET, and not what is asked for with HEAD.
        """
        if self.address.host == DOCKER_HUB:
            return False
        if self.memory.recent_digest(self.address, self.requests.credential, tag, float("inf")):
            return False
        return self.kept is None or not await self.kept.had_any(self.address)

    def _contents(self, base: str) -> ContentsReader:
        return ContentsReader(self.requests, base, self.kept)


def _image(found: TaggedImage | errors.TowpathError) -> TaggedImage:
    """Return an image. Raises what says that it is none."""
    if isinstance(found, errors.TowpathError):
        raise type(found)(found.message)
    return found
