"""The door to Argo CD: Applications behind the connection that serves the Promotion's Project and Stage."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any, Final, Protocol

from towpath.clients.git.relations import answers
from towpath.errors import (
    Conflict,
    Forbidden,
    NotFound,
    TowpathError,
    Unauthenticated,
)
from towpath.promotion.effects.argocd import ArgoCDDoor
from towpath.promotion.effects.classes import EffectClass
from towpath.resources import moments
from towpath.rules.argocd import operation, selectors, sync_windows
from towpath.rules.argocd.application import Application, read
from towpath.rules.argocd.wait_verdict import LookState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from towpath.clients.argocd import ArgoCD
    from towpath.clock import Clock
    from towpath.promotion.argocd_fields import Which
    from towpath.promotion.effects import EffectNotes
    from towpath.promotion.git_client import GitClient
    from towpath.rules.argocd.revision_match import Known
    from towpath.rules.argocd.sync_windows import SyncOpening

BEGUN: Final = "argocd-begun"
"""Key of the note of operations that were begun: `[{connection, namespace, name, before}]`."""
_LOOK: Final = "argocd-look"
_MOST_TRIES: Final = 5


class ServingArgoCD(Protocol):
    """A connection to one Argo CD."""

    @property
    def name(self) -> str:
        """The connection's name."""
        ...

    @property
    def namespace(self) -> str:
        """Where its Applications are, if nothing else is said."""
        ...

    @property
    def api(self) -> ArgoCD:
        """What it is asked by. Raises Unavailable while it cannot be reached."""
        ...

    async def application(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return what Stages are judged by of an Application, which may be a moment old; None if there is none."""
        ...

    def link(self, namespace: str, name: str) -> str:
        """Return where people see an Application; empty where there are no pages."""
        ...

    async def refresh(self, namespace: str, name: str, kind: str) -> bool:
        """Ask for a comparison; return False where it was asked for a moment ago. Raises as `ArgoCD.patch`."""
        ...


class Installations(Protocol):
    """The connections there are."""

    async def serving(self, project: str, stage: str) -> ServingArgoCD:
        """Return the connection that a Stage uses. Raises NotFound where none serves it."""
        ...


class NoInstallations:
    """There is no connection at all."""

    async def serving(self, project: str, stage: str) -> ServingArgoCD:
        """Say what there has to be."""
        raise NotFound(
            f"no connection to an Argo CD serves Stage {stage} of Project {project}; the operator has to configure one "
            "(docs/how-to/connect-argo-cd.md)"
        )


class ConnectedArgoCD(ArgoCDDoor):
    """Argo CD for one step of one Promotion."""

    def __init__(
        self,
        installations: Installations,
        *,
        stage: str,
        clock: Clock,
        journal: EffectNotes,
        git: GitClient,
    ) -> None:
        """`git`: of the Promotion, to ask repositories how revisions are related."""
        self._installations = installations
        self._stage = stage
        self._clock = clock
        self._journal = journal
        self._git = git

    async def _there(self) -> ServingArgoCD:
        return await self._installations.serving(self._git.project, self._stage)

    async def connection(self) -> str:
        """Return the name of the connection."""
        return (await self._there()).name

    async def applications(self, wanted: Which) -> Sequence[Application]:
        """Return the Applications that are meant, ordered by name."""
        there = await self._there()
        return await found(there, wanted, wanted.namespace or there.namespace)

    async def begin(
        self, application: Application, patch: Callable[[Application], Mapping[str, Any] | None]
    ) -> Application:
        """Begin an operation with the patch that is made for the version at hand; return the Application as it is then."""
        there = await self._there()
        api, at = there.api, application
        for tries in range(_MOST_TRIES):
            wanted = patch(at)
            if wanted is None:
                return at
            await self._note(there.name, at)
            try:
                after = read(await api.patch(at.namespace, at.name, wanted))
            except Conflict:
                if tries + 1 == _MOST_TRIES:
                    raise
                again = await api.get(at.namespace, at.name)
                if again is None:
                    raise NotFound(
                        f"connection {there.name}: {at.said} is gone; it was there a moment ago"
                    ) from None
                at = read(again)
                continue
            said = operation.message([each.document for each in after.sources])
            await _told(api, after, said)
            return after
        raise AssertionError("the last try returns or raises")

    async def has_begun(self, application: Application) -> bool:
        """Return whether this step has begun the last operation of an Application.

        What was the last one before is noted too: a process may have ended before the new one was asked for.
        """
        for each in self._journal.noted(BEGUN) or ():
            if (each["namespace"], each["name"]) == (application.namespace, application.name):
                return bool(each["before"] != _mark(application))
        return False

    async def _note(self, connection: str, application: Application) -> None:
        """Note what is begun, so that it is known again and can be withdrawn."""
        known = self._journal.noted(BEGUN) or []
        mine = (application.namespace, application.name)
        others = [each for each in known if (each["namespace"], each["name"]) != mine]
        begun = {
            "connection": connection,
            "namespace": application.namespace,
            "name": application.name,
            "before": _mark(application),
        }
        await self._journal.note(BEGUN, [*others, begun], effect=EffectClass.PROBED)

    async def look(self, application: Application) -> tuple[LookState, str]:
        """Have Argo CD compare once since this step began; return how far that is, and why it was refused, if it was.

        Whether it has compared is told by its own clock: `reconciledAt` is another than when it was asked.
        """
        state = application.state
        if (
            state is not None
            and state.operation.promotion == self._git.promotion
            and state.is_over
            and not application.is_stale
        ):
            return LookState.MADE, ""  # it looks by itself after an operation, and this one is ours
        noted = self._journal.noted(_LOOK) or {}
        known = noted.get(application.key)
        at = moments.written(application.reconciled_at) if application.reconciled_at else ""
        if known is None:
            is_asked, refused = await self._refreshed(application, "normal")
            if is_asked or application.is_refreshing:
                mine = {application.key: {"at": at, "refused": refused}}
                await self._journal.note(_LOOK, {**noted, **mine}, effect=EffectClass.CONVERGENT)
            return (LookState.MADE, refused) if refused else (LookState.UNASKED, "")
        if known["refused"]:
            return LookState.MADE, known["refused"]
        is_made = at != known["at"] and not application.is_refreshing
        if not is_made and not application.is_refreshing:
            # It was made within the second of the look before, or was lost: times are whole seconds.
            await self._refreshed(application, "normal")
        return (LookState.MADE if is_made else LookState.ASKED), ""

    async def refresh(self, application: Application, kind: str) -> str:
        """Ask for a comparison; return why that was refused, empty if it was not."""
        return (await self._refreshed(application, kind))[1]

    async def _refreshed(self, application: Application, kind: str) -> tuple[bool, str]:
        """Ask for a comparison; return whether it was asked for, and why it was refused, if it was."""
        there = await self._there()
        try:
            return await there.refresh(application.namespace, application.name, kind), ""
        except (Forbidden, Unauthenticated) as error:
            return True, error.message
        except (Conflict, NotFound):
            return False, ""  # the next look tells

    async def opening(self, application: Application, *, is_manual: bool) -> SyncOpening | None:
        """Return whether the sync windows let an operation begin; None where nobody can tell."""
        there = await self._there()
        try:
            project = await there.api.project(there.namespace, application.project)
        except TowpathError:
            return None
        if project is None:
            return None
        windows, _ = sync_windows.windows(project, application, time_zone)
        return sync_windows.opening(windows, self._clock.now(), is_manual=is_manual)

    async def related(
        self, application: Application, questions: Sequence[tuple[int, str, str]]
    ) -> Known:
        """Return how revisions of Git sources are related, by their repositories."""
        return await answers(application, questions, self._git.open)


async def found(there: ServingArgoCD, wanted: Which, namespace: str) -> list[Application]:
    """Return the Applications that are meant. Raises NotFound where there is none, Invalid for a selector that means none."""
    if wanted.name:
        document = await there.api.get(namespace, wanted.name)
        if document is None:
            raise NotFound(
                f'connection {there.name}: there is no Argo CD Application "{wanted.name}" in namespace "{namespace}"; '
                "check the name, the namespace and the connection of the Stage"
            )
        return [read(document)]
    text = selectors.text(wanted.selector)
    documents = await there.api.find(namespace, text)
    if not documents:
        raise NotFound(
            f'connection {there.name}: no Argo CD Application in namespace "{namespace}" has labels {text}'
        )
    return sorted((read(each) for each in documents), key=lambda each: each.name)


def _mark(application: Application) -> str:
    """Return what tells the last operation of an Application from another; empty if there was none."""
    state = application.state
    if state is None:
        return ""
    times = (state.started_at, state.finished_at)
    return " ".join(
        [state.operation.promotion, *(moments.written(at) if at else "-" for at in times)]
    )


async def _told(api: ArgoCD, application: Application, said: str) -> None:
    """Record an Event, as Argo CD's own API does; without it the operation is no worse."""
    try:
        await api.event(application.document, operation.STARTED, said)
    except TowpathError:
        return


def time_zone(name: str) -> tzinfo | None:
    """Return a time zone by its name in the database of time zones; None if there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
