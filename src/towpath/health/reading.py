"""What checkers ask Argo CD, by the connection that serves the Stage; repositories are asked as the Project."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from towpath.clients.git.relations import answers
from towpath.errors import TowpathError
from towpath.rules.argocd.application import read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from towpath.clients.git.repository import Repository
    from towpath.promotion.doors.argocd import Installations
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known


class ConnectedReading:
    """See `checker.ArgoCDReading`."""

    def __init__(
        self,
        installations: Installations,
        project: str,
        stage: str,
        opened: Callable[[str, str], Awaitable[Repository]],
    ) -> None:
        """`opened` returns the repository at a URL as a Project's credential sees it."""
        self._installations = installations
        self._project = project
        self._stage = stage
        self._opened = opened

    async def namespace(self) -> str:
        """Return the namespace of Applications of which none is said."""
        return (await self._installations.serving(self._project, self._stage)).namespace

    async def application(self, namespace: str, name: str) -> Application | None:
        """Return an Application, which may be a moment old; None if there is none."""
        there = await self._installations.serving(self._project, self._stage)
        document = await there.application(namespace, name)
        return read(document) if document is not None else None

    async def refresh(self, application: Application) -> None:
        """Ask Argo CD to compare an Application anew; a refusal is no matter."""
        with contextlib.suppress(TowpathError):
            there = await self._installations.serving(self._project, self._stage)
            await there.refresh(application.namespace, application.name, "hard")

    async def related(
        self, application: Application, questions: Sequence[tuple[int, str, str]]
    ) -> Known:
        """Return how revisions of Git sources are related."""
        return await answers(application, questions, partial(self._opened, self._project))
