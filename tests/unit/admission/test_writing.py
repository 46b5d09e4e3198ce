"""Writes against others' writes, and what a whole document does not take away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, project_document, running
from tests.support.serving import client
from towpath.errors import Conflict
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

REF = Ref(scheme.CONFIG_MAP, PROJECT, "a")


def _config(value: str = "", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": PROJECT, **metadata},
        "data": {"k": value},
    }


async def test_a_write_that_names_no_revision_outlives_the_writes_of_others(tmp_path: Path) -> None:
    """Only who names a revision is refused; patches are made anew on what is there then."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        first = (await world.writer.create(_config(), USER)).stored
        await asyncio.gather(*(world.writer.update(_config(str(n)), USER) for n in range(5)))

        def add(name: str) -> Any:
            return lambda found: {**found, "data": {**found["data"], name: "x"}}

        await asyncio.gather(
            *(world.writer.change(REF, add(f"p{n}"), USER, manager="m") for n in range(5))
        )
        found = await world.get(scheme.CONFIG_MAP, "a")
        assert found["data"].keys() == {"k", "p0", "p1", "p2", "p3", "p4"}
        with pytest.raises(Conflict):
            await world.writer.update(_config("z", resourceVersion=str(first.revision)), USER)


@pytest.mark.slow
async def test_a_manifest_takes_away_nothing_that_the_system_put_there(tmp_path: Path) -> None:
    """Finalizers, owners, its labels and annotations stay; a user's own go; who made it nobody can change."""
    mark = "kargo.akuity.io/"
    async with running(tmp_path) as world:
        await world.apply(project_document())
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "x"}
        await world.store.create(
            _config(
                "1",
                finalizers=["x.io/hold"],
                ownerReferences=[owner | {"apiVersion": "x.io/v1", "kind": "Unknown"}],
                labels={mark + "stage": "dev", "mine": "1"},
                annotations={mark + "create-actor": "ana", "mine": "1"},
            ),
            actor="test",
        )
        async with client(world) as caller:
            forged = _config("2", annotations={mark + "create-actor": "eve"})
            answer = await caller.put("/v1beta1/resources", json=forged)
        assert answer.status_code == 200, answer.text
        found = await world.get(scheme.CONFIG_MAP, "a")
        metadata = found["metadata"]
        assert found["data"] == {"k": "2"}
        assert metadata["finalizers"] == ["x.io/hold"]
        assert [each["kind"] for each in metadata["ownerReferences"]] == ["Unknown"]
        assert metadata["labels"] == {mark + "stage": "dev"}
        assert metadata["annotations"] == {mark + "create-actor": "ana"}


async def test_a_manifest_leaves_the_status_alone(tmp_path: Path) -> None:
    """Whatever status it has itself."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        ref = Ref(scheme.PROJECT, "", PROJECT)
        await world.settled()
        before = (await world.store.get(ref)).document["status"]
        forged = {**project_document(), "status": {"conditions": []}}
        forged["metadata"] = {**forged["metadata"], "labels": {"team": "x"}}
        await world.writer.update(forged, USER)
        found = (await world.store.get(ref)).document
        assert found["metadata"]["labels"]["team"] == "x"
        assert found["status"]["conditions"] == before["conditions"]
