"""What cannot be reached is waited for, by the key of its connection: who comes back is not noticed half a minute later."""

from __future__ import annotations

import pytest

from tests.support.applications import document
from tests.support.argocd import bench
from towpath.promotion.step import Waiting


@pytest.mark.parametrize("step", ["argocd-update", "argocd-wait", "argocd-sync"])
async def test_an_installation_that_is_away(step: str) -> None:
    """The wait names it, and what is in the way."""
    there = bench(document(), faults={"discovery": 1})
    found = await there.run(step)
    assert isinstance(found, Waiting)
    assert found.wake == ["argocd:in-memory"]
    assert "does not know Applications yet" in found.waiting_for
    again = await there.run(step)
    assert not isinstance(again, Waiting) or again.wake == ["argocd:in-memory/argocd/web"]
