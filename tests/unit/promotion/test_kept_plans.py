"""Which plans are kept: those of no Project go for those of another that makes many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from towpath.promotion.plan import kept
from towpath.promotion.plan.kept import KeptPlans
from towpath.promotion.plan.made import Gone, Plan, Variant

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _plan(number: int, project: str, size: int = 0) -> Plan:
    return Plan(
        id=f"{number:016x}",
        project=project,
        project_uid="u",
        stage="dev",
        freight="f",
        actor="a",
        made=datetime(2026, 1, 1, tzinfo=UTC),
        variants=[Variant(document={"x": "x" * size}, files={}, objects={})],
        bases=[],
        seen={},
    )


async def _there(plans: KeptPlans, *numbers: int) -> list[int]:
    found = [(number, await plans.find(f"{number:016x}")) for number in numbers]
    return [number for number, plan in found if isinstance(plan, Plan)]


async def test_the_oldest_of_who_has_most_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quiet Project keeps its plans; after a restart it is told apart as before."""
    monkeypatch.setattr(kept, "MOST_PLANS", 4)
    plans = KeptPlans(tmp_path)
    await plans.start()
    for number, project in enumerate(["quiet", "busy", "busy", "busy", "busy"]):
        await plans.keep(_plan(number, project))
    assert await _there(plans, *range(5)) == [0, 2, 3, 4]
    plans = KeptPlans(tmp_path)
    await plans.start()
    await plans.keep(_plan(5, "busy"))
    assert await _there(plans, *range(6)) == [0, 3, 4, 5]
    assert isinstance(await plans.find(f"{1:016x}"), Gone)
    await plans.keep(_plan(6, "quiet"))
    assert await _there(plans, *range(7)) == [0, 4, 5, 6]
    await plans.keep(_plan(7, "third"))
    assert await _there(plans, *range(8)) == [4, 5, 6, 7], "of two that have as many, the oldest"


async def test_the_largest_goes_where_it_is_bytes_that_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the newest stays, whatever it takes."""
    monkeypatch.setattr(kept, "MOST_BYTES", 3_000)
    plans = KeptPlans(tmp_path)
    await plans.start()
    await plans.keep(_plan(0, "small"))
    await plans.keep(_plan(1, "large", 1_500))
    await plans.keep(_plan(2, "small"))
    await plans.keep(_plan(3, "large", 1_500))
    assert await _there(plans, 0, 1, 2, 3) == [0, 2, 3]
    await plans.keep(_plan(4, "large", 9_000))
    assert await _there(plans, 0, 2, 3, 4) == [4]


async def test_what_is_no_file_among_the_plans_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders and links that lead nowhere, whatever they are called: the server starts, and plans are kept beside them."""
    monkeypatch.setattr(kept, "MOST_PLANS", 1)
    name = f"{0:016d}-{9:016x}-busy.plan"
    (tmp_path / "lost+found").mkdir()
    (tmp_path / name).mkdir()
    (tmp_path / f"{0:016d}-{8:016x}-busy.plan").symlink_to(tmp_path / "nowhere")
    (tmp_path / "half-written").write_bytes(b"{")
    plans = KeptPlans(tmp_path)
    await plans.start()
    assert len(plans) == 0
    assert not (tmp_path / "half-written").exists()
    for number in range(2):
        await plans.keep(_plan(number, "busy"))
    assert await _there(plans, 0, 1, 8, 9) == [1]
    assert (tmp_path / name).is_dir()
