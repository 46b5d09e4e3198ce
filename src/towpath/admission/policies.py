"""The promotion policies that are in force in a Project, as the store has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.recalled import Recalled
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.project import Project
from towpath.resources.project_config import ProjectConfig
from towpath.rules.policies import effective_policies, names_policies

if TYPE_CHECKING:
    from towpath.resources.project_config import PromotionPolicy
    from towpath.store.contract import Store, Stored


class Policies:
    """The policies of Projects, for who asks again and again: read once until a Project or its configuration is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Recalled[list[PromotionPolicy]] = Recalled(
            store, kinds=(scheme.PROJECT, scheme.PROJECT_CONFIG)
        )

    async def in_force(self, project: str) -> list[PromotionPolicy]:
        """Return the policies of a Project, in the order in which they decide. They are not the caller's to change."""
        return await self._known.of(project, lambda: _read(self._store, project))


async def in_force(store: Store, project: str) -> list[PromotionPolicy]:
    """Return the policies of a Project, in the order in which they decide."""
    return (await _read(store, project))[0]


async def _read(store: Store, project: str) -> tuple[list[PromotionPolicy], int]:
    """Return the policies of a Project, and how many bytes of documents say so."""
    base = await _find(store, Ref(scheme.PROJECT, "", project))
    config = await _find(store, Ref(scheme.PROJECT_CONFIG, project, project))
    found = effective_policies(
        base.view(Project) if base else None,
        config.view(ProjectConfig) if config else None,
        is_listed=names_policies(config.document if config else None),
    )
    return found, sum(len(each.raw) for each in (base, config) if each is not None)


async def _find(store: Store, ref: Ref) -> Stored | None:
    try:
        return await store.get(ref)
    except NotFound:
        return None
