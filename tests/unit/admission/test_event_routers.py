"""What is told of EventRouters when they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.stores import opened
from towpath.admission.event_routers import EventRouterRules
from towpath.admission.requester import Requester

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_type_that_nothing_has_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    """A router that is never asked says nothing by itself."""
    async with opened(tmp_path) as store:
        types = ["PromotionSucceded", "PromotionFailed"]
        document = {"metadata": {"namespace": "shop"}, "spec": {"types": types, "channels": []}}
        [told] = await EventRouterRules(store).dangling(document, Requester("test"))
    assert told.startswith(
        "spec.types[0]: nothing that happens is called 'PromotionSucceded'; did you mean \"PromotionSucceeded\""
    )
