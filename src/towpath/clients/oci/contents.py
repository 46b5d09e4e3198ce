"""What a registry sends for a digest: asked for, held against the digest, and kept where that helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.oci import digests
from towpath.clients.oci import manifest as manifests

if TYPE_CHECKING:
    from towpath.clients.http import Response
    from towpath.clients.oci.kept_contents import KeptContents
    from towpath.clients.oci.requests import RegistryRequests

MANIFEST_BYTES: Final = 4 << 20
_HEADERS: Final = {"Accept": manifests.ACCEPT}


@dataclass(frozen=True, slots=True)
class ContentsReader:
    """Reads from the registry or mirror at one base URL."""

    requests: RegistryRequests
    base: str
    kept: KeptContents | None = None
    """Where manifests and configurations are kept; None: nowhere."""
    asks: bool = True
    """Whether the registry is asked for what is not kept; else NotFound is raised."""

    async def manifest(self, digest: str) -> tuple[bytes, str]:
        """Return a manifest and the type that the registry gave it, empty if it was not asked.

        Raises Unsupported for a digest that cannot be verified, Unavailable for contents of another one.
        """
        self._refuse_unknown(digest)
        found = await self._kept(digest)
        if found is not None:
            return found, ""
        response = await self._get("manifests", digest, _HEADERS, MANIFEST_BYTES, "manifest")
        await self._keep(digest, response.body)
        return response.body, response.headers.get("content-type", "")

    async def manifest_of(self, tag: str, response: Response) -> str:
        """Return the digest of the manifest that was sent for a tag, and keep it. Raises Unavailable if it was named wrongly."""
        named = response.headers.get("docker-content-digest", "")
        digest = named if digests.is_known(named) else digests.of(response.body)
        self._check(digest, response.body, f"tag {tag}, which is {digest},")
        await self._keep(digest, response.body)
        return digest

    async def blob(
        self, digest: str, most_bytes: int, what: str = "blob", *, keeps: bool = False
    ) -> bytes:
        """Return a blob; `keeps`: whether it is worth keeping. Raises as `manifest`, and TooLarge."""
        self._refuse_unknown(digest)
        found = await self._kept(digest) if keeps else None
        if found is not None:
            return found
        response = await self._get("blobs", digest, {}, most_bytes, what)
        if keeps:
            await self._keep(digest, response.body)
        return response.body

    async def _get(
        self, kind: str, digest: str, headers: dict[str, str], most_bytes: int, what: str
    ) -> Response:
        if not self.asks:
            raise errors.NotFound(f"{self.requests}: {what} {digest} is not kept")
        url = f"{self.base}/v2/{self.requests.address.name}/{kind}/{digest}"
        response = await self.requests.get(self.base, url, headers, most_bytes, f"{what} {digest}")
        self._check(digest, response.body, digest)
        return response

    async def _kept(self, digest: str) -> bytes | None:
        return await self.kept.read(self.requests.address, digest) if self.kept else None

    async def _keep(self, digest: str, contents: bytes) -> None:
        if self.kept is not None:
            await self.kept.keep(self.requests.address, digest, contents)

    def _refuse_unknown(self, digest: str) -> None:
        try:
            digests.refuse_unknown(digest)
        except errors.Unsupported as error:
            raise errors.Unsupported(f"{self.requests}: {error.message}") from error

    def _check(self, digest: str, body: bytes, what: str) -> None:
        """Raise Unavailable for contents that are not those of a digest."""
        if not digests.names(digest, body):
            raise errors.Unavailable(
                f"{self.requests}: what the registry sent for {what} has another digest"
            )
