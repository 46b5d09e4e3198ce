"""Projects: namespace, accounts and roles, counts, and what becomes of a namespace that is not theirs."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document


async def test_accounts_and_roles_come_with_a_project_and_are_kept(tmp_path: Path) -> None:
    """The creator is mapped to all three accounts; rules that somebody changed stay; all go in the end."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        for name in ("kargo-admin", "kargo-viewer", "kargo-promoter"):
            account = await world.get(scheme.SERVICE_ACCOUNT, name)
            annotations = account["metadata"]["annotations"]
            assert annotations["rbac.kargo.akuity.io/managed"] == "true"
            claims = json.loads(annotations["rbac.kargo.akuity.io/claims"])
            assert claims == {"email": ["dev@example.com"]}
            binding = await world.get(scheme.ROLE_BINDING, name)
            assert binding["subjects"][0]["name"] == binding["roleRef"]["name"] == name
        rules = (await world.get(scheme.ROLE, "kargo-promoter"))["rules"]
        assert {
            "apiGroups": ["kargo.akuity.io"],
            "resources": ["stages"],
            "verbs": ["promote"],
        } in rules
        assert not any("secrets" in rule["resources"] for rule in rules)
        viewer = await world.get(scheme.ROLE, "kargo-viewer")
        original, viewer["rules"] = viewer["rules"], []
        await world.writer.update(viewer, USER)
        await world.writer.annotate(Ref(scheme.PROJECT, "", PROJECT), {"touched": "1"}, USER)
        await world.settled()
        assert (await world.get(scheme.ROLE, "kargo-viewer")).get("rules", []) == []
        # One that an earlier version made does not say what it was made with: it is set back.
        ref = Ref(scheme.ROLE, PROJECT, "kargo-viewer")
        await world.store.patch(ref, _without_seed, actor="test")
        await world.writer.annotate(Ref(scheme.PROJECT, "", PROJECT), {"touched": "2"}, USER)
        await world.settled()
        assert (await world.get(scheme.ROLE, "kargo-viewer"))["rules"] == original
        cluster = f"kargo-project-admin-{PROJECT}"
        assert (await world.get(scheme.CLUSTER_ROLE, cluster))["rules"][0]["resourceNames"] == [
            PROJECT
        ]
        await world.writer.delete(Ref(scheme.PROJECT, "", PROJECT), USER)
        await world.settled()
        for kind, name in (
            (scheme.CLUSTER_ROLE, cluster),
            (scheme.CLUSTER_ROLE_BINDING, cluster),
            (scheme.ROLE, "kargo-admin"),
        ):
            with pytest.raises(NotFound):
                await world.get(kind, name)


def _without_seed(document: Document) -> Document:
    del document["metadata"]["annotations"]["towpath.dev/seeded"]
    return document


async def test_others_go_on_while_many_policies_are_looked_at(tmp_path: Path) -> None:
    """As many as there may be, none of which matches anything: the message tells of a few, and the loop is given away after each."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(*(f"gone{number}" for number in range(500))), stage_document("dev")
        )
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        counting = asyncio.create_task(count())
        await world.settled()
        counting.cancel()
        said = (await world.condition(scheme.PROJECT, PROJECT, "Ready"))[2]
        assert "18, 19 and 480 more) match no Stage" in said
        assert turns >= 500


async def test_counts_of_what_a_project_holds(tmp_path: Path) -> None:
    """Warehouses, and Stages that do something; how many are healthy; policies that match nothing are told."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(
            project_document("dev", "gone"),
            warehouse_document(automatic=True),
            stage_document("dev"),
            stage_document("prod", "dev"),
            stage_document("gate", "dev", steps=False),
        )
        await world.settled()
        await world.clock.advance(6)
        await world.settled()
        status = (await world.get(scheme.PROJECT, PROJECT))["status"]
        assert status["stats"] == {
            "warehouses": {"count": 1, "health": {"healthy": 1}},
            "stages": {"count": 2, "health": {"healthy": 1}},
        }
        ready = await world.condition(scheme.PROJECT, PROJECT, "Ready")
        assert ready[:2] == ("True", "Synced")
        assert "promotionPolicies (1) match no Stage" in ready[2]
        assert (await world.condition(scheme.PROJECT, PROJECT, "Deprecated"))[0] == "True"


async def test_a_namespace_that_lost_its_label_stalls_the_project(tmp_path: Path) -> None:
    """Until it has the label again."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        space = Ref(scheme.NAMESPACE, "", PROJECT)
        document = (await world.store.get(space)).document
        labels = document["metadata"].pop("labels")
        await world.store.update(document, actor="email:x")
        await world.writer.annotate(Ref(scheme.PROJECT, "", PROJECT), {"touched": "1"}, USER)
        await world.settled()
        assert (await world.condition(scheme.PROJECT, PROJECT, "Stalled"))[:2] == (
            "True", "ExistingNamespaceMissingLabel",
        )  # fmt: skip
        document = (await world.store.get(space)).document
        document["metadata"]["labels"] = labels
        await world.store.update(document, actor="email:x")
        await world.clock.advance(6)
        await world.settled()
        assert (await world.condition(scheme.PROJECT, PROJECT, "Ready"))[0] == "True"
        assert await world.condition(scheme.PROJECT, PROJECT, "Stalled") == ("", "", "")


async def test_deleting_the_namespace_deletes_the_project(tmp_path: Path) -> None:
    """And all that is in it."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        await world.writer.delete(Ref(scheme.NAMESPACE, "", PROJECT), USER)
        await world.settled()
        await world.clock.advance(5)
        await world.settled()
        for kind, name in (
            (scheme.PROJECT, PROJECT),
            (scheme.NAMESPACE, PROJECT),
            (scheme.STAGE, "dev"),
        ):
            with pytest.raises(NotFound):
                await world.get(kind, name)
