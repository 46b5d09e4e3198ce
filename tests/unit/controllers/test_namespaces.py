"""Namespaces: emptied when they are deleted, gone when nothing holds them, brought in line when they are older."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Kind, Ref

if TYPE_CHECKING:
    from pathlib import Path

SPACE = Ref(scheme.NAMESPACE, "", "own")
HELD = Ref(scheme.CONFIG_MAP, "own", "held")
KEEP = {"kargo.akuity.io/keep-namespace": "true"}


def namespace(**metadata: Any) -> dict[str, Any]:
    """Return a Namespace that is no Project's."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "own", **metadata}}


def inside(kind: str, name: str, api_version: str = "v1", **metadata: Any) -> dict[str, Any]:
    """Return an object in it."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "own", **metadata},
    }


async def is_there(world: Pipeline, ref: Ref) -> bool:
    """Whether an object exists."""
    try:
        await world.store.get(ref)
    except NotFound:
        return False
    return True


async def held_by(world: Pipeline) -> tuple[list[str], list[str], str]:
    """Return finalizers of metadata and of spec, and the phase."""
    document = (await world.store.get(SPACE)).document
    metadata = document["metadata"].get("finalizers") or []
    return metadata, document["spec"].get("finalizers") or [], document["status"]["phase"]


async def test_all_that_is_in_it_goes_and_then_it_goes(tmp_path: Path) -> None:
    """Objects of every kind there is in a namespace; those of another namespace stay."""
    async with running(tmp_path) as world:
        await world.apply(
            namespace(),
            inside("ConfigMap", "a"),
            inside("Secret", "s"),
            inside("ServiceAccount", "x"),
            inside("Role", "r", "rbac.authorization.k8s.io/v1", labels={"l": "1"}),
            {**inside("ConfigMap", "a"), "metadata": {"name": "a", "namespace": "default"}},
        )
        await world.writer.delete(SPACE, USER)
        await world.settled()
        kinds: tuple[tuple[Kind, str], ...] = (
            (scheme.CONFIG_MAP, "a"),
            (scheme.SECRET, "s"),
            (scheme.SERVICE_ACCOUNT, "x"),
            (scheme.ROLE, "r"),
        )
        assert not [name for kind, name in kinds if await is_there(world, Ref(kind, "own", name))]
        assert not await is_there(world, SPACE)
        assert await is_there(world, Ref(scheme.CONFIG_MAP, "default", "a"))


async def test_it_waits_for_what_is_in_it(tmp_path: Path) -> None:
    """While something in it is held by its own finalizer it is Terminating, and what it waits for is told."""
    async with running(tmp_path) as world:
        await world.apply(namespace(), inside("ConfigMap", "held", finalizers=["example.com/hold"]))
        await world.writer.delete(SPACE, USER)
        await world.settled()
        assert await held_by(world) == ([], ["kubernetes"], "Terminating")
        waits = [found for each in world.controllers if (found := each.waiting(SPACE))]
        assert any("configmaps in it to be deleted" in str(found) for found in waits)
        await world.writer.modify(HELD, _free, USER)
        await world.clock.advance(2)
        await world.settled()
        assert not await is_there(world, SPACE)


async def test_finalizers_of_others_hold_it_when_it_is_empty(tmp_path: Path) -> None:
    """Those of its metadata, and those of its spec beside ours; it goes when both are gone."""
    async with running(tmp_path) as world:
        await world.apply(namespace(finalizers=["example.com/meta"]))
        await world.writer.finalize(SPACE, ["example.com/spec", "kubernetes"], USER)
        await world.writer.delete(SPACE, USER)
        await world.settled()
        assert await held_by(world) == (["example.com/meta"], ["example.com/spec"], "Terminating")
        await world.writer.modify(SPACE, _free, USER)
        await world.settled()
        assert await held_by(world) == ([], ["example.com/spec"], "Terminating")
        await world.writer.finalize(SPACE, [], USER)
        assert not await is_there(world, SPACE)


async def test_one_of_an_earlier_version_is_brought_in_line(tmp_path: Path) -> None:
    """It had neither phase nor finalizer nor label; what else it has stays."""
    async with running(tmp_path) as world:
        await world.store.create(namespace(labels={"a": "b"}), actor="x")
        await world.store.patch(SPACE, _without_spec, actor="x")
        await world.store.patch(SPACE, _without_status, actor="x", subresource="status")
        await world.settled()
        document = (await world.store.get(SPACE)).document
        assert document["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": "own"}
        assert await held_by(world) == ([], ["kubernetes"], "Active")
        revision = world.store.revision()
        await world.writer.annotate(SPACE, {"touched": "1"}, USER)
        await world.settled()
        assert world.store.revision() == revision + 1, "one that is in line is left alone"


async def test_a_namespace_that_is_kept_outlives_its_project(tmp_path: Path) -> None:
    """With all that is in it, and without our finalizer; then it can be deleted by itself."""
    async with running(tmp_path) as world:
        project = project_document()
        project["metadata"]["annotations"] = KEEP
        await world.apply(project, warehouse_document())
        await world.settled()
        await world.writer.delete(Ref(scheme.PROJECT, "", PROJECT), USER)
        await world.settled()
        assert not await is_there(world, Ref(scheme.PROJECT, "", PROJECT))
        space = await world.get(scheme.NAMESPACE, PROJECT)
        assert space["status"]["phase"] == "Active"
        assert "finalizers" not in space["metadata"]
        assert await is_there(world, Ref(scheme.WAREHOUSE, PROJECT, "main"))
        await world.writer.delete(Ref(scheme.NAMESPACE, "", PROJECT), USER)
        await world.settled()
        assert not await is_there(world, Ref(scheme.WAREHOUSE, PROJECT, "main"))
        assert not await is_there(world, Ref(scheme.NAMESPACE, "", PROJECT))


async def test_deleting_a_kept_namespace_takes_the_project_along(tmp_path: Path) -> None:
    """To keep it is a rule for when the Project is deleted: a Project is nothing without its namespace."""
    async with running(tmp_path) as world:
        project = project_document()
        project["metadata"]["annotations"] = KEEP
        await world.apply(project, warehouse_document(), stage_document("dev"))
        await world.settled()
        await world.writer.delete(Ref(scheme.NAMESPACE, "", PROJECT), USER)
        await world.settled()
        await world.clock.advance(5)
        await world.settled()
        for ref in (
            Ref(scheme.STAGE, PROJECT, "dev"),
            Ref(scheme.PROJECT, "", PROJECT),
            Ref(scheme.NAMESPACE, "", PROJECT),
        ):
            assert not await is_there(world, ref)


@pytest.mark.parametrize("name", ["default", "kargo"])
async def test_a_project_in_a_namespace_of_the_system_leaves_it(tmp_path: Path, name: str) -> None:
    """Where somebody labelled such a namespace and had a Project adopt it, the Project can still be deleted."""
    async with running(tmp_path) as world:
        space, project = Ref(scheme.NAMESPACE, "", name), Ref(scheme.PROJECT, "", name)
        await world.writer.modify(space, _labelled, USER)
        document = project_document()
        document["metadata"]["name"] = name
        await world.apply(document)
        await world.settled()
        assert await is_there(world, project)
        await world.writer.delete(project, USER)
        await world.settled()
        assert not await is_there(world, project)
        assert "deletionTimestamp" not in (await world.store.get(space)).document["metadata"]


def _free(metadata: dict[str, Any]) -> dict[str, Any]:
    metadata.pop("finalizers", None)
    return metadata


def _labelled(metadata: dict[str, Any]) -> dict[str, Any]:
    metadata["labels"] = {**metadata.get("labels", {}), "kargo.akuity.io/project": "true"}
    return metadata


def _without_spec(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "spec"}


def _without_status(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "status"}
