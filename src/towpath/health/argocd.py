"""`argocd-update`: how well a Stage is by the Applications of Argo CD that its last Promotion updated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from towpath.errors import TowpathError
from towpath.health.checker import Checked
from towpath.resources.stage import Health, HealthState
from towpath.rules.argocd import status_summary
from towpath.rules.argocd.drift import Drift, drift
from towpath.rules.argocd.health import AppHealth, health, missing
from towpath.rules.argocd.revision_match import questions

if TYPE_CHECKING:
    from towpath.health.checker import ArgoCDReading, CheckContext
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known


class _App(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str | None = None
    desired_revisions: list[str | None] | None = None


class _Input(msgspec.Struct):
    apps: list[_App | None] | None = None


class ArgoCDChecker:
    """Looks at Applications."""

    name: ClassVar[str] = "argocd-update"

    async def check(self, context: CheckContext, config: Any) -> Checked:
        """Look at all that are named; the worst counts, and each that is not well is told."""
        try:
            apps = [each or _App() for each in msgspec.convert(config or {}, _Input).apps or ()]
        except (msgspec.ValidationError, TypeError) as error:
            return Checked(
                health=Health(
                    status=HealthState.UNKNOWN,
                    issues=[f"what check {self.name} is to look at cannot be read: {error}"],
                )
            )
        try:
            usual = await context.argocd.namespace()
        except TowpathError as error:
            return Checked(health=Health(status=HealthState.UNKNOWN, issues=[error.message]))
        worst, issues = HealthState.HEALTHY, list[str]()
        statuses, drifted = list[dict[str, Any]](), list[Drift]()
        can_tell = True
        for app in apps:
            namespace = app.namespace or usual
            desired = [each or "" for each in app.desired_revisions or ()]
            application, found, known = await _looked(context.argocd, namespace, app.name, desired)
            worst = worst.worse(found.state)
            issues += found.issues
            if application is None:
                statuses.append(status_summary.unknown(namespace, app.name))
                can_tell = False
            else:
                statuses.append(status_summary.summary(application))
                differs = drift(application, desired, context.images, known)
                can_tell = can_tell and differs is not None
                drifted += differs or ()
        return Checked(
            health=Health(status=worst, issues=issues, output={"applicationStatuses": statuses}),
            drift=drifted if drifted or can_tell else None,
        )


async def _looked(
    argocd: ArgoCDReading, namespace: str, name: str, desired: list[str]
) -> tuple[Application | None, AppHealth, Known]:
    try:
        application = await argocd.application(namespace, name)
        if application is None:
            return None, missing(name, namespace), {}
        found = health(application, desired)
        known: Known = {}
        if found.state is HealthState.UNHEALTHY and (
            asked := questions(application, desired, application.compared)
        ):
            known = await argocd.related(application, asked)
            found = health(application, desired, known)
        if found.wants_refresh:
            await argocd.refresh(application)
    except TowpathError as error:
        return None, missing(name, namespace, f"cannot be read: {error.message}"), {}
    return application, found, known
