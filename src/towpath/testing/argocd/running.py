"""Runs the steps about Argo CD, and the check of health, on an installation in memory: one look each.

Where a look is preceded by another that is not described, it is taken to have happened: Argo CD has compared since the step
began. A server that does not answer is asked six times by `argocd-update`; then the step counts as timed out.
"""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from towpath.clock import VirtualClock
from towpath.errors import NotFound, TowpathError
from towpath.health.argocd import ArgoCDChecker
from towpath.health.checker import CheckContext
from towpath.promotion.doors.argocd import ConnectedArgoCD, NoInstallations
from towpath.promotion.step import Errored, Failed, StepContext, Succeeded, Waiting
from towpath.promotion.step_registry import InvalidConfig, Registered
from towpath.promotion.steps.argocd_update import ArgoCDUpdate, examined
from towpath.promotion.steps.argocd_wait import ArgoCDWait
from towpath.rules.argocd.application import read
from towpath.rules.argocd.wait_verdict import LookState
from towpath.testing.argocd.in_memory import InMemoryArgoCD
from towpath.testing.running import told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.promotion.step import HealthCheck, Outcome, Step
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known

_LOOKS: Final = 6


class _Notes:
    """The journal of a step that runs once."""

    def noted(self, key: str) -> Any | None:
        del key
        return None

    async def note(self, key: str, value: Any, *, effect: Any) -> None:
        """Forget it."""


class _Compared(ConnectedArgoCD):
    """The door of a step that has asked Argo CD to compare, and was answered."""

    async def look(self, application: Application) -> tuple[LookState, str]:
        """Say that it was made."""
        del application
        return LookState.MADE, ""

    async def has_begun(self, application: Application) -> bool:
        """Say that an operation with the Promotion's name is the step's own."""
        del application
        return True

    async def related(self, application: Application, questions: Any) -> Known:
        """Say nothing: there are no repositories."""
        del application, questions
        return {}


class _Reading:
    """What checkers ask, of the installation in memory."""

    def __init__(self, there: InMemoryArgoCD | None) -> None:
        self._there = there

    async def namespace(self) -> str:
        """Return where Applications are. Raises NotFound where there is no installation."""
        if self._there is None:
            raise NotFound("there is no connection to an Argo CD")
        return self._there.namespace

    async def application(self, namespace: str, name: str) -> Application | None:
        """Return an Application."""
        document = await self._there.get(namespace, name) if self._there else None
        return read(document) if document is not None else None

    async def refresh(self, application: Application) -> None:
        """Ask for a comparison."""
        if self._there is not None:
            with contextlib.suppress(TowpathError):
                await self._there.refresh(application.namespace, application.name, "hard")

    async def related(self, application: Application, questions: Any) -> Known:
        """Say nothing: there are no repositories."""
        del application, questions
        return {}


async def update(given: Mapping[str, Any]) -> dict[str, Any]:
    """Look once as `argocd-update` does."""
    there, off = _installation(given)
    checks: list[HealthCheck | None] = []

    async def look(context: StepContext, config: Any) -> Outcome:
        found = await examined(context, config)
        checks.append(found.check)
        return found.outcome

    outcome = await _run(ArgoCDUpdate(), look, given, there, is_off=off, looks=_LOOKS)
    value = _told(outcome, there) | {"events": there.events}
    check = checks[-1] if checks else None
    if check is not None and isinstance(outcome, Succeeded | Waiting):
        value["healthCheck"] = {"kind": check.uses, "input": check.config}
    return value


async def wait(given: Mapping[str, Any]) -> dict[str, Any]:
    """Look once as `argocd-wait` does."""
    there, off = _installation(given)
    step = ArgoCDWait()
    return _told(await _run(step, step.run, given, there, is_off=off, looks=1), there)


async def check(given: Mapping[str, Any]) -> dict[str, Any]:
    """Look as the health check of Applications does."""
    there, off = _installation(given)
    context = CheckContext(
        project=str(given.get("project") or ""),
        stage=str(given.get("stage") or ""),
        argocd=_Reading(None if off else there),
        images={},
    )
    found = (await ArgoCDChecker().check(context, given.get("input"))).health
    value: dict[str, Any] = {
        "state": str(found.status),
        "issues": len(found.issues),
        "why": list(found.issues),
        "changed": there.changed(),
    }
    return value if found.output is None else {**value, "output": found.output}


def _installation(given: Mapping[str, Any]) -> tuple[InMemoryArgoCD, bool]:
    there = InMemoryArgoCD(
        given.get("applications") or (),
        namespace=str(given.get("argocdNamespace") or "argocd"),
        projects=given.get("appProjects") or (),
        faults=given.get("faults"),
    )
    return there, given.get("integration") is False


async def _run(
    step: Step[Any],
    look: Callable[[StepContext, Any], Awaitable[Outcome]],
    given: Mapping[str, Any],
    there: InMemoryArgoCD,
    *,
    is_off: bool,
    looks: int,
) -> Outcome:
    """Return what the step comes to, looked at again as long as nobody answers it."""
    try:
        config = Registered(step).read(given.get("config"))
    except InvalidConfig as error:
        return Failed(message=str(error))
    context = _context(given, there, is_off=is_off)
    outcome = await _once(look, context, config)
    for _ in range(looks - 1):
        if not there.is_unreachable:
            break
        outcome = await _once(look, context, config)
    if not there.is_unreachable:
        return outcome
    return Errored(message=f"timed out: {told(outcome)}")


async def _once(
    look: Callable[[StepContext, Any], Awaitable[Outcome]], context: StepContext, config: Any
) -> Outcome:
    try:
        return await look(context, config)
    except TowpathError as error:
        return Errored(message=error.message)


def _context(given: Mapping[str, Any], there: InMemoryArgoCD, *, is_off: bool) -> StepContext:
    project, stage, promotion, actor = (
        str(given.get(key) or "") for key in ("project", "stage", "promotion", "actor")
    )
    alias = str(given.get("alias") or "step-1")
    clock = VirtualClock()
    state = given.get("state")
    former = state.get(alias) if isinstance(state, dict) else None
    door = _Compared(
        NoInstallations() if is_off else there,
        stage=stage,
        clock=clock,
        journal=_Notes(),
        git=cast("Any", SimpleNamespace(project=project, promotion=promotion)),
    )
    return StepContext(
        project=project,
        stage=stage,
        promotion=promotion,
        actor=actor,
        alias=alias,
        started=clock.now(),
        directory=cast("Any", None),
        effects=cast("Any", SimpleNamespace(argocd=door)),
        aside=cast("Any", None),
        former=former if isinstance(former, dict) else {},
    )


def _told(outcome: Outcome, there: InMemoryArgoCD) -> dict[str, Any]:
    found: dict[str, Any] = {"changed": there.changed(), "why": told(outcome)}
    if getattr(outcome, "output", None) is not None:
        found["output"] = outcome.output
    match outcome:
        case Succeeded():
            return {**found, "status": "Succeeded"}
        case Waiting():
            return {**found, "status": "Running"}
        case Errored(final=final):
            return {**found, "status": "Errored", "terminal": final}
        case _:
            return {**found, "status": "Failed", "terminal": True}
