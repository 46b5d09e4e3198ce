"""Lists what refers to an image, by OCI distribution 1.1: by its API, or by the tag that stands in where there is none.

Besides, two widely used tools write where that specification does not look: cosign under tags of its own, BuildKit into the
image's index.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from towpath import errors
from towpath.clients.oci import digests, referrer
from towpath.clients.oci import manifest as manifests
from towpath.clients.oci.contents import MANIFEST_BYTES
from towpath.clients.oci.links import following
from towpath.clients.oci.referrer import ListedBy, Referrer, Referrers

if TYPE_CHECKING:
    from towpath.clients.http import Response
    from towpath.clients.oci.contents import ContentsReader
    from towpath.clients.oci.requests import RegistryRequests

MOST: Final = 200
"""Of one image. Images have a handful; what comes behind is not read."""
_MOST_PAGES: Final = 10
_NOT_OFFERED: Final = frozenset({400, 404, 405, 406, 501})
"""The specification has 404; registries from before it answer what they do to any path that they do not know."""
_TOGETHER: Final = 20
"""Descriptors that are read at a time: annotations of somebody who means ill cost half a millisecond each."""
_LONGEST_ALGORITHM: Final = 32
_LONGEST_DIGITS: Final = 64
_COSIGN: Final = ("sig", "att", "sbom")
_BUILDKIT_TYPE: Final = "vnd.docker.reference.type"
_BUILDKIT_ATTESTS: Final = "attestation-manifest"
_MOST_ATTESTING: Final = 20
"""Manifests of attestations in one index: there is one for each platform."""


@dataclass(frozen=True, slots=True)
class ReferrersReader:
    """Asks one base URL."""

    contents: ContentsReader

    async def read(self, digest: str, artifact_type: str = "") -> Referrers:
        """Return what refers to a digest, of one artifact type if it is given.

        Raises Unsupported for a digest that cannot be verified, NotFound where the image itself is not there, and what
        `ImageRepository.tags` raises.
        """
        digests.refuse_unknown(digest)
        found = await self._by_api(digest, artifact_type)
        if found is None:
            found = await self._by_tag(digest, artifact_type)
        others = await self._by_cosign(digest, artifact_type)
        others += await self._in_index(digest, artifact_type)
        by = found.by if found is not None else ListedBy.NOTHING
        items = (*(found.items if found is not None else ()), *others)
        is_cut = len(items) > MOST or (found is not None and found.is_cut)
        return Referrers(items[:MOST], by, is_cut=is_cut)

    async def _by_api(self, digest: str, artifact_type: str) -> Referrers | None:
        """Return what the API lists; None where there is none."""
        wanted = f"?artifactType={quote(artifact_type, safe='')}" if artifact_type else ""
        url: str | None = f"{self._begin}/referrers/{digest}{wanted}"
        items: list[Referrer] = []
        read: set[str] = set()
        while url is not None and len(read) < _MOST_PAGES and len(items) <= MOST:
            if url in read:
                raise self._wrong("the pages of what refers to it go round in a circle", digest)
            response, sent = await self._requests.ask(
                self.contents.base, url, {"Accept": manifests.INDEX}, MANIFEST_BYTES
            )
            if not read and (response.status in _NOT_OFFERED or _is_no_index(response)):
                return None
            if response.status != 200:
                raise self._requests.failure(response, f"what refers to {digest}", sent)
            if _is_no_index(response):
                raise self._wrong("a page of what refers to it is no index", digest)
            read.add(url)
            filtered = "artifactType" in response.headers.get("oci-filters-applied", "")
            page = self._index(response.body, digest)
            items += await _read(page, ListedBy.API, "" if filtered else artifact_type)
            try:
                url = following(response.headers.get("link", ""), url)
            except errors.Unavailable as error:
                raise self._wrong(error.message, digest) from error
        return Referrers(tuple(items), ListedBy.API, is_cut=url is not None)

    async def _by_tag(self, digest: str, artifact_type: str) -> Referrers | None:
        """Return what the index lists that those keep who push; None where there is none."""
        algorithm, _, digits = digest.partition(":")
        tag = f"{algorithm[:_LONGEST_ALGORITHM]}-{digits[:_LONGEST_DIGITS]}"
        body = await self._tagged(tag)
        if body is None:
            return None
        document = self._document(body, digest)
        if document.get("mediaType", manifests.INDEX) != manifests.INDEX:
            return None  # somebody's image, which only has such a name
        items = await _read(document.get("manifests"), ListedBy.TAG, artifact_type)
        return Referrers(tuple(items), ListedBy.TAG)

    async def _by_cosign(self, digest: str, artifact_type: str) -> list[Referrer]:
        """Return what cosign has put under its tags: each layer is a signature, an attestation or a bill of materials."""
        found: list[Referrer] = []
        for end in _COSIGN:
            body = await self._tagged(f"{digest.replace(':', '-')}.{end}")
            if body is not None:
                document = self._document(body, digest)
                found += await _read(document.get("layers"), ListedBy.COSIGN, artifact_type)
        return found

    async def _tagged(self, tag: str) -> bytes | None:
        """Return the manifest of a tag, held against the digest that the registry names; None where there is none."""
        url = f"{self._begin}/manifests/{tag}"
        response, sent = await self._requests.ask(
            self.contents.base, url, {"Accept": manifests.ACCEPT}, MANIFEST_BYTES
        )
        if response.status == 404:
            return None
        if response.status != 200:
            raise self._requests.failure(response, f"tag {tag}", sent)
        await self.contents.manifest_of(tag, response)
        return response.body

    async def _in_index(self, digest: str, artifact_type: str) -> list[Referrer]:
        """Return the attestations that BuildKit has put into the image's own index, beside the images of platforms.

        Raises NotFound for an image that is not there: nothing refers to it, and that is not what is to be said.
        """
        document = self._document((await self.contents.manifest(digest))[0], digest)
        listed = document.get("manifests")
        attesting = [
            str(child["digest"])
            for child in (listed if isinstance(listed, list) else ())
            if isinstance(child, dict)
            and digests.is_known(str(child.get("digest")))
            and manifests.texts(child.get("annotations")).get(_BUILDKIT_TYPE) == _BUILDKIT_ATTESTS
        ]
        found: list[Referrer] = []
        for child in attesting[:_MOST_ATTESTING]:
            body, _ = await self.contents.manifest(child)
            layers = self._document(body, child).get("layers")
            found += await _read(layers, ListedBy.INDEX, artifact_type)
        return found

    def _index(self, body: bytes, digest: str) -> Any:
        document = self._document(body, digest)
        if document.get("mediaType", manifests.INDEX) != manifests.INDEX:
            raise self._wrong("what refers to it is listed in no index", digest)
        return document.get("manifests")

    def _document(self, body: bytes, digest: str) -> dict[str, Any]:
        try:
            return manifests.document_of(body)
        except errors.BadRequest as error:
            raise self._wrong(error.message, digest) from error

    def _wrong(self, said: str, digest: str) -> errors.Unavailable:
        return errors.Unavailable(f"{self._requests}@{digest}: {said}")

    @property
    def _requests(self) -> RegistryRequests:
        return self.contents.requests

    @property
    def _begin(self) -> str:
        return f"{self.contents.base}/v2/{self._requests.address.name}"


def _is_no_index(response: Response) -> bool:
    """Whether an answer of success is something else, such as the page of a registry's web UI."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return response.status == 200 and kind != manifests.INDEX


async def _read(listed: Any, by: ListedBy, artifact_type: str) -> list[Referrer]:
    """Return what descriptors name, one more than are shown at most. What has no artifact type goes by its media type."""
    found: list[Referrer] = []
    for place, descriptor in enumerate(listed if isinstance(listed, list) else ()):
        if place % _TOGETHER == 0:
            await asyncio.sleep(0)  # others get the loop
        item = referrer.read(descriptor, by)
        if item is not None and artifact_type in ("", item.artifact_type or item.media_type):
            found.append(item)
        if len(found) > MOST:
            break
    return found
