"""Which tags of an image are selected: every case beside the checkout."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.support.shared import cases
from towpath.artifacts import images
from towpath.clients.oci.tagged_image import TaggedImage
from towpath.resources.structs import view
from towpath.resources.warehouse import ImageSubscription
from towpath.versions import tags

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Registry:
    """A repository whose images are those of a case."""

    def __init__(self, given: list[dict[str, Any]]) -> None:
        self._images = {
            each["tag"]: TaggedImage(each["digest"], {}, datetime.fromisoformat(each["createdAt"]))
            for each in given
        }

    async def tags(self) -> list[str]:
        return list(self._images)

    def known(self, tag: str) -> None:
        """Nobody has asked before."""

    async def reread(self, tags: Sequence[str]) -> None:
        """Nor has a process before."""

    async def image(self, tag: str, *, fresh: bool = True, moves: bool = True) -> TaggedImage:
        del fresh, moves
        return self._images[tag]


async def test_image_selection() -> None:
    """image-selection.jsonl. A subscription there has no defaults: what is not said is off."""
    wrong = []
    for case in cases("image-selection"):
        given = {"strictSemvers": False, **case["in"]["subscription"]}
        wanted = view(ImageSubscription, given)
        repository: Any = _Registry(case["in"]["images"])
        kind = images.ImageType()
        if wanted.image_selection_strategy == "Digest":
            found = await kind._by_digest(repository, wanted, None)
        else:
            ordered = tags.selected(await repository.tags(), images.selection_of(wanted))
            found = await kind._by_tags(repository, wanted, ordered, None)
        if [tag for tag, _ in found] != case["want"]["tags"]:
            wrong.append(case["id"])
    assert wrong == []
