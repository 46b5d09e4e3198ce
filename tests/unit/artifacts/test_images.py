"""What the subscription type `image` answers where there is nothing to ask a registry for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients, Subscription


class _Nobody:
    """No Secret matches."""

    async def find(self, *args: Any, **kwargs: Any) -> None:
        """Access is anonymous."""


class _Registries:
    """Opens repositories that must not be asked."""

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Nothing can be done with it."""


async def test_digest_without_a_tag_finds_nothing_and_says_why() -> None:
    """No registry is asked."""
    notes: list[str] = []
    subscription = Subscription(
        project="shop",
        warehouse="main",
        name="",
        config={"repoURL": "registry.example/app", "imageSelectionStrategy": "Digest"},
        now=datetime(2026, 1, 1, tzinfo=UTC),
        is_manual=False,
        note=notes.append,
    )
    clients = LookClients(registries=cast("Any", _Registries()), credentials=cast("Any", _Nobody()))
    found = await ImageType().discover(subscription, clients)
    assert found.references == []
    [said] = notes
    assert said.startswith("nothing can be found: ")
    assert "`constraint`" in said
