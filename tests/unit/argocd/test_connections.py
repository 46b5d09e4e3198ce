"""Connections: each on its own, defined and withdrawn while others run, and asked by Stages."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from tests.support.argocd_answers import application
from tests.support.argocd_fake import FakeArgoCD, Opener, changed, definition, snapshot
from towpath import errors
from towpath.argocd.connections import ApplicationChange, Connections
from towpath.argocd.definition import Origin
from towpath.argocd.kept_fields import MOST_BYTES
from towpath.argocd.reach import State
from towpath.clock import VirtualClock, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STAGE = "kargo.akuity.io/authorized-stage"


@dataclass
class World:
    """Connections to installations in memory."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    opener: Opener = field(default_factory=Opener)
    told: list[ApplicationChange] = field(default_factory=list)
    turned: list[tuple[str, State]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.all = Connections(self.opener, self.clock, jitter=lambda: 0.5)
        self.all.listen(
            self.told.append, lambda one: self.turned.append((one.name, one.reach.state))
        )

    def installation(self, name: str) -> FakeArgoCD:
        """Return a new installation behind a name."""
        self.opener.there[name] = made = FakeArgoCD()
        return made


@asynccontextmanager
async def connected() -> AsyncIterator[World]:
    """Have connections while the context lasts."""
    world = World()
    try:
        yield world
    finally:
        await world.all.close()


async def test_one_that_is_down_blocks_no_other() -> None:
    """It says what is in the way, and whoever asks it is told at once."""
    async with connected() as world:
        good = world.installation("good")
        world.opener.errors["bad"] = errors.BadRequest("kubeconfig /x: it cannot be read")
        world.all.define(definition("bad"))
        world.all.define(definition("good"))
        await settle()
        good.tell(*snapshot(application("a")))
        good.there["argocd/a"] = application("a")
        await settle()
        assert world.all.get("good").is_current
        assert await world.all.get("good").api.get("argocd", "a") == application("a")
        bad = world.all.get("bad")
        assert (bad.reach.state, bad.reach.error) == (
            State.DOWN,
            "kubeconfig /x: it cannot be read",
        )
        with pytest.raises(errors.Unavailable, match="connection bad is not open: kubeconfig /x"):
            await bad.application("argocd", "a")


async def test_a_connection_that_comes_back_is_opened_anew() -> None:
    """Its credentials are read again then; the index has what there was meanwhile."""
    async with connected() as world:
        api = world.installation("prod")
        world.all.define(definition("prod"))
        await settle()
        api.tell(*snapshot(application("a")), errors.Unauthenticated("token expired"))
        await settle()
        found = world.all.get("prod")
        assert (found.reach.state, len(found.index)) == (State.DOWN, 1)
        await world.clock.advance(2)
        assert world.opener.opened == ["prod", "prod"]
        api.tell(*snapshot(application("a"), application("b")))
        await settle()
        assert (found.reach.state, len(found.index)) == (State.CONNECTED, 2)
        assert world.turned == [
            ("prod", State.CONNECTING),
            ("prod", State.CONNECTED),
            ("prod", State.DOWN),
            ("prod", State.CONNECTED),
        ]


async def test_a_fault_of_ours_ends_no_connection() -> None:
    """It is said, logged, and tried again."""
    async with connected() as world:
        world.opener.errors["prod"] = KeyError("x")
        world.all.define(definition("prod"))
        await settle()
        assert "a fault in Towpath: KeyError" in world.all.get("prod").reach.error
        api = world.installation("prod")
        del world.opener.errors["prod"]
        await world.clock.advance(2)
        api.tell(*snapshot())
        await settle()
        assert world.all.get("prod").is_current


async def test_stages_are_told_of_changes_if_the_connection_serves_them() -> None:
    """An annotation alone opens no way from one Project's connection to another Project."""
    async with connected() as world:
        api = world.installation("prod")
        world.all.define(definition("prod", "shop"))
        metadata = {"annotations": {STAGE: "shop:prod,bank:prod"}}
        await settle()
        api.tell(*snapshot(), changed(application("a", 3, metadata=metadata)))
        await settle()
        assert world.told == [
            ApplicationChange("prod", "argocd", "a", (("shop", "prod"),), matters=True)
        ]


async def test_a_definition_that_changes_takes_effect() -> None:
    """Another credential opens it anew and keeps what is known; other Projects do not even that."""
    async with connected() as world:
        api = world.installation("prod")
        first = definition("prod", "shop")
        world.all.define(first)
        await settle()
        api.tell(*snapshot(application("a")))
        await settle()
        world.all.define(first)
        world.all.define(replace(first, projects=("bank",)))
        await settle()
        assert world.opener.opened == ["prod"]
        assert world.all.serving("bank").name == "prod"
        world.all.define(definition("prod", "bank", token="another"))
        await settle()
        assert world.opener.opened == ["prod", "prod"]
        assert len(world.all.get("prod").index) == 1


async def test_another_installation_behind_the_name_counts_whatever_its_versions_are() -> None:
    """Versions of two clusters cannot be compared: what the former one said of an Application of that name is over."""
    async with connected() as world:
        api = world.installation("prod")
        world.all.define(definition("prod"))
        await settle()
        api.tell(*snapshot(application("a", 900_000)))
        await settle()
        moved = world.installation("prod")
        world.all.define(definition("prod", token="of another cluster"))
        await settle()
        moved.tell(*snapshot(application("a", 7, status={"health": {"status": "Degraded"}})))
        await settle()
        found = await world.all.get("prod").application("argocd", "a")
        assert (found or {})["status"]["health"]["status"] == "Degraded"


async def test_a_resource_does_not_take_the_name_of_the_operators() -> None:
    """Nor end it."""
    async with connected() as world:
        world.installation("prod")
        world.all.define(definition("prod"))
        with pytest.raises(errors.AlreadyExists, match=r"operator's configuration has .* prod"):
            world.all.define(definition("prod", origin=Origin.RESOURCE))
        world.all.withdraw("prod")
        assert world.all.get("prod").name == "prod"


async def test_a_connection_that_is_withdrawn_is_gone() -> None:
    """Whoever names it is told which there are."""
    async with connected() as world:
        world.installation("prod")
        world.installation("test")
        world.all.define(definition("prod", origin=Origin.RESOURCE))
        world.all.define(definition("test"))
        await settle()
        world.all.withdraw("prod")
        with pytest.raises(errors.NotFound, match="no Argo CD connection 'prod'; there is"):
            world.all.get("prod")
        assert [each.name for each in world.all.every()] == ["test"]


async def test_what_is_kept_serves_while_it_is_current() -> None:
    """Else the installation is asked, and the truth of it counts."""
    async with connected() as world:
        api = world.installation("prod")
        world.all.define(definition("prod"))
        await settle()
        api.tell(*snapshot(application("a")))
        await settle()
        found = world.all.get("prod")
        assert (await found.application("argocd", "a") or {})["status"]["health"][
            "status"
        ] == "Healthy"
        api.there["argocd/a"] = {"spec": {"project": "asked"}}
        api.tell(errors.Unavailable("away"), errors.Unavailable("away"))
        await world.clock.advance(2)
        assert found.reach.state is State.DOWN
        assert await found.application("argocd", "a") == {"spec": {"project": "asked"}}
        api.there["argocd/a"]["status"] = {
            "conditions": [{"type": "ComparisonError", "message": "x" * 100_000}] * 30
        }
        bounded = await found.application("argocd", "a")
        assert len(json.dumps(bounded)) <= MOST_BYTES, "it becomes part of a Stage's status"


async def test_a_refresh_is_asked_for_once_in_half_a_minute() -> None:
    """Of each Application; one that was refused does not count."""
    async with connected() as world:
        api = world.installation("prod")
        world.all.define(definition("prod"))
        await settle()
        found = world.all.get("prod")
        asked = [await found.refresh("argocd", name, "hard") for name in ("a", "a", "b")]
        assert asked == [True, False, True]
        assert api.patches[0] == (
            "argocd/a",
            {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}},
        )
        await world.clock.advance(30)
        api.error = errors.Forbidden("no")
        with pytest.raises(errors.Forbidden):
            await found.refresh("argocd", "a")
        api.error = None
        assert await found.refresh("argocd", "a")
        assert found.reach.counts.refreshes == 3


async def test_calls_are_measured() -> None:
    """How many, how many failed, how long they take."""
    async with connected() as world:
        api = world.installation("prod")
        world.all.define(definition("prod"))
        await settle()
        found = world.all.get("prod")
        await found.api.get("argocd", "a")
        api.error = errors.Unavailable("away")
        with pytest.raises(errors.Unavailable):
            await found.api.project("argocd", "p")
        counts = found.reach.counts
        assert (counts.calls, counts.failed_calls, found.reach.latency_seconds) == (2, 1, 0.0)
