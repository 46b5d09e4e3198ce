"""A repository with very many tags: they are selected beside the event loop, within memory and time that are bounded."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from towpath import errors
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.clients.oci.tagged_image import TaggedImage
from towpath.runtime.aside import Aside

_MANY = 60_000
_NEWEST = f"v1.{_MANY}.0"


class _Repository:
    """A repository at a registry, by its tags."""

    async def tags(self) -> list[str]:
        tags = [f"v1.{number}.0" for number in range(1, _MANY + 1)]
        tags += [f"v1.{number}.0-rc.1" for number in range(1, 100)]
        random.Random(1).shuffle(tags)
        return tags

    async def recall(self, *, since: datetime | None = None) -> None:
        """Nothing is known of it from before."""

    async def keep_tags(self) -> None:
        """Nothing is kept of it."""

    async def image(self, tag: str, *, fresh: bool = True, moves: bool = True) -> TaggedImage:
        del fresh, moves
        return TaggedImage(digest=f"sha256:{tag.encode().hex():0>64}", annotations={}, created=None)


class _Registries:
    def open(self, *_: Any, **__: Any) -> _Repository:
        return _Repository()


class _Nobody:
    async def find(self, *_: Any, **__: Any) -> None:
        """No Secret matches."""


class _Counting(Aside):
    """Notes how often others had the loop while work was done elsewhere."""

    ticks = 0
    heavy = 0

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        async def tick() -> None:
            while True:
                self.ticks += 1
                await asyncio.sleep(0)

        self.heavy += 1
        ticking = asyncio.create_task(tick())
        try:
            return await super().run(*args, **kwargs)
        finally:
            ticking.cancel()


def _subscription(**more: Any) -> Subscription:
    return Subscription(
        project="shop",
        warehouse="images",
        name="",
        config={"repoURL": "registry.example/app", "discoveryLimit": 2, **more},
        now=datetime(2026, 1, 1, tzinfo=UTC),
        is_manual=False,
    )


def _doors(aside: Aside | None) -> LookClients:
    registries: Any = _Registries()
    nobody: Any = _Nobody()
    return LookClients(registries=registries, credentials=nobody, aside=aside)


@pytest.mark.parametrize(
    "config",
    [
        {"constraint": "^1.0.0"},
        {"imageSelectionStrategy": "Lexical", "allowTagsRegexes": ["^v1"]},
        {"ignoreTagsRegexes": ["-rc"]},
    ],
)
async def test_the_loop_goes_on_while_tags_are_selected(config: dict[str, Any]) -> None:
    """Others have their turn meanwhile, and what is found is what is found at once."""
    async with _Counting() as aside:
        found = await ImageType().discover(_subscription(**config), _doors(aside))
    assert aside.heavy == 1
    assert aside.ticks > 100
    at_once = await ImageType().discover(_subscription(**config), _doors(None))
    assert found == at_once
    if "imageSelectionStrategy" not in config:
        assert found.references[0].tag == _NEWEST


async def test_a_rule_that_cannot_be_read_is_told_before_anybody_is_asked() -> None:
    """The registry is not asked for tags that nobody could choose among."""
    clients = LookClients(registries=_Nothing(), credentials=_Nobody())  # type: ignore[arg-type]  # neither is asked
    for config, field in (
        ({"constraint": "wrong!"}, "constraint"),
        ({"allowTagsRegexes": ["("]}, "allowTagsRegexes"),
    ):
        with pytest.raises(errors.Invalid, match=field):
            await ImageType().discover(_subscription(**config), clients)


class _Nothing:
    def open(self, *_: Any, **__: Any) -> _Repository:
        raise AssertionError("the registry was asked")
