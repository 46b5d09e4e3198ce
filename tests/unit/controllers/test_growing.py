"""Objects whose status grows to the bound of an object: the status says what it leaves out, and passes go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    USER,
    project_document,
    running,
    warehouse_document,
)
from towpath.resources import scheme, sizes
from towpath.resources.kinds import Ref
from towpath.rules import fitting

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
async def test_a_warehouse_that_finds_more_with_every_look(tmp_path: Path) -> None:
    """Sixty subscriptions, each with more and longer tags: beyond the bound the object stays readable and is looked at."""
    ref = Ref(scheme.WAREHOUSE, PROJECT, "main")
    async with running(tmp_path) as world:
        subscriptions = [
            {"image": {"repoURL": f"{IMAGE}{number}", "discoveryLimit": 100}}
            for number in range(60)
        ]
        await world.apply(project_document(), warehouse_document(subscriptions=subscriptions))
        sizes_seen, said = [], set()
        for look in range(1, 8):
            world.images.tags = [f"{look}.{number}.0-{'x' * 110}" for number in range(15 * look)]
            await world.writer.annotate(ref, {"kargo.akuity.io/refresh": str(look)}, USER)
            await world.settled()
            stored = await world.store.get(ref)
            status = stored.document["status"]
            assert status["lastHandledRefresh"] == str(look)
            sizes_seen.append(len(stored.raw))
            said.add(await world.condition(scheme.WAREHOUSE, "main", fitting.SHORTENED))
        assert max(sizes_seen) <= sizes.LARGEST_BYTES
        assert ("", "", "") in said
        assert {(status, reason) for status, reason, _ in said} == {("", ""), ("True", "TooLarge")}
        looks = len(world.images.looks)
        assert looks >= 60 * 7
        world.images.tags = ["1.0.0"]
        await world.writer.annotate(ref, {"kargo.akuity.io/refresh": "small"}, USER)
        await world.settled()
        assert await world.condition(scheme.WAREHOUSE, "main", fitting.SHORTENED) == ("", "", "")
        found = (await world.status(scheme.WAREHOUSE, "main"))["discoveredArtifacts"]["images"]
        assert [each["references"][0]["tag"] for each in found] == ["1.0.0"] * 60
