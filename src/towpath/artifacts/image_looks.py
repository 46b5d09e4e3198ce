"""Looks at images of one repository by their tags: which are asked about, and which of them come first."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.artifacts import image_verdicts, tag_turns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.oci import ImageRepository
    from towpath.clients.oci.manifest import Platform
    from towpath.clients.oci.registry_memory import RememberedTag
    from towpath.clients.oci.tagged_image import TaggedImage

_AT_ONCE: Final = 8
"""Images that are asked about at the same time."""
_TOGETHER: Final = 1000
"""Tags that are looked up in memory before others get the loop."""


@dataclass(frozen=True, slots=True)
class ImageLooks:
    """Looks at images of one repository."""

    repository: ImageRepository
    platform: Platform | None
    passed: dict[str, str]
    """Tags that were passed over, and why."""
    moves: bool
    asks_all: bool = False
    """Whether each tag is asked about, also where an answer of the last hour would do."""
    verdicts: Verdicts | None = None

    async def first(self, ordered: Sequence[str], limit: int) -> list[tuple[str, TaggedImage]]:
        """Return the images of the first tags that are there for the platform, in their order."""
        found: list[tuple[str, TaggedImage]] = []
        position = 0
        while position < len(ordered) and len(found) < limit:
            batch = ordered[position : position + min(_AT_ONCE, limit - len(found))]
            position += len(batch)
            decides = self.asks_all or (not found and bool(self.platform or self.passed))
            # The first decides what Freight is made; the others are for Freight by hand, and tags of versions hardly move.
            images = await asyncio.gather(
                *(self._or_none(tag, fresh=decides or tag == ordered[0]) for tag in batch)
            )
            found += [
                (tag, image)
                for tag, image in zip(batch, images, strict=True)
                if self._is_wanted(tag, image) and image is not None
            ]
        if self.verdicts is not None:
            self.verdicts.beyond(ordered[position:][:_AT_ONCE], len(ordered) - position, limit)
        return found

    async def newest(self, tags: Sequence[str], limit: int) -> list[tuple[str, TaggedImage]]:
        """Return the images that were built last and are there for the platform, the newest first.

        Asked about are tags of which nothing is known, those that were pushed since, those whose turn it is
        (`tag_turns`), and all that come first: what is returned is as it is now. Of the others the last answer is relied on.
        """
        due: list[str] = []
        found: dict[str, TaggedImage] = {}
        if not self.asks_all:
            await self.repository.reread(tags)
        for place, tag in enumerate(tags):
            if place % _TOGETHER == _TOGETHER - 1:
                await asyncio.sleep(0)
            known = None if self.asks_all else self.repository.known(tag)
            if known is None or (self.moves and _is_due(tag, known.remembered)):
                due.append(tag)
            else:
                self._note(tag, known.found, found)
        asked = set(due)
        await self._ask(due, found)
        while True:
            first = heapq.nlargest(limit, found.items(), key=_built)
            unsure = [tag for tag, _ in first if tag not in asked] if self.moves else []
            if not unsure:
                break
            asked.update(unsure)
            for tag in unsure:
                del found[tag]
            await self._ask(unsure, found)
        if self.verdicts is not None:
            behind = sorted(found.items(), key=_built, reverse=True)[limit:]
            self.verdicts.beyond([tag for tag, _ in behind], len(found) - limit, limit)
        return first

    async def _ask(self, tags: Sequence[str], found: dict[str, TaggedImage]) -> None:
        """Ask about tags, and add what they point to now."""
        for position in range(0, len(tags), _AT_ONCE):
            batch = tags[position : position + _AT_ONCE]
            images = await asyncio.gather(*(self._or_none(tag, fresh=True) for tag in batch))
            found |= {
                tag: image
                for tag, image in zip(batch, images, strict=True)
                if self._is_wanted(tag, image) and image is not None
            }

    def _note(
        self,
        tag: str,
        known: TaggedImage | errors.TowpathError,
        found: dict[str, TaggedImage],
    ) -> None:
        """Add what a tag was found to point to before."""
        image = None if isinstance(known, errors.TowpathError) else known
        if isinstance(known, errors.TowpathError):
            self.passed[tag] = known.message
        if self._is_wanted(tag, image) and image is not None:
            found[tag] = image

    def _is_wanted(self, tag: str, image: TaggedImage | None) -> bool:
        """Whether there is an image that is for the platform."""
        if image is None:
            if self.verdicts is not None:
                self.verdicts.exclude(tag, "manifest", self.passed.get(tag, ""))
            return False
        if self.platform is None or image.runs_on(self.platform):
            return True
        if self.verdicts is not None:
            self.verdicts.exclude(tag, "platform", image_verdicts.foreign(image))
        return False

    async def _or_none(self, tag: str, *, fresh: bool) -> TaggedImage | None:
        """Return the image of a tag; None if it has none, or is no image."""
        try:
            return await self.repository.image(tag, fresh=fresh, moves=self.moves)
        except errors.NotFound:
            self.passed[tag] = "it is listed, but the registry has no manifest for it"
        except (errors.Unsupported, errors.BadRequest) as error:
            self.passed[tag] = error.message
        return None


def _is_due(tag: str, remembered: RememberedTag) -> bool:
    return remembered.is_doubted or tag_turns.is_due(tag, remembered.asked_on, remembered.age)


def _built(item: tuple[str, TaggedImage]) -> tuple[float, str]:
    tag, image = item
    created: datetime | None = image.created
    return (created.timestamp() if created else float("-inf"), tag)
