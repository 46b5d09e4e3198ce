"""A plan keeps so many lines and no more, whatever ways it may go; each of its differences has an id of its own."""

from __future__ import annotations

from towpath.clients.git.objects.patches import ChangedFile
from towpath.promotion.plan.allowance import PlanAllowance


def _file(patch: str) -> ChangedFile:
    return ChangedFile(path="a", added=1, removed=0, is_binary=False, patch=patch)


def test_lines_are_kept_as_long_as_there_is_room() -> None:
    """What does not fit is told of without its lines; what is smaller may still fit."""
    allowance = PlanAllowance(room=10)
    kept = [allowance.kept(_file(patch)) for patch in ("+" * 6, "+" * 5, "+" * 4, "+", "")]
    assert [(len(each.patch), each.is_cut) for each in kept] == [
        (6, False), (0, True), (4, False), (0, True), (0, False),
    ]  # fmt: skip


def test_ids_differ() -> None:
    """Whatever they are of."""
    allowance = PlanAllowance()
    assert [allowance.numbered(each) for each in "ffo"] == ["f1", "f2", "o3"]
