"""Steps about Argo CD on an installation in memory: the real steps and the real door."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from tests.support.applications import PROJECT, PROMOTION, STAGE
from towpath.clock import VirtualClock
from towpath.promotion.doors.argocd import BEGUN, ConnectedArgoCD
from towpath.promotion.step import StepContext
from towpath.promotion.step_registry import StepRegistry
from towpath.rules.argocd.application import Application, read
from towpath.testing.argocd import InMemoryArgoCD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from towpath.promotion.effects.argocd import ArgoCDDoor
    from towpath.promotion.step import Outcome

REGISTRY = StepRegistry.installed()


class Notes:
    """A journal that lasts as long as the test."""

    def __init__(self) -> None:
        self.notes: dict[str, Any] = {}

    def noted(self, key: str) -> Any | None:
        """Return what was noted."""
        return self.notes.get(key)

    async def note(self, key: str, value: Any, *, effect: Any) -> None:
        """Note it."""
        del effect
        self.notes[key] = value


@dataclass
class Bench:
    """A Promotion and an installation."""

    there: InMemoryArgoCD
    clock: VirtualClock = field(default_factory=VirtualClock)
    notes: Notes = field(default_factory=Notes)
    actor: str = ""
    promotion: str = PROMOTION
    former: dict[str, Any] = field(default_factory=dict)
    related: Callable[[Application, Sequence[Any]], Any] | None = None
    door: ArgoCDDoor | None = None

    def made(self) -> ArgoCDDoor:
        """Return the door of a step."""
        if self.door is None:
            git = SimpleNamespace(project=PROJECT, promotion=self.promotion)
            self.door = ConnectedArgoCD(
                self.there,
                stage=STAGE,
                clock=self.clock,
                journal=self.notes,
                git=cast("Any", git),
            )
        return self.door

    def context(self) -> StepContext:
        """Return what a step is told."""
        return StepContext(
            project=PROJECT,
            stage=STAGE,
            promotion=self.promotion,
            alias="step-1",
            actor=self.actor,
            started=self.clock.now(),
            directory=cast("Any", None),
            effects=cast("Any", SimpleNamespace(argocd=self.made())),
            aside=cast("Any", None),
            former=self.former,
        )

    async def run(self, uses: str, *apps: dict[str, Any]) -> Outcome:
        """Run a step once."""
        found = REGISTRY.find(uses)
        assert found is not None
        config = found.read({"apps": list(apps) or [{"name": "web"}]})
        outcome: Outcome = await found.step.run(self.context(), config)
        if outcome_output := getattr(outcome, "output", None):
            self.former = outcome_output
        return outcome

    def began(self, name: str = "web") -> Bench:
        """Have the step remember that it has begun an operation of an Application."""
        note = {"connection": "in-memory", "namespace": "argocd", "name": name, "before": ""}
        self.notes.notes.setdefault(BEGUN, []).append(note)
        return self

    async def change(self, patch: dict[str, Any], name: str = "web") -> None:
        """Change an Application as somebody else does."""
        await self.there.patch("argocd", name, patch)

    async def now(self, name: str = "web") -> Application:
        """Return an Application as it is now."""
        return read(await self.there.get("argocd", name))


def bench(*applications: dict[str, Any], **more: Any) -> Bench:
    """Return a bench with Applications; `more`: for the installation."""
    return Bench(InMemoryArgoCD(applications, **more))
