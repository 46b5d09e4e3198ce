"""What steps of a hook were told in confidence is there for its next try, whoever asks for that, and goes with its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hooking import hook_document
from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.promotion.stored_journal import journal_of
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, REFRESH
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline
    from towpath.store.contract import Document

TOKEN = "hunter2-hunter2"
STEPS = [
    {"uses": "compose-output", "as": "first", "config": {"a": '${{ secret("vault").token }}'}},
    {
        "uses": "fail",
        "as": "no",
        "if": '${{ configMap("switch").say == "no" }}',
        "config": {"message": "no"},
    },
    {
        "uses": "compose-output",
        "as": "last",
        "config": {"same": f"${{{{ outputs.first.a == '{TOKEN}' }}}}"},
    },
]
"""Of these none needs files, which go when a run ends."""


def _switch(say: str) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "switch", "namespace": PROJECT},
        "data": {"say": say},
    }


async def _failed(world: Pipeline, **spec: Any) -> Ref:
    """Have a hook run that fails at its second step, and return the run."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "vault", "namespace": PROJECT},
        "stringData": {"token": TOKEN},
    }
    hook = hook_document(steps=STEPS, **spec)
    await world.apply(project_document(), warehouse_document(), stage_document("dev"), secret, hook)
    await world.apply(_switch("no"))
    await world.promote("dev", await world.freight("1"))
    await world.settled()
    [run] = (await world.store.list(Query(kind=scheme.HOOK_RUN, namespace=PROJECT))).items
    return run.ref


async def _ask(world: Pipeline, run: Ref, key: str, value: str) -> dict[str, Any]:
    document = await world.get(run.kind, run.name)
    document["metadata"].setdefault("annotations", {})[key] = value
    await world.writer.update(document, USER)
    await world.settled()
    return await world.status(run.kind, run.name)


async def _is_kept(world: Pipeline, run: Ref) -> bool:
    name = journal_of(run).name
    page = await world.store.list(Query(kind=scheme.PROMOTION_JOURNAL, namespace=PROJECT))
    return any(each.ref.name == name and "data" in each.document for each in page.items)


async def test_a_run_that_failed_goes_on_with_the_secrets_it_had(tmp_path: Path) -> None:
    """Also in another process, and though the Secret has gone: its first step is not run again. Then nothing is kept."""
    async with running(tmp_path) as world:
        run = await _failed(world, retry={"attempts": 1})
        assert (await world.status(run.kind, run.name))["phase"] == "Failed"
        assert await _is_kept(world, run)
        await world.writer.delete(Ref(scheme.SECRET, PROJECT, "vault"), USER)
    async with running(tmp_path) as world:
        await world.apply(_switch("yes"))
        await world.settled()
        status = await _ask(world, run, REFRESH, "1")
        assert status["phase"] == "Succeeded", status
        assert status["state"] == {"first": {"a": "***"}, "no": None, "last": {"same": True}}
        assert not await _is_kept(world, run)


@pytest.mark.parametrize("attempts", [1, 2])
async def test_what_was_told_goes_with_a_run_that_somebody_ends(
    tmp_path: Path, attempts: int
) -> None:
    """After it failed, and while it waits for another try."""
    async with running(tmp_path) as world:
        run = await _failed(world, retry={"attempts": attempts, "backOff": "1h"})
        assert await _is_kept(world, run)
        status = await _ask(world, run, ABORT, '{"action": "terminate"}')
        assert status["phase"] == "Aborted"
        assert not await _is_kept(world, run)
