"""From the URL of a repository to the interface of the forge that keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.forges.asking import ForgeAccess, ForgeRequests
from towpath.clients.forges.gitea import pull_requests as of_gitea
from towpath.clients.forges.github import places
from towpath.clients.forges.github import pull_requests as of_github
from towpath.clients.forges.gitlab import merge_requests as of_gitlab
from towpath.clients.forges.known_answers import KnownAnswers
from towpath.clients.http import urls
from towpath.clients.http.places import shown_url
from towpath.versions import forges
from towpath.versions.urls import normalize_git

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.clients.forges.pull_request import Forge
    from towpath.clients.http import Egress
    from towpath.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What one kind of forge does in its own way."""

    api: Callable[[urls.ParsedUrl], str]
    """Where it has its interface, unless the operator says so."""
    headers: Callable[[str], Mapping[str, str]]
    """What proves to it who asks, by a token."""
    requests_of: Callable[[ForgeRequests, str], Forge]
    """The pull requests of a repository, by its path."""
    has_groups: bool = False
    """Whether repositories lie below more than an owner."""


_KINDS: Final[Mapping[str, _Kind]] = {
    "github": _Kind(
        api=lambda place: places.of(place.url).api,
        headers=of_github.headers,
        requests_of=lambda requests, path: of_github.GitHubPullRequests(requests, *path.split("/")),
    ),
    "gitlab": _Kind(
        api=lambda place: f"{place.scheme}://{place.authority}/api/v4",
        headers=of_gitlab.headers,
        requests_of=of_gitlab.GitLabMergeRequests,
        has_groups=True,
    ),
    "gitea": _Kind(
        api=lambda place: f"{place.scheme}://{place.authority}/api/v1",
        headers=of_gitea.headers,
        requests_of=lambda requests, path: of_gitea.GiteaPullRequests(requests, *path.split("/")),
    ),
}
"""The forges whose pull requests are known, in the order in which they are named to people."""


@dataclass(frozen=True, slots=True)
class KnownForge:
    """What the operator says of the forge at a host."""

    provider: str = ""
    """Its kind; empty: the host's name tells it."""
    api: str = ""
    """Base URL of its REST interface; empty: where that kind has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forges:
    """The forges of all repositories."""

    egress: Egress
    clock: Clock
    known: Mapping[str, KnownForge]
    """By host."""
    answers: KnownAnswers = field(default_factory=KnownAnswers)

    def place(self, url: str, provider: str = "") -> tuple[str, urls.ParsedUrl]:
        """Return the kind of forge that keeps a repository, and the repository's address.

        `provider`: what the manifest says. Raises BadRequest for a URL that cannot be read and where nobody knows the kind,
        Unsupported for a kind whose pull requests are not known here.
        """
        written = normalize_git(url)
        if written.startswith("ssh://"):
            written = f"https://{written.removeprefix('ssh://').rpartition('@')[2]}"
        try:
            place = urls.split(url if url.startswith(("https://", "http://")) else written)
        except urls.Unacceptable as error:
            raise errors.BadRequest(f"repoURL {shown_url(url)}: {error}") from error
        said = self.known.get(place.host, KnownForge())
        kind = provider or said.provider or forges.of_host(place.host)
        if not kind:
            raise errors.BadRequest(
                f"repoURL {shown_url(url)}: nobody says what kind of forge {place.host} is; name it as `provider`, or let the "
                f"operator do so under forges.{place.host}.provider"
            )
        if kind not in _KINDS:
            raise errors.Unsupported(
                f"repoURL {shown_url(url)}: pull requests of {kind} are not known here; those of {', '.join(_KINDS)} are"
            )
        return kind, place

    def open(
        self, url: str, provider: str, *, token: str, source: str, insecure: bool = False
    ) -> Forge:
        """Return the pull requests of a repository as a credential sees them. Nothing is asked yet. Raises as `place`."""
        name, place = self.place(url, provider)
        kind = _KINDS[name]
        path = place.path.strip("/").removesuffix(".git")
        parts = path.split("/")
        if len(parts) < 2 or (len(parts) > 2 and not kind.has_groups) or not all(parts):
            raise errors.BadRequest(
                f"repoURL {shown_url(url)}: it names no repository of {name}: HOST/OWNER/REPOSITORY"
            )
        api = self.known.get(place.host, KnownForge()).api.rstrip("/")
        requests = ForgeRequests(
            f"{shown_url(url)} ({name})",
            ForgeAccess(
                api=api or kind.api(place),
                headers=kind.headers(token),
                secret=token,
                source=source,
                insecure=insecure,
            ),
            self.egress,
            self.clock,
            self.answers,
        )
        return kind.requests_of(requests, path)
