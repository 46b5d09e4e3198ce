"""Argo CD as steps see it: Applications of the one connection that serves the Promotion's Project and Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.promotion.argocd_fields import Which
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known
    from towpath.rules.argocd.sync_windows import SyncOpening
    from towpath.rules.argocd.wait_verdict import LookState


class ArgoCDDoor(Protocol):
    """Argo CD for one step.

    Each operation raises Unavailable or Timeout where the connection cannot be reached, Unauthenticated and Forbidden where
    its rights do not suffice, NotFound where no connection serves the Stage.
    """

    @effect(EffectClass.CONVERGENT)
    async def connection(self) -> str:
        """Return the name of the connection, which keys of events begin with."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def applications(self, wanted: Which) -> Sequence[Application]:
        """Return the Applications that are meant, ordered by name.

        Raises NotFound where there is none, Invalid for a selector that selects by nothing.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def has_begun(self, application: Application) -> bool:
        """Return whether this step has begun an operation of an Application, in this process or a former one."""
        ...

    @effect(EffectClass.PROBED)
    async def begin(
        self, application: Application, patch: Callable[[Application], Mapping[str, Any] | None]
    ) -> Application:
        """Begin an operation with the patch that is made for the version at hand; return the Application as it is then.

        The operation carries the Promotion's name, and `patch` returns None for a version in which that is found. Where
        somebody else was faster, the Application is read again and `patch` asked anew, five times in all. Raises Conflict, and
        NotFound for an Application that is gone.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def look(self, application: Application) -> tuple[LookState, str]:
        """Have Argo CD compare once since this step began; return how far that is, and why it was refused, if it was.

        What was refused counts as made: there is nothing to wait for.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def refresh(self, application: Application, kind: str) -> str:
        """Ask for a comparison, `hard` or `normal`, at most once in a while; return why that was refused, empty if it was not."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def opening(self, application: Application, *, is_manual: bool) -> SyncOpening | None:
        """Return whether the sync windows let an operation begin; None where nobody can tell."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def related(
        self, application: Application, questions: Sequence[tuple[int, str, str]]
    ) -> Known:
        """Return how revisions of Git sources are related, each question a source's place, what is wanted, what is there."""
        ...
