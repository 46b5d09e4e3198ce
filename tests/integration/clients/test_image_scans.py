"""What a second look at an unchanged repository costs, counted in requests to the demo's registry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import registry
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.clients.http import Egress
from towpath.clients.oci import Registries
from towpath.clock import SystemClock
from towpath.demo.image_registry import DemoRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.http import Response

HOST = "registry.example"


class _Counting(Egress):
    """Counts what is asked for."""

    asked = 0

    async def request(self, *args: Any, **kwargs: Any) -> Response:
        self.asked += 1
        return await super().request(*args, **kwargs)


class _Nobody:
    """No Secret matches."""

    async def find(self, *args: Any, **kwargs: Any) -> None:
        """Access is anonymous."""


def _subscription(*, manual: bool = False) -> Subscription:
    config = {
        "repoURL": f"{HOST}/acme/app",
        "imageSelectionStrategy": "NewestBuild",
        "cacheByTag": True,
        "discoveryLimit": 20,
    }
    return Subscription(
        project="shop",
        warehouse="images",
        name="",
        config=config,
        now=datetime(2026, 1, 1, tzinfo=UTC),
        is_manual=manual,
    )


async def test_tags_that_never_move_are_not_asked_about_again(tmp_path: Path) -> None:
    """At most 1 % of the first look's requests; a look asked for by hand sees a tag that did move."""
    served = DemoRegistry(tmp_path)
    try:
        with httpx.Client(base_url=served.url) as client:
            for number in range(60):
                registry.push(
                    client, "acme/app", f"1.{number}.0", created=f"2026-01-02T03:{number:02}:00Z"
                )
            allow = [served.url.removeprefix("http://")]
            clock = SystemClock()
            async with _Counting(allow=allow, clock=clock, per_second=10_000) as egress:
                nobody: Any = _Nobody()
                registries = Registries(egress, clock=clock, mirrors={HOST: [served.url]})
                clients = LookClients(registries=registries, credentials=nobody)
                first = await ImageType().discover(_subscription(), clients)
                cost = egress.asked
                again = await ImageType().discover(_subscription(), clients)
                assert again.references == first.references
                assert len(first.references) == 20
                assert (egress.asked - cost) * 100 <= cost, (cost, egress.asked - cost)

                moved = registry.push(client, "acme/app", "1.30.0", created="2026-05-01T00:00:00Z")
                by_hand = await ImageType().discover(_subscription(manual=True), clients)
                later = await ImageType().discover(_subscription(), clients)
    finally:
        served.close()
    for seen in (by_hand, later):
        assert (seen.references[0].tag, seen.references[0].digest) == ("1.30.0", moved)
