"""What registries answered before: the images of digests, the digests of tags, pages of tags. All of it is bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from towpath.clients.http.host_tally import HostTally
    from towpath.clients.oci.address import ImageAddress
    from towpath.clients.oci.authentication import RegistryCredential
    from towpath.clients.oci.tagged_image import TaggedImage
    from towpath.clock import Clock

_MOST_KEPT: Final = 20_000
_MOST_PAGES: Final = 1000
_MOST_TAGS: Final = 1_000_000
"""Of pages that are remembered, all together."""
RECENT_SECONDS: Final = 3600.0
"""For how long the digest of a tag counts as recent: looks for which it decides nothing do not ask for it again."""


class RegistryMemory:
    """What was read and may be read again, by repository and credential."""

    def __init__(self, clock: Clock, tally: HostTally | None = None) -> None:
        """`tally` is told of what needed no look elsewhere."""
        self._clock = clock
        self._tally = tally
        self._digests: OrderedDict[tuple[str, RegistryCredential, str], tuple[str, float]] = (
            OrderedDict()
        )
        self._images: OrderedDict[tuple[str, str], TaggedImage] = OrderedDict()
        self._tags: OrderedDict[
            tuple[str, RegistryCredential], tuple[str, list[str], str | None]
        ] = OrderedDict()
        self._tags_kept = 0

    def cached(self, address: ImageAddress, digest: str) -> TaggedImage | None:
        """Return what is known of a digest."""
        key = (address.host + "/" + address.name, digest)
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
            if self._tally is not None:
                self._tally.looked(address.host, "memory")
        return found

    def keep(self, address: ImageAddress, found: TaggedImage) -> None:
        """Remember what a digest stands for."""
        self._images[address.host + "/" + address.name, found.digest] = found
        while len(self._images) > _MOST_KEPT:
            self._images.popitem(last=False)

    def recent_digest(
        self,
        address: ImageAddress,
        credential: RegistryCredential,
        tag: str,
        seconds: float = RECENT_SECONDS,
    ) -> str | None:
        """Return what a tag pointed to at most `seconds` ago, None if nobody has asked since."""
        found = self._digests.get((f"{address.host}/{address.name}", credential, tag))
        if found is None or self._clock.monotonic() - found[1] > seconds:
            return None
        return found[0]

    def keep_digest(
        self, address: ImageAddress, credential: RegistryCredential, tag: str, digest: str
    ) -> None:
        """Remember what a tag points to now."""
        key = (f"{address.host}/{address.name}", credential, tag)
        self._digests[key] = (digest, self._clock.monotonic())
        self._digests.move_to_end(key)
        while len(self._digests) > _MOST_KEPT:
            self._digests.popitem(last=False)

    def known_page(
        self, url: str, credential: RegistryCredential
    ) -> tuple[str, list[str], str | None] | None:
        """Return ETag, tags and the next page of a page of tags that was read before."""
        return self._tags.get((url, credential))

    def keep_page(
        self, url: str, credential: RegistryCredential, page: tuple[str, list[str], str | None]
    ) -> None:
        """Remember a page of tags."""
        before = self._tags.pop((url, credential), None)
        self._tags[url, credential] = page
        self._tags_kept += len(page[1]) - (len(before[1]) if before else 0)
        while len(self._tags) > _MOST_PAGES or self._tags_kept > _MOST_TAGS:
            self._tags_kept -= len(self._tags.popitem(last=False)[1][1])
