"""The page about health checks: its example is a checker that the registry takes, and does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from towpath.clock import VirtualClock
from towpath.health.checker import CheckContext
from towpath.health.registry import CheckerRegistry
from towpath.resources.promotion import HealthCheckStep

PAGE = Path(__file__).resolve().parents[3] / "docs/contributing/add-a-health-check.md"


async def test_the_example_is_a_checker() -> None:
    """Well with few complaints, and with a text where there are more."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)
    registry = CheckerRegistry([names["QuietChecker"]()], VirtualClock())
    context: Any = CheckContext(project="shop", stage="prod", argocd=None, images={})  # type: ignore[arg-type]
    said = {"complaints": ["slow"], "most": 0}
    steps = [HealthCheckStep(uses="quiet", config=each) for each in ({}, said, None)]
    well, ill, broken = [each.health for each in await registry.check(steps, context)]
    assert well.status == "Healthy"
    assert (ill.status, ill.issues) == ("Unhealthy", ["Stage prod: 1 complaints, such as: slow"])
    assert broken.status == "Unknown"
