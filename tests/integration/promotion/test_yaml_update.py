"""`yaml-update` on large files: edited beside the event loop, and told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from towpath.promotion.step import Succeeded
from towpath.promotion.step_registry import Registered
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.promotion.work_directory import WorkDirectory
from towpath.runtime.aside import LIGHT, Aside

if TYPE_CHECKING:
    from pathlib import Path


class _Context:
    project = "shop"

    def __init__(self, root: Path, aside: Aside) -> None:
        self.directory = WorkDirectory(root)
        self.aside = aside


async def _edited(root: Path, aside: Aside, *updates: dict[str, Any]) -> Succeeded:
    step = YamlUpdate()
    config: Any = Registered(step).read({"path": "values.yaml", "updates": list(updates)})
    context: Any = _Context(root, aside)
    outcome = await step.run(context, config)
    assert isinstance(outcome, Succeeded)
    return outcome


async def test_a_large_file_is_edited_beside_the_event_loop(tmp_path: Path) -> None:
    """The loop goes on meanwhile; the message says what changed, where, and from what."""
    flow = ", ".join(f'"app{number}": {{"tag": "v1"}}' for number in range(4_000))
    (tmp_path / "values.yaml").write_text(f"{{{flow}}}\n")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    async with Aside() as aside:
        ticking = asyncio.create_task(tick())
        outcome = await _edited(tmp_path, aside, {"key": "app3999.tag", "value": "v2"})
        ticking.cancel()
    assert ticks > 100
    assert outcome.message == "values.yaml: app3999.tag (line 1): v1 → v2"
    after = (tmp_path / "values.yaml").read_text()
    assert after == f"{{{flow}}}\n".replace('"app3999": {"tag": "v1"}', '"app3999": {"tag": "v2"}')


@pytest.mark.parametrize(
    "updates",
    [
        [{"key": "a", "value": "x y: " * 10_000}],
        [{"key": "a" * number, "value": 1} for number in range(1, 300)],
        [{"key": "a", "value": "x" * 100} for _ in range(300)],
    ],
)
async def test_what_a_small_file_becomes_counts_too(
    tmp_path: Path, updates: list[dict[str, Any]]
) -> None:
    """Long values, long keys and many updates cost as much as a large file does."""
    weights = list[int]()

    class Noting(Aside):
        async def run(self, *given: Any, weight: int, **more: Any) -> Any:
            weights.append(weight)
            return await super().run(*given, weight=weight, **more)

    (tmp_path / "values.yaml").write_text("\n".join(f"{'a' * n}: 1" for n in range(1, 300)))
    async with Noting() as aside:
        await _edited(tmp_path, aside, *updates[:1])
        await _edited(tmp_path, aside, *updates)
    assert weights[1] > max(LIGHT, sum(len(each["key"]) for each in updates))


@pytest.mark.parametrize("value", ["[" * 100_000, '{"a":' * 50_000, "9" * 5_000])
async def test_a_value_that_is_nearly_json_is_a_text(tmp_path: Path, value: str) -> None:
    """However deep."""
    (tmp_path / "values.yaml").write_text("a: 1\n")
    async with Aside() as aside:
        outcome = await _edited(tmp_path, aside, {"key": "a", "value": value})
    assert outcome.output is not None
    assert outcome.output["commitMessage"].startswith("Updated values.yaml")
    assert yaml.safe_load((tmp_path / "values.yaml").read_text()) == {"a": value}


async def test_keys_that_stand_twice_are_told(tmp_path: Path) -> None:
    """Where they are not edited themselves."""
    (tmp_path / "values.yaml").write_text("a: 1\nb: 2\nb: 3\n")
    async with Aside() as aside:
        outcome = await _edited(tmp_path, aside, {"key": "a", "value": 5.0})
    assert (tmp_path / "values.yaml").read_text() == "a: 5\nb: 2\nb: 3\n"
    assert "a (line 1): 1 → 5" in outcome.message
    assert "'b' is there twice, in line 2 and in line 3" in outcome.message
