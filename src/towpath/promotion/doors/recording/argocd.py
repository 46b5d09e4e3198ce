"""The door to Argo CD that changes nothing: what would be begun is recorded, and Applications are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.promotion.effects.argocd import ArgoCDDoor
from towpath.promotion.effects.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.promotion.argocd_fields import Which
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known
    from towpath.rules.argocd.sync_windows import SyncOpening
    from towpath.rules.argocd.wait_verdict import LookState


class RecordedArgoCD(ArgoCDDoor):
    """Argo CD for one step of a plan."""

    def __init__(self, recorder: Recorder, step: str, reading: ArgoCDDoor) -> None:
        """`reading`: the door that acts, of which only what reads is used."""
        self._recorder = recorder
        self._step = step
        self._reading = reading

    async def connection(self) -> str:
        """Return the name of the connection."""
        return await self._reading.connection()

    async def applications(self, wanted: Which) -> Sequence[Application]:
        """Read them."""
        return await self._reading.applications(wanted)

    async def has_begun(self, application: Application) -> bool:
        """Return that it has begun nothing, as is the case of every step of a plan."""
        del application
        return False

    async def begin(
        self, application: Application, patch: Callable[[Application], Mapping[str, Any] | None]
    ) -> Application:
        """Record what would be sent."""
        sent = patch(application)
        if sent is not None:
            changed = "sync" + (" with other sources" if set(sent.get("spec") or ()) else "")
            self._recorder.call(self._step, "argocd", "begin", f"{changed} {application.said}")
        return application

    async def look(self, application: Application) -> tuple[LookState, str]:
        """Say that it depends on what Argo CD finds then."""
        raise Unanswered(f"{application.said} is not looked at anew while it is planned")

    async def refresh(self, application: Application, kind: str) -> str:
        """Ask for nothing."""
        self._recorder.call(
            self._step, "argocd", "refresh", f"{kind} refresh of {application.said}"
        )
        return ""

    async def opening(self, application: Application, *, is_manual: bool) -> SyncOpening | None:
        """Read the sync windows."""
        return await self._reading.opening(application, is_manual=is_manual)

    async def related(
        self, application: Application, questions: Sequence[tuple[int, str, str]]
    ) -> Known:
        """Ask the repositories."""
        return await self._reading.related(application, questions)
