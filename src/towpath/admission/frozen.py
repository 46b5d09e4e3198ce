"""Frozen Projects: who may still write in them. `rules/freezing.py` says what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.recalled import Recalled
from towpath.errors import FieldError, Forbidden, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules import freezing

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.rules.freezing import Freeze
    from towpath.store.contract import Store

CAUSE = "ProjectFrozen"
"""By which clients know it."""


class FrozenProjects:
    """Says which Projects are frozen; each is read once until a Project is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Recalled[Freeze | None] = Recalled(store, kinds=(scheme.PROJECT,))

    async def of(self, project: str) -> Freeze | None:
        """Return how a Project is frozen; None if it is not, or is not there."""
        return await self._known.of(project, lambda: _read(self._store, project))

    async def refuse(self, ref: Ref, requester: Requester) -> None:
        """Raise Forbidden for a write of anybody but a controller in a frozen Project, and for a new Promotion of anybody.

        Controllers bring to its end what is under way. `ref`: what is to be written.
        """
        if not ref.namespace or (requester.is_controller and ref.kind is not scheme.PROMOTION):
            return
        found = await self.of(ref.namespace)
        if found is not None:
            project = ref.namespace
            raise Forbidden(
                f'{ref.kind.resource} "{ref.name}" is forbidden: Project {project} {found.told}; nothing in it is changed '
                f"until it is released with: {freezing.release(project)}",
                [FieldError("metadata.namespace", CAUSE, f"Project {project} is frozen")],
            )


async def _read(store: Store, project: str) -> tuple[Freeze | None, int]:
    try:
        stored = await store.get(Ref(scheme.PROJECT, "", project), fresh=True)
    except NotFound:
        return None, 0
    return freezing.of(stored.document["metadata"]), len(stored.raw)
