"""What is told of the images of a subscription: why the first wins, what decides between equals, what others are not for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.artifacts import selecting
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.oci.tagged_image import TaggedImage
    from towpath.resources.warehouse import ImageSubscription

_MOST_PLATFORMS: Final = 6
_SHORT_DIGEST: Final = 19
"""`sha256:` and twelve digits."""


def foreign(image: TaggedImage) -> str:
    """Return why an image is not for the platform that is wanted."""
    there = ", ".join(str(each) for each in image.platforms[:_MOST_PLATFORMS])
    more = len(image.platforms) - _MOST_PLATFORMS
    return f"it is for {there or 'no platform'}" + (f" and {more} more" if more > 0 else "")


def offer(
    verdicts: Verdicts, wanted: ImageSubscription, found: Sequence[tuple[str, TaggedImage]]
) -> None:
    """Tell what is found, in its order."""
    strategy = wanted.image_selection_strategy
    for place, (tag, image) in enumerate(found):
        before = found[place - 1] if place else None
        built = moments.whole_seconds(image.created) if image.created else ""
        digest = image.digest[:_SHORT_DIGEST]
        detail = f"{digest}, built {built}" if built else digest
        verdicts.offer(tag, _reason(strategy, tag, image, before), detail)


def _reason(
    strategy: str, tag: str, image: TaggedImage, before: tuple[str, TaggedImage] | None
) -> str:
    if before is None:
        return _WHY.get(strategy, "")
    if strategy == "NewestBuild":
        is_tie = image.created == before[1].created
        same = "built at the same time as" if image.created else "of no known time, as is"
    else:
        is_tie = strategy == "SemVer" and selecting.are_equal(tag, before[0])
        same = "the same version as"
    return f"{same} {before[0]}, whose name comes later" if is_tie else ""


_WHY: Final = {
    "SemVer": "the highest version that no rule keeps out",
    "Lexical": "the last by name that no rule keeps out",
    "NewestBuild": "the latest build that no rule keeps out",
    "Digest": "the tag that constraint names",
}
