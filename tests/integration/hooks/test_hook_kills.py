"""SIGKILL at each point of handing on what happened: one run for each thing, whatever was lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.stores import ACTOR, document, opened
from towpath.admission import namespaces
from towpath.faults import VARIABLE
from towpath.hooks.taker_place import TakerPlace
from towpath.resources import scheme
from towpath.store.contract import Query

ROOT = Path(__file__).resolve().parents[3]
_PREFIX = "event.kargo.akuity.io/"


def _run(folder: Path, kill_at: str = "") -> int:
    command = [sys.executable, "-m", "tests.support.hook_child", str(folder)]
    environment = {**os.environ, VARIABLE: kill_at}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=120).returncode


def _event(number: int) -> dict[str, Any]:
    return document(
        scheme.EVENT,
        f"e{number}",
        annotations={f"{_PREFIX}stage-name": "dev"},
        reason="PromotionSucceeded",
        involvedObject={"kind": "Promotion", "name": "p", "namespace": "shop"},
        firstTimestamp="2026-01-01T00:00:00Z",
    )


@pytest.mark.parametrize(
    "point",
    [
        *("hooks.before-taking:1", "hooks.after-taking:1", "hooks.before-taking:3"),
        *("hooks.after-taking:2", "store.before-commit:2", "store.after-commit:2"),
    ],
)
async def test_one_run_for_each_thing_that_happened(tmp_path: Path, point: str) -> None:
    """A process that is killed is followed by one that goes on where it was."""
    spec = {
        "stageSelector": {"name": "dev"},
        "events": ["promotion-succeeded"],
        "steps": [{"uses": "compose-output"}],
    }
    async with opened(tmp_path) as store:
        await namespaces.ensure_system(store, actor=ACTOR)
        await store.create(document(scheme.STAGE, "dev", spec={}), actor=ACTOR)
        await store.create(document(scheme.STAGE_HOOK, "tell", spec=spec), actor=ACTOR)
        await TakerPlace(store, "hooks", actor=ACTOR).load()
        for number in range(200):
            await store.create(_event(number), actor=ACTOR)
    assert _run(tmp_path, point) == -signal.SIGKILL
    assert _run(tmp_path) == 0
    async with opened(tmp_path) as store:
        found = (await store.list(Query(kind=scheme.HOOK_RUN))).items
    happened = [item.document["spec"]["event"]["name"] for item in found]
    assert sorted(happened) == sorted(f"e{number}" for number in range(200))
