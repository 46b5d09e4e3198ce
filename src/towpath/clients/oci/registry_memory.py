"""What registries answered before: the images of digests, the digests of tags, pages of tags. All of it is bounded."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath import errors
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


_EVERY: Final = ""
"""Stands for all tags of a repository."""


@dataclass(frozen=True, slots=True)
class RememberedTag:
    """What a tag pointed to."""

    digest: str
    asked_on: int
    """When that was asked, in milliseconds of the wall clock: the same in the process after this one."""
    age: float
    """Seconds since then."""
    is_doubted: bool
    """Whether somebody has said since that the tag was pushed."""


class ToldTag(msgspec.Struct, frozen=True, array_like=True):
    """What a tag pointed to, as the next process is told it."""

    tag: str
    digest: str
    asked_on: int
    """In milliseconds of the wall clock."""


class RegistryMemory:
    """What was read and may be read again, by repository and credential."""

    def __init__(self, clock: Clock, tally: HostTally | None = None) -> None:
        """`tally` is told of what needed no look elsewhere."""
        self._clock = clock
        self._tally = tally
        self._digests: OrderedDict[tuple[str, RegistryCredential, str], tuple[str, float, int]] = (
            OrderedDict()
        )
        """What tags point to, when that was asked by the monotonic clock, and by that of the wall in milliseconds."""
        self._doubts: OrderedDict[tuple[str, str], float] = OrderedDict()
        """Since when answers on a tag, or on all of a repository, are doubted."""
        self._images: OrderedDict[tuple[str, str], TaggedImage | errors.TowpathError] = (
            OrderedDict()
        )
        self._tags: OrderedDict[
            tuple[str, RegistryCredential], tuple[str, list[str], str | None]
        ] = OrderedDict()
        self._tags_kept = 0

    def cached(
        self, address: ImageAddress, digest: str
    ) -> TaggedImage | errors.TowpathError | None:
        """Return what is known of a digest: its image, or why it is none."""
        key = (address.host + "/" + address.name, digest)
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
            if self._tally is not None:
                self._tally.looked(address.host, "memory")
        return found

    def keep(
        self, address: ImageAddress, digest: str, found: TaggedImage | errors.TowpathError
    ) -> None:
        """Remember what a digest stands for, or why it is no image: both stay so."""
        self._images[address.host + "/" + address.name, digest] = found
        while len(self._images) > _MOST_KEPT:
            self._images.popitem(last=False)

    def recent_digest(
        self,
        address: ImageAddress,
        credential: RegistryCredential,
        tag: str,
        seconds: float = RECENT_SECONDS,
    ) -> str | None:
        """Return what a tag pointed to at most `seconds` ago, None if nobody has asked since, or it was pushed since.

        Where no number of seconds is too many, tags never move, whatever was pushed.
        """
        found = self.remembered(address, credential, tag)
        if found is None or found.age > seconds:
            return None
        return None if found.is_doubted and seconds != float("inf") else found.digest

    def remembered(
        self, address: ImageAddress, credential: RegistryCredential, tag: str
    ) -> RememberedTag | None:
        """Return what a tag pointed to when it was asked about last; None if that is not known."""
        repository = f"{address.host}/{address.name}"
        found = self._digests.get((repository, credential, tag))
        if found is None:
            return None
        digest, asked_at, asked_on = found
        doubted = max(self._doubts.get((repository, each), float("-inf")) for each in (tag, _EVERY))
        return RememberedTag(
            digest, asked_on, self._clock.monotonic() - asked_at, asked_at < doubted
        )

    def doubt(self, address: ImageAddress, tags: Sequence[str]) -> None:
        """Have tags asked about anew, by whomever, as they were pushed; without any: all of the repository."""
        repository, now = f"{address.host}/{address.name}", self._clock.monotonic()
        for tag in tags or (_EVERY,):
            self._doubts[repository, tag] = now
            self._doubts.move_to_end((repository, tag))
        while len(self._doubts) > _MOST_KEPT:
            self._doubts.popitem(last=False)

    def moment(self) -> float:
        """Return the time by which answers are old."""
        return self._clock.monotonic()

    def keep_digest(
        self,
        address: ImageAddress,
        credential: RegistryCredential,
        tag: str,
        digest: str,
        asked_at: float,
    ) -> None:
        """Remember what a tag points to. `asked_at`: the `moment` before it was asked."""
        key = (f"{address.host}/{address.name}", credential, tag)
        asked_on = self._now() - round((self._clock.monotonic() - asked_at) * 1000)
        self._digests[key] = (digest, asked_at, asked_on)
        self._digests.move_to_end(key)
        self._bound()

    def told(self, address: ImageAddress, credential: RegistryCredential) -> list[ToldTag]:
        """Return what is known of the tags of a repository, for the process after this one."""
        repository = f"{address.host}/{address.name}"
        return [
            ToldTag(tag, digest, asked_on)
            for (where, whose, tag), (digest, _, asked_on) in self._digests.items()
            if where == repository and whose == credential
        ]

    def recall(
        self, address: ImageAddress, credential: RegistryCredential, told: Iterable[ToldTag]
    ) -> None:
        """Take on what the process before this one has told, but for what is known better, or is said to be of the future."""
        repository, now, moment = (
            f"{address.host}/{address.name}",
            self._now(),
            self._clock.monotonic(),
        )
        for each in told:
            key = (repository, credential, each.tag)
            if key not in self._digests and each.asked_on <= now:
                asked_at = moment - (now - each.asked_on) / 1000
                self._digests[key] = (each.digest, asked_at, each.asked_on)
        self._bound()

    def forget_before(
        self, address: ImageAddress, credential: RegistryCredential, moment: datetime
    ) -> None:
        """Forget what was answered on tags of a repository before a moment of the wall clock."""
        before = moment.timestamp() * 1000
        for each in self.told(address, credential):
            if each.asked_on < before:
                del self._digests[f"{address.host}/{address.name}", credential, each.tag]

    def _now(self) -> int:
        return round(self._clock.now().timestamp() * 1000)

    def _bound(self) -> None:
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
