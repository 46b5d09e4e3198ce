"""Checkers of health: found by name, one beside the other, and none can hide the others or hold a Stage."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from towpath.clock import VirtualClock
from towpath.errors import Unavailable
from towpath.health.checker import CheckContext, Checked
from towpath.health.registry import SECONDS, CheckerRegistry
from towpath.resources.promotion import HealthCheckStep
from towpath.resources.stage import Health, HealthState

CONTEXT: Any = CheckContext(project="shop", stage="prod", argocd=None, images={})  # type: ignore[arg-type]


class _Well:
    name: ClassVar[str] = "well"

    async def check(self, context: CheckContext, config: Any) -> Checked:
        assert context.stage == "prod"
        return Checked(health=Health(status=HealthState.HEALTHY, output={"given": config}))


class _Away(_Well):
    name: ClassVar[str] = "away"

    async def check(self, context: CheckContext, config: Any) -> Checked:  # noqa: ARG002
        raise Unavailable("nobody answers")


class _Faulty(_Well):
    name: ClassVar[str] = "faulty"

    async def check(self, context: CheckContext, config: Any) -> Checked:  # noqa: ARG002
        raise KeyError("a secret, perhaps")


class _Stuck(_Well):
    name: ClassVar[str] = "stuck"

    async def check(self, context: CheckContext, config: Any) -> Checked:  # noqa: ARG002
        await asyncio.Event().wait()
        raise AssertionError


def _steps(*names: str) -> list[HealthCheckStep]:
    return [HealthCheckStep(uses=name, config={"a": 1}) for name in names]


async def test_each_says_what_it_found() -> None:
    """In the order of the checks; what goes wrong is Unknown, with a text that a person can act on."""
    registry = CheckerRegistry([_Well(), _Away(), _Faulty()], VirtualClock())
    found = await registry.check(_steps("well", "away", "faulty", "unheard-of"), CONTEXT)
    assert [each.health.status for each in found] == ["Healthy", "Unknown", "Unknown", "Unknown"]
    assert found[0].health.output == {"given": {"a": 1}}
    said = [each.health.issues[0] for each in found[1:]]
    assert said[0] == "health check away of Stage prod: nobody answers"
    assert "KeyError" in said[1]
    assert "secret" not in said[1]
    assert "no health checker 'unheard-of' here" in said[2]


async def test_one_that_does_not_end_is_ended() -> None:
    """Nobody waits for it longer than its time."""
    clock = VirtualClock()
    registry = CheckerRegistry([_Stuck()], clock)
    checking = asyncio.ensure_future(registry.check(_steps("stuck"), CONTEXT))
    await clock.advance(SECONDS + 1)
    [found] = await checking
    assert found.health.status == HealthState.UNKNOWN
    assert "took longer than 15 s" in found.health.issues[0]


def test_names_are_unique_and_ours_is_installed() -> None:
    """By entry points of their group."""
    with pytest.raises(ValueError, match="two health checkers are named well"):
        CheckerRegistry([_Well(), _Well()], VirtualClock())
    assert "argocd-update" in CheckerRegistry.installed(VirtualClock()).names
