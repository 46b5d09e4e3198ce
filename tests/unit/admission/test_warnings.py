"""Every way of writing warns alike: create, update, patch, apply, dry runs; and never refuses for it."""

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
from towpath.admission.requester import Requester
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import User

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.admission.written import Written
    from towpath.store.contract import Document, Stored

UNKNOWN = "there is no step 'wrok' here; did you mean work?"
MISSING = 'Warehouse "mian" does not exist; did you mean "main"?'


def _stage(name: str = "dev", *upstream: str) -> Document:
    stage = stage_document(name, *upstream)
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = [{"uses": "wrok"}]
    stage["spec"]["requestedFreight"][0]["origin"]["name"] = "mian"
    return stage


def _holds(written: Written, *parts: str) -> None:
    said = "\n".join(written.warnings)
    for part in parts:
        assert part in said, said


def _kargo(kind: str, name: str, **rest: Any) -> Document:
    metadata = {"name": name, "namespace": PROJECT}
    return {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": metadata, **rest}


async def _begin(world: Pipeline) -> None:
    await world.apply(project_document(), warehouse_document())


async def test_each_way_of_writing_warns(tmp_path: Path) -> None:
    """A dry run, too; and where nothing changes."""
    async with running(tmp_path) as world:
        await _begin(world)
        writer, stage = world.writer, _stage()
        ref = Ref(scheme.STAGE, PROJECT, "dev")
        _holds(await writer.create(stage, USER, dry_run=True), UNKNOWN, MISSING)
        _holds(await writer.create(stage, USER), UNKNOWN, MISSING)
        _holds(await writer.update(stage, USER), UNKNOWN, MISSING)
        _holds(await writer.update(stage, USER, dry_run=True), UNKNOWN, MISSING)
        _holds(await writer.change(ref, lambda old: old, USER, manager="m"), UNKNOWN, MISSING)
        _holds(await writer.apply(ref, stage, USER, manager="m", force=True), UNKNOWN, MISSING)
        other = Ref(scheme.STAGE, PROJECT, "other")
        _holds(await writer.apply(other, _stage("other"), USER, manager="m"), UNKNOWN, MISSING)
        fine = await writer.create(stage_document("fine"), USER)
        assert fine.warnings == ()


async def test_what_is_written_later_is_not_missed_any_more(tmp_path: Path) -> None:
    """A write is asked anew; what it is by itself stays."""
    async with running(tmp_path) as world:
        await _begin(world)
        written = await world.writer.create(_stage(), USER)
        await world.apply(warehouse_document("mian"))
        [said] = await world.writer.retold(written, USER)
        assert UNKNOWN in said


async def test_what_the_writer_may_not_see_is_not_told(tmp_path: Path) -> None:
    """Neither that it is missing, nor what there is."""
    async with running(tmp_path) as world:
        await _begin(world)
        stranger = Requester("email:x@example.com", user=User("x@example.com", ()))
        written = await world.writer.create(_stage(), stranger)
        [said] = written.warnings
        assert UNKNOWN in said
        controller = Requester("controller:x", is_controller=True)
        assert len((await world.writer.update(_stage(), controller)).warnings) == 1


@pytest.mark.parametrize("kind", ["PromotionTask", "ClusterPromotionTask"])
async def test_tasks_warn(tmp_path: Path, kind: str) -> None:
    """Of their steps, as Stages do."""
    steps = [{"uses": "wrok"}, {"uses": "fail", "config": {"a": 1}}, {"uses": "work", "if": "x"}]
    task = _kargo(kind, "t", spec={"steps": steps})
    if kind.startswith("Cluster"):
        del task["metadata"]["namespace"]
    async with running(tmp_path) as world:
        await _begin(world)
        written = await world.writer.create(task, USER)
        _holds(
            written, f"spec.steps[0].uses: {UNKNOWN}", "spec.steps[1].config", "spec.steps[2].if"
        )


async def test_a_stage_warns_of_tasks_and_stages_that_are_not_there(tmp_path: Path) -> None:
    """A circle is told as well."""
    stage = stage_document("prod", "tset")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = [{"task": {"name": "none"}}]
    async with running(tmp_path) as world:
        await _begin(world)
        await world.apply(stage_document("test", "prod"))
        written = await world.writer.create(stage, USER)
        _holds(written, 'Stage "tset" does not exist; did you mean "test"?', "no PromotionTask of")
        written = await world.writer.update(stage_document("prod", "test"), USER)
        _holds(written, "prod <- test <- prod: these Stages wait for one another")


async def test_circles_are_found_by_the_stages_above_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long ones, one of itself and one beside the Stage; how many Stages the Project has is no matter."""
    async with running(tmp_path) as world:
        await _begin(world)
        await world.apply(*(stage_document(f"beside-{number}") for number in range(20)))
        await world.apply(stage_document("a", "b"), stage_document("b", "c", "d"))
        await world.apply(stage_document("c", "d"), stage_document("d", "e"))
        read = []
        get = world.store.get

        async def counted(ref: Ref, **more: Any) -> Stored:
            read.append(ref.name)
            return await get(ref, **more)

        monkeypatch.setattr(world.store, "get", counted)
        written = await world.writer.create(stage_document("e", "b"), USER)
        _holds(written, "e <- b <- d <- e: these Stages wait for one another")
        assert not [each for each in read if each.startswith("beside-")]
        monkeypatch.undo()
        written = await world.writer.create(stage_document("f", "f"), USER)
        _holds(written, "f <- f: these Stages wait for one another")
        written = await world.writer.create(stage_document("g", "a"), USER)
        assert not any("wait for one another" in each for each in written.warnings)


async def test_policies_warn(tmp_path: Path) -> None:
    """In a ProjectConfig, and in the older form in a Project."""
    policies = [{"stageSelector": {"name": "tset"}, "autoPromotionEnabled": True}]
    config = _kargo("ProjectConfig", PROJECT, spec={"promotionPolicies": policies})
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("test"))
        _holds(await world.writer.create(config, USER), '"tset" matches no Stage of the Project')
        _holds(await world.writer.update(project_document("tset"), USER), '"tset" matches no Stage')
        assert "matches no" not in "".join(
            (await world.writer.update(project_document("test"), USER)).warnings
        )


async def test_what_nothing_heeds_yet_is_told(tmp_path: Path) -> None:
    """Whoever writes what is kept and does nothing must not rely on it."""
    policies = [{"stage": "dev", "autoRollback": {"onPromotion": ["Failed"]}}]
    spec = {"promotionPolicies": policies}
    stage = stage_document("fleet")
    stage["spec"]["targets"] = {"selectors": [{"matchLabels": {"a": "b"}}]}
    asked = {"stage": "fleet", "freight": "f" * 40, "targets": [{"name": "eu"}]}
    round_ = _kargo("PromotionRequest", "r", spec=asked)
    async with running(tmp_path) as world:
        await _begin(world)
        _holds(
            await world.writer.create(_kargo("ProjectConfig", PROJECT, spec=spec), USER),
            "spec.promotionPolicies[0].autoRollback: it is kept, and nothing heeds it yet: ",
        )
        _holds(await world.writer.create(stage, USER), "spec.targets: promoting to Targets is not")
        _holds(
            await world.writer.create(_kargo("Target", "eu", spec={}), USER),
            "kind: of a Target it is",
        )
        _holds(await world.writer.create(round_, USER), "kind: of a PromotionRequest it is")


async def test_warehouses_and_configurations_warn_of_expressions(tmp_path: Path) -> None:
    """They are taken all the same."""
    git = {"repoURL": "https://git.example/a.git", "expressionFilter": "subject ="}
    warehouse = warehouse_document("git", freightCreationCriteria={"expression": "imageFrom("})
    warehouse["spec"]["subscriptions"] = [{"git": git}]
    async with running(tmp_path) as world:
        await _begin(world)
        written = await world.writer.create(warehouse, USER)
        _holds(
            written,
            "spec.subscriptions[0].git.expressionFilter: ",
            "spec.freightCreationCriteria.expression: ",
        )


async def test_secrets_warn(tmp_path: Path) -> None:
    """Of what they are by themselves, and of repositories that are not there; the values stay hidden."""
    secret: Document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": PROJECT},
        "stringData": {"repoURL": "registry.example/app", "username": "u", "password": "p"},
    }
    async with running(tmp_path) as world:
        await _begin(world)
        _holds(await world.writer.create(secret, USER), "looks like the credential of a repository")
        secret["metadata"]["labels"] = {"kargo.akuity.io/cred-type": "image"}
        assert (await world.writer.update(secret, USER)).warnings == ()
        secret["stringData"]["repoURL"] = "registry.example/other"
        written = await world.writer.update(secret, USER)
        _holds(written, "matches no image subscription or step of the Project")
        await world.apply(
            warehouse_document(
                "o", subscriptions=[{"image": {"repoURL": "registry.example/other"}}]
            )
        )
        assert await world.writer.retold(written, USER) == ()
        secret["stringData"]["repoURL"] = "https://registry.example/app"
        _holds(await world.writer.update(secret, USER), "named without https://")
