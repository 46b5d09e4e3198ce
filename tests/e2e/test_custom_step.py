"""The example of a package with a step: it is installed, its tests pass, and a server runs its step in a Promotion."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import packages, sandbox, towpath_process

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/custom-step"
STEPS: list[dict[str, Any]] = [
    {
        "uses": "release-note",
        "as": "one",
        "config": {"path": "NEWS", "text": "${{ ctx.promotion }}"},
    },
    {"uses": "release-note", "as": "two", "config": {"path": "NEWS", "text": "done"}},
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the package is installed into, with nothing else."""
    folder = tmp_path_factory.mktemp("custom-step")
    yield packages.install(EXAMPLE, folder)
    shutil.rmtree(folder)


def test_its_own_tests_pass(installed: Path, tmp_path: Path) -> None:
    """With the kit, which finds its entry point."""
    assert "4 passed" in packages.own_tests(EXAMPLE, installed, tmp_path)


def test_a_server_runs_it(installed: Path, tmp_path: Path) -> None:
    """Found by its entry point alone, and given what the operator says for it."""
    documents = list(yaml.safe_load_all((sandbox.EXAMPLE / "pipeline.yaml").read_text("utf-8")))
    for document in documents:
        if document["kind"] == "Stage":
            document["spec"]["promotionTemplate"]["spec"]["steps"] = STEPS
    with sandbox.outside(tmp_path) as (images, git):
        config = tmp_path / "config.yaml"
        settings = {"release-note": {"settings": {"mark": "* "}}}
        config.write_text(sandbox.config(images.url, git.url) + yaml.safe_dump({"steps": settings}))
        with towpath_process.up(tmp_path, config=config, PYTHONPATH=str(installed)) as server:
            world = sandbox.Sandbox(tmp_path, images, git, server)
            world.apply(world.credential(), *documents)
            world.push_image("2026-11-23_1542-1a2b3c4")
            world.refresh()

            def ended() -> Any:
                return [
                    each
                    for each in world.promotions("preprod")
                    if (each.get("status") or {}).get("finishedAt")
                ]

            [promotion] = world.until("the Promotion to end", ended)
    assert promotion["status"]["phase"] == "Succeeded", promotion["status"]
    state = promotion["status"]["state"]
    assert state["two"] == {"line": "* preprod: done", "lines": 2}
    assert state["one"]["lines"] == 1
