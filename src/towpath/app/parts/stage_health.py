"""The part that looks how well Stages are: checkers, and what they may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.controllers import stage
from towpath.health.reading import ConnectedReading
from towpath.health.registry import CheckerRegistry
from towpath.promotion.git_client import GitClient

if TYPE_CHECKING:
    from towpath.app.settings.operator import StageSettings
    from towpath.clients.git.repository import Repositories, Repository
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.doors.argocd import Installations


def health_looks(
    installations: Installations,
    settings: StageSettings,
    *,
    repositories: Repositories,
    credentials: Credentials,
    clock: Clock,
) -> stage.HealthLooks:
    """Return what looks at the health of Stages, with every checker that is installed."""

    def reading(project: str, name: str) -> ConnectedReading:
        async def opened(of: str, url: str) -> Repository:
            client = GitClient(
                project=of,
                promotion="",
                whom=f"the health check of Stage {name}",
                repositories=repositories,
                credentials=credentials,
                actor=stage.REQUESTER.actor,
            )
            return await client.open(url)

        return ConnectedReading(installations, project, name, opened)

    return stage.HealthLooks(
        CheckerRegistry.installed(clock),
        reading,
        clock,
        debounce_seconds=settings.debounce_seconds,
    )
