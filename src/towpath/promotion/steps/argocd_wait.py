"""`argocd-wait`: waits until Applications of Argo CD are in sync, well and at rest. It changes none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import errors
from towpath.messages import statements
from towpath.promotion.argocd_away import until_reached
from towpath.promotion.argocd_fields import (
    LOOK_SECONDS,
    MINUTES,
    ONE_WAY,
    PASSING,
    AppName,
    AppNamespace,
    AppSelector,
    ArgoCDAppsOutput,
    apps_output,
    which,
)
from towpath.promotion.step import BaseStep, Errored, Succeeded, Waiting
from towpath.resources.fields import Field, Struct
from towpath.rules import wake_keys
from towpath.rules.argocd.wait_verdict import USUAL, Waited, WaitFor, waited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.promotion.effects.argocd import ArgoCDDoor
    from towpath.promotion.step import Outcome, StepContext
    from towpath.rules.argocd.application import Application

_MOST_TOLD: Final = 3
_HEALTH: Final = "healthStatus"


class ArgoCDAppWait(Struct, kw_only=True):
    """Applications to wait for."""

    RULES: ClassVar = ONE_WAY

    name: AppName = None
    namespace: AppNamespace = None
    selector: AppSelector = None
    wait_for: Annotated[
        list[Annotated[str, Field(enum=tuple(WaitFor))]] | None,
        Field(
            "What to wait for. `health`, `suspended` and `degraded` are alternatives, all else must hold; `health`, `sync` and "
            "`operation` where it is not given.",
            min_items=1,
            list_type="set",
        ),
    ] = None


class ArgoCDWaitConfig(Struct, kw_only=True):
    """What to wait for."""

    apps: Annotated[list[ArgoCDAppWait], Field("The Applications.", min_items=1)]


class ArgoCDWaitOutput(ArgoCDAppsOutput, kw_only=True):
    """What was seen."""

    health_status: Annotated[
        dict[str, str],
        Field("The health of each Application, `NAMESPACE/NAME`, when it was looked at last."),
    ] = {}  # noqa: RUF012 - msgspec copies it


class ArgoCDWait(BaseStep):
    """Waits for Applications."""

    name: ClassVar[str] = "argocd-wait"
    config: ClassVar[type[Struct]] = ArgoCDWaitConfig
    output: ClassVar[type[Struct]] = ArgoCDWaitOutput
    timeout_seconds: ClassVar[float | None] = MINUTES
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: ArgoCDWaitConfig) -> Outcome:
        """Look once; what happens to the Applications wakes it again."""
        door = context.effects.argocd
        healths = remembered(context.former)
        seen: list[Application] = []
        missing: dict[str, str] = {}

        def output() -> dict[str, Any]:
            return {"apps": apps_output(seen), _HEALTH: dict(healths)}

        try:
            for entry in config.apps:
                found = await door.applications(which(entry))
                seen += found
                for application in found:
                    wanted = [WaitFor(each) for each in entry.wait_for or USUAL]
                    before = healths.get(application.key, "")
                    judged = await _judged(context, door, application, wanted, before)
                    if judged.health:
                        healths[application.key] = judged.health
                    if judged.is_final:
                        return Errored(message=judged.why, final=True, output=output())
                    if not judged.is_ready:
                        missing[application.key] = judged.why
            connection = await door.connection() if missing else ""
        except PASSING as error:
            return await until_reached(door, error.message)
        except (errors.NotFound, errors.Invalid, errors.Forbidden) as error:
            return Errored(message=error.message)
        if not missing:
            said = ", ".join(f"{key} is {health}" for key, health in healths.items())
            return Succeeded(output=output(), message=said)
        return Waiting(
            waiting_for=statements(list(missing.values()), _MOST_TOLD),
            wake=[wake_keys.argocd(connection, key) for key in missing],
            again_seconds=LOOK_SECONDS,
            output=output(),
        )


async def _judged(
    context: StepContext,
    door: ArgoCDDoor,
    application: Application,
    wanted: list[WaitFor],
    before: str,
) -> Waited:
    """Return what was found of an Application; Argo CD is asked to look first, and again where its look is too old."""
    look, _ = await door.look(application)
    judged = waited(
        application,
        wanted,
        before,
        look=look,
        began=context.started,
        promotion=context.promotion,
    )
    if judged.wants_refresh == "hard":
        await door.refresh(application, "hard")
    return judged


def remembered(former: Mapping[str, Any]) -> dict[str, str]:
    """Return the healths of the last look, from the step's own former output; nothing of what is not as we wrote it."""
    found = former.get(_HEALTH)
    if not isinstance(found, dict):
        return {}
    return {
        key: value
        for key, value in found.items()
        if isinstance(key, str) and isinstance(value, str)
    }
