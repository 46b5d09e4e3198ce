"""One look of a step that has Argo CD sync Applications: what each needs, what was begun, what is waited for.

All Applications are found, authorised and tried out before the first is changed, so that a step that cannot do all of it
does none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.messages import statements
from towpath.promotion.argocd_away import until_reached
from towpath.promotion.argocd_fields import LOOK_SECONDS, PASSING, apps_output
from towpath.promotion.step import Errored, HealthCheck, Succeeded, Waiting
from towpath.resources.annotations import AUTHORIZED_STAGE
from towpath.rules import wake_keys
from towpath.rules.argocd import operation, sources
from towpath.rules.argocd.application import ERROR
from towpath.rules.argocd.authorization import is_authorized, refusal
from towpath.rules.argocd.desired_revisions import desired, wanted
from towpath.rules.argocd.revision_match import questions
from towpath.rules.argocd.update_verdict import (
    Start,
    Synced,
    SyncFailed,
    SyncWait,
    Verdict,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.argocd_fields import Which
    from towpath.promotion.effects.argocd import ArgoCDDoor
    from towpath.promotion.step import Outcome, StepContext
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.desired_revisions import SourceUpdate, Wanted
    from towpath.rules.argocd.operation import SyncOptions

HEALTH_CHECK: Final = "argocd-update"
"""The checker of Applications that were synced."""
_MOST_TOLD: Final = 3
_WINDOW: Final = "sync window"
"""What Argo CD's message about an operation that may not begin has in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEntry:
    """One entry of a step's `apps`."""

    which: Which
    updates: tuple[SourceUpdate, ...] = ()
    options: SyncOptions | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to."""

    outcome: Outcome
    check: HealthCheck | None = None
    """The check that the Stage is to run, once the step has succeeded."""


@dataclass(slots=True)
class _Wish:
    """All that is wanted of one Application."""

    application: Application
    updates: list[SourceUpdate] = field(default_factory=list)
    options: SyncOptions | None = None
    wanted: list[Wanted] = field(default_factory=list)

    def add(self, entry: AppEntry) -> None:
        """Take in what another entry wants. Raises Invalid where it wants another way of syncing."""
        if self.options is not None and entry.options not in (None, self.options):
            raise errors.Invalid(
                f"{self.application.said} is meant by two entries of apps, which want it synced in different ways; leave one "
                "of them out"
            )
        self.updates += entry.updates
        self.options = self.options or entry.options

    @property
    def revisions(self) -> list[str]:
        return [each.revision for each in self.wanted]


async def look(context: StepContext, entries: Sequence[AppEntry]) -> Looked:
    """Do what can be done now, and say what comes of it."""
    door = context.effects.argocd
    try:
        return await _looked(context, door, entries)
    except PASSING as error:
        return Looked(await until_reached(door, error.message))


async def _looked(context: StepContext, door: ArgoCDDoor, entries: Sequence[AppEntry]) -> Looked:
    named: list[tuple[Application, AppEntry]] = []
    wishes: dict[str, _Wish] = {}
    try:
        for entry in entries:
            for application in await _authorized(context, door, entry):
                named.append((application, entry))
                wish = wishes.setdefault(application.key, _Wish(application))
                wish.add(entry)
        _try_out(context, wishes)
    except (errors.NotFound, errors.Invalid, errors.Forbidden) as error:
        return Looked(Errored(message=error.message))
    found: dict[str, Verdict] = {}
    for key, wish in wishes.items():
        found[key] = await _verdict(context, door, wish)
    refused = [each.why for each in found.values() if isinstance(each, SyncFailed)]
    if refused:
        return Looked(Errored(message="; ".join(refused[:_MOST_TOLD])))
    for key, wish in wishes.items():
        if isinstance(found[key], Start):
            found[key] = await _begun(context, door, wish)
    refused = [each.why for each in found.values() if isinstance(each, SyncFailed)]
    if refused:
        return Looked(Errored(message="; ".join(refused[:_MOST_TOLD])))
    output = {"apps": apps_output([each for each, _ in named])}
    check = HealthCheck(uses=HEALTH_CHECK, config={"apps": [_checked(*each) for each in named]})
    waits = {key: each for key, each in found.items() if isinstance(each, SyncWait)}
    if not waits:
        notes = "; ".join(
            each.note for each in found.values() if isinstance(each, Synced) and each.note
        )
        return Looked(
            Succeeded(
                output=output,
                message=notes or f"synced: {', '.join(wishes)}",
                health_check=check,
            ),
            check,
        )
    connection = await door.connection()
    said = [
        await _said(context, door, wishes[key].application, each) for key, each in waits.items()
    ]
    return Looked(
        Waiting(
            waiting_for=statements(said, _MOST_TOLD),
            wake=[wake_keys.argocd(connection, key) for key in waits],
            again_seconds=LOOK_SECONDS,
            output=output,
        ),
        check,
    )


async def _authorized(context: StepContext, door: ArgoCDDoor, entry: AppEntry) -> list[Application]:
    """Return the Applications of an entry that the Stage may change. Raises Forbidden where it may change none."""
    found = await door.applications(entry.which)
    project, stage = context.project, context.stage
    allowed = [
        each
        for each in found
        if is_authorized(each.annotations.get(AUTHORIZED_STAGE), project, stage)
    ]
    if allowed:
        return allowed
    if entry.which.name:
        raise errors.Forbidden(refusal(found[0], project, stage))
    said = "; ".join(refusal(each, project, stage) for each in found[:_MOST_TOLD])
    raise errors.Forbidden(
        f"of {len(found)} Applications of the selector none may be changed by Stage {stage} of Project {project}: {said}"
    )


def _try_out(context: StepContext, wishes: Mapping[str, _Wish]) -> None:
    """Make what would be sent, for all. Raises Invalid that names the first that do not fit."""
    wrong = []
    for wish in wishes.values():
        try:
            wish.wanted = wanted(wish.updates, wish.application)
            _patch(context, wish, wish.application)
        except errors.Invalid as error:
            wrong.append(error.message)
    if wrong:
        raise errors.Invalid(f"nothing was changed: {statements(wrong, _MOST_TOLD)}")


def _patch(context: StepContext, wish: _Wish, application: Application) -> dict[str, Any]:
    return operation.patch(
        application,
        promotion=context.promotion,
        actor=context.actor,
        spec=sources.spec_patch(application, wanted(wish.updates, application)),
        options=wish.options,
    )


async def _verdict(context: StepContext, door: ArgoCDDoor, wish: _Wish) -> Verdict:
    application, state = wish.application, wish.application.state
    begun = await door.has_begun(application)
    found = verdict(application, wish.revisions, context.promotion, has_begun=begun)
    if not begun or not isinstance(found, Start) or state is None or state.revisions is None:
        return found
    if state.operation.promotion != context.promotion:
        return found
    asked = questions(application, wish.revisions, state.revisions)
    if not asked:
        return found
    known = await door.related(application, asked)
    return verdict(application, wish.revisions, context.promotion, known)


async def _begun(context: StepContext, door: ArgoCDDoor, wish: _Wish) -> Verdict:
    """Begin an operation, unless it turns out that another version of the Application needs none."""
    became: list[Verdict] = []
    begun = await door.has_begun(wish.application)

    def patch(application: Application) -> Mapping[str, Any] | None:
        if application is not wish.application:
            project, stage = context.project, context.stage
            if not is_authorized(application.annotations.get(AUTHORIZED_STAGE), project, stage):
                became.append(SyncFailed(refusal(application, project, stage), ERROR))
                return None
            found = verdict(application, wish.revisions, context.promotion, has_begun=begun)
            if not isinstance(found, Start):
                became.append(found)
                return None
        return _patch(context, wish, application)

    application = await door.begin(wish.application, patch)
    if became:
        return became[-1]
    return SyncWait(
        f"{application.said}: Argo CD is to sync it{application.left_alone}", is_ours=True
    )


async def _said(
    context: StepContext, door: ArgoCDDoor, application: Application, wait: SyncWait
) -> str:
    """Return what is waited for, with the time at which a sync window opens; ask for a comparison where one is wanted."""
    if wait.wants_refresh:
        refused = await door.refresh(application, "hard")
        return f"{wait.why}; Argo CD is asked to look again" if not refused else wait.why
    if _WINDOW not in wait.why:
        return wait.why
    opening = await door.opening(application, is_manual=bool(context.actor))
    if opening is None or opening.is_open:
        return wait.why
    if opening.opens_at is None:
        return f"{wait.why}; {opening.why}"
    return f"{wait.why}; it opens at {opening.opens_at:%Y-%m-%dT%H:%M:%SZ} ({opening.why})"


def _checked(application: Application, entry: AppEntry) -> dict[str, Any]:
    revisions = desired(entry.updates, application)
    named: dict[str, Any] = {"name": application.name, "namespace": application.namespace}
    return {**named, "desiredRevisions": revisions} if revisions else named
