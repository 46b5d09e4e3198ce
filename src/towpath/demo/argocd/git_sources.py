"""The repositories that sources name, each with its mirror."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from towpath.demo.argocd.git_repository import GitRepository
from towpath.demo.argocd.installation_settings import GitPlace
from towpath.demo.argocd.source_error import SourceError
from towpath.versions import urls

if TYPE_CHECKING:
    from towpath.demo.argocd.installation_settings import InstallationSettings
    from towpath.demo.argocd.keys import Document


class GitSources:
    """Repositories by URL: one for all spellings of a URL."""

    def __init__(self, settings: InstallationSettings) -> None:
        self._settings = settings
        self._repositories: dict[str, GitRepository] = {}

    def repository(self, url: str) -> GitRepository:
        """Return the repository of a URL."""
        key = urls.normalize_git(url)
        if key not in self._repositories:
            name = hashlib.sha256(key.encode()).hexdigest()[:24]
            self._repositories[key] = GitRepository(
                self._place(url),
                self._settings.folder / "mirrors" / f"{name}.git",
                self._settings.programs,
            )
        return self._repositories[key]

    async def resolved_or_empty(self, source: Document, revision: str | None) -> str:
        """Return the commit of a source's revision, of its own where none is given; empty if it has none."""
        if source.get("chart"):
            return str(revision or source.get("targetRevision") or "")
        named = revision or source.get("targetRevision") or "HEAD"
        try:
            return await self.repository(str(source.get("repoURL"))).resolve(str(named))
        except SourceError:
            return ""

    @property
    def fetches(self) -> int:
        """How often something was fetched."""
        return sum(each.fetches for each in self._repositories.values())

    def close(self) -> None:
        """End what runs."""
        for each in self._repositories.values():
            each.close()

    def _place(self, url: str) -> GitPlace:
        for prefix, place in self._settings.git.items():
            if url.startswith(prefix):
                return GitPlace(place.url + url.removeprefix(prefix), place.user, place.password)
        return GitPlace(url)
