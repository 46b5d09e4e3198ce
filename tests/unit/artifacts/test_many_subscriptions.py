"""A Warehouse of many subscriptions asks some at a time, and may not have any number."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from towpath.artifacts.discoverer import AT_ONCE, Discoverer
from towpath.resources.structs import view
from towpath.resources.warehouse import ImageDiscoveryResult, Warehouse
from towpath.rules.subscriptions import MOST, subscription_errors

if TYPE_CHECKING:
    from towpath.artifacts.subscription import LookClients, Subscription


class _Counting:
    """A type that knows how many are looked at at the same time."""

    name: ClassVar[str] = "image"

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    async def discover(
        self, subscription: Subscription, clients: LookClients
    ) -> ImageDiscoveryResult:
        """Find nothing, after a while."""
        del clients
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(5):
            await asyncio.sleep(0)
        self.now -= 1
        return ImageDiscoveryResult(repo_url=subscription.config["repoURL"])


def _subscriptions(count: int) -> list[dict[str, Any]]:
    return [{"image": {"repoURL": f"example.com/a/b{number}"}} for number in range(count)]


async def test_some_are_looked_at_at_the_same_time_and_all_in_their_order() -> None:
    """Four thousand at once kept everybody else waiting for twelve seconds."""
    document = {
        "metadata": {"name": "w", "namespace": "p"},
        "spec": {"subscriptions": _subscriptions(100)},
    }
    counting = _Counting()
    discoverer = Discoverer([counting], cast("LookClients", None))
    found = await discoverer.discover(
        view(Warehouse, document), now=datetime(2026, 1, 2, tzinfo=UTC), manual=False
    )
    assert counting.most == AT_ONCE
    assert [each.repo_url for each in found.artifacts.images] == [
        f"example.com/a/b{number}" for number in range(100)
    ]


def test_a_warehouse_has_so_many_subscriptions_at_most() -> None:
    """More are refused without looking at each."""
    known = {"image": None}
    assert subscription_errors(_subscriptions(MOST), known) == []
    [wrong] = subscription_errors(_subscriptions(MOST + 1), known)
    assert wrong.path == "spec.subscriptions"
    assert wrong.type == "FieldValueTooMany"
