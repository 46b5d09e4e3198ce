"""The promotion policies that are in force in a Project, as the store has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.project import Project
from towpath.resources.project_config import ProjectConfig
from towpath.rules.policies import effective_policies, names_policies

if TYPE_CHECKING:
    from towpath.resources.project_config import PromotionPolicy
    from towpath.store.contract import Store, Stored


async def in_force(store: Store, project: str) -> list[PromotionPolicy]:
    """Return the policies of a Project, in the order in which they decide."""
    base = await _find(store, Ref(scheme.PROJECT, "", project))
    config = await _find(store, Ref(scheme.PROJECT_CONFIG, project, project))
    return effective_policies(
        base.view(Project) if base else None,
        config.view(ProjectConfig) if config else None,
        is_listed=names_policies(config.document if config else None),
    )


async def _find(store: Store, ref: Ref) -> Stored | None:
    try:
        return await store.get(ref)
    except NotFound:
        return None
