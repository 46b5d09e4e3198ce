"""The promotion policies that are in force in a Project, as the store has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.admission.recalled import Recalled
from towpath.errors import NotFound
from towpath.resources import cluster_config, scheme
from towpath.resources.annotations import FORBID, UNVERIFIED_SKIP
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.kinds import Ref
from towpath.resources.project import Project
from towpath.resources.project_config import ProjectConfig
from towpath.rules import freezing
from towpath.rules.policies import effective_policies, names_policies
from towpath.rules.promotion_windows.calendar import NO_WINDOWS, calendar, cluster_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.project_config import PromotionPolicy
    from towpath.rules.freezing import Freeze
    from towpath.rules.promotion_windows.calendar import Calendar
    from towpath.store.contract import Store, Stored

_WINDOW_BYTES: Final = 256
"""What a promotion window counts for, of whichever document."""


class Policies:
    """The policies of Projects, for who asks again and again: read once until a Project or a configuration is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Recalled[InForce] = Recalled(
            store, kinds=(scheme.PROJECT, scheme.PROJECT_CONFIG, scheme.CLUSTER_CONFIG)
        )

    async def in_force(self, project: str) -> Sequence[PromotionPolicy]:
        """Return the policies of a Project, in the order in which they decide. They are not the caller's to change."""
        return (await self._of(project)).policies

    async def forbids_skip(self, project: str) -> bool:
        """Whether a Project does not let Freight be replaced in a Stage that was not verified."""
        return (await self._of(project)).forbids_skip

    async def frozen(self, project: str) -> Freeze | None:
        """Return how a Project is frozen; None if it is not."""
        return (await self._of(project)).frozen

    async def calendar(self, project: str) -> Calendar:
        """Return the promotion windows of a Project."""
        return (await self._of(project)).calendar

    async def _of(self, project: str) -> InForce:
        return await self._known.of(project, lambda: _read(self._store, project))


@dataclass(frozen=True, slots=True)
class InForce:
    """What a Project wants of all its promotions."""

    policies: Sequence[PromotionPolicy]
    """In the order in which they decide."""
    forbids_skip: bool = False
    """Whether Freight must not be replaced in a Stage that was not verified, as long as it can be."""
    frozen: Freeze | None = None
    """That nothing is promoted at all: the Project is about to be moved to another instance."""
    calendar: Calendar = NO_WINDOWS
    """The times in which promotions are let in."""


async def in_force(store: Store, project: str) -> InForce:
    """Return what a Project wants of all its promotions."""
    return (await _read(store, project))[0]


async def _read(store: Store, project: str) -> tuple[InForce, int]:
    """Return what a Project wants, and how many bytes of documents say so."""
    base = await _find(store, Ref(scheme.PROJECT, "", project))
    config = await _find(store, Ref(scheme.PROJECT_CONFIG, project, project))
    clusterwide = await _find(store, Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME))
    own = config.view(ProjectConfig) if config else None
    found = effective_policies(
        base.view(Project) if base else None,
        own,
        is_listed=names_policies(config.document if config else None),
    )
    said = config.document["metadata"].get("annotations") if config is not None else None
    skip = (said or {}).get(UNVERIFIED_SKIP)
    frozen = freezing.of(base.document["metadata"]) if base is not None else None
    windows = calendar(
        project,
        (base.document["metadata"].get("labels") or {}) if base is not None else {},
        own,
        cluster_windows(clusterwide.view(ClusterConfig) if clusterwide else None),
    )
    return InForce(found, forbids_skip=skip == FORBID, frozen=frozen, calendar=windows), sum(
        len(each.raw) for each in (base, config) if each is not None
    ) + _WINDOW_BYTES * len(windows.windows)


async def _find(store: Store, ref: Ref) -> Stored | None:
    try:
        return await store.get(ref)
    except NotFound:
        return None
