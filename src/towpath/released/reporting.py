"""Tells what was released between two sets of Freight, as far as repositories tell it, and why not where they do not."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.git.access.credential import ANONYMOUS as ANYBODY
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.objects import history
from towpath.clients.oci.authentication import ANONYMOUS
from towpath.messages import cut, plain
from towpath.resources import moments
from towpath.rules.released import changes, report
from towpath.rules.released.changes import REVISION, SOURCE, ArtifactKind, ChangeKind
from towpath.versions.urls import normalize_git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.repository import Repositories, Repository
    from towpath.clients.oci.registries import Registries
    from towpath.credentials.finder import Credentials
    from towpath.rules.released.changes import ArtifactChange
    from towpath.rules.released.report import ReleasedArtifact, ReleasedCommit, ReleaseReport

_AT_ONCE: Final = 4
"""Artifacts of one comparison that are looked at at the same time."""
_COMMIT: Final = re.compile(r"[0-9a-fA-F]{7,64}")
_SHOWN: Final = 300


class _Unknown(Exception):  # noqa: N818 - what is not known is said, and no error
    """It cannot be known which commits an artifact differs by; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """For whom repositories are looked at: credentials are those of the Project, opened on the record."""

    project: str
    actor: str
    whom: str


@dataclass(frozen=True, slots=True)
class _Range:
    """Two commits of a Git repository."""

    url: str
    before: str
    after: str
    is_for_history: bool = False
    """Whether nobody else reads the repository: then files stay on the server."""


class ReleaseReporter:
    """Tells what was released."""

    def __init__(
        self, repositories: Repositories, registries: Registries, credentials: Credentials
    ) -> None:
        self._repositories = repositories
        self._registries = registries
        self._credentials = credentials

    async def report(
        self,
        before: Sequence[Mapping[str, Any]],
        after: Sequence[Mapping[str, Any]],
        asker: Asker,
    ) -> ReleaseReport:
        """Return what differs between two sets of FreightReferences. It raises nothing for what cannot be known."""
        found = changes.changes(before, after)
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(change: ArtifactChange) -> ReleasedArtifact:
            async with room:
                return await self._artifact(change, asker)

        told = await asyncio.gather(*(one(each) for each in found[: report.MOST_ARTIFACTS]))
        return report.bounded(told, left_out=max(0, len(found) - report.MOST_ARTIFACTS))

    async def _artifact(self, change: ArtifactChange, asker: Asker) -> ReleasedArtifact:
        if change.change is ChangeKind.SAME:
            return report.artifact(change)
        try:
            span = await self._range(change, asker)
            return report.artifact(change, **await self._commits(span, asker))
        except _Unknown as unknown:
            said = str(unknown)
        except errors.TowpathError as error:
            said = error.message
        return report.artifact(change, unknown=cut(plain(said), _SHOWN))

    # --- which commits an artifact was made of --------------------------------------------------------

    async def _range(self, change: ArtifactChange, asker: Asker) -> _Range:
        if change.before is None:
            raise _Unknown("nothing of it was there before")
        if change.after is None:
            raise _Unknown("nothing of it comes")
        match change.kind:
            case ArtifactKind.COMMIT:
                before, after = (
                    str(each.get("id") or "") for each in (change.before, change.after)
                )
                return _Range(str(change.after.get("repoURL") or ""), before, after)
            case ArtifactKind.IMAGE:
                old = await self._source(change.before, asker)
                new = await self._source(change.after, asker)
                if normalize_git(old[0]) != normalize_git(new[0]):
                    raise _Unknown(
                        f"it was built from {_quoted(old[0])} and is from {_quoted(new[0])}"
                    )
                return _Range(new[0], old[1], new[1], is_for_history=True)
            case ArtifactKind.CHART:
                raise _Unknown("charts do not say which commit they were made of")
            case _:
                raise _Unknown("artifacts of this type do not say which commit they were made of")

    async def _source(self, image: Mapping[str, Any], asker: Asker) -> tuple[str, str]:
        """Return the Git repository and the commit that an image says it was built of."""
        known = dict(image.get("annotations") or {})
        tag, digest = str(image.get("tag") or ""), str(image.get("digest") or "")
        if not (known.get(REVISION) and known.get(SOURCE)):
            if not digest:
                raise _Unknown(f"the Freight has no digest of tag {_quoted(tag)}")
            known = await self._labels(str(image.get("repoURL") or ""), digest, asker) | known
        missing = [name for name in (REVISION, SOURCE) if not known.get(name)]
        if missing:
            raise _Unknown(
                f"the image of tag {_quoted(tag)} lacks the label{'s' * (len(missing) > 1)} {' and '.join(missing)}"
            )
        revision = known[REVISION].strip()
        if not _COMMIT.fullmatch(revision):
            raise _Unknown(
                f"label {REVISION} of tag {_quoted(tag)} is {_quoted(revision)}, which is no commit"
            )
        return known[SOURCE].strip(), revision.lower()

    async def _labels(self, url: str, digest: str, asker: Asker) -> dict[str, str]:
        found = await self._credentials.find(
            asker.project,
            "image",
            url,
            actor=asker.actor,
            reason=f"labels of an image, for {asker.whom}",
        )
        credential = ANONYMOUS
        if found is not None:
            credential = found.for_registry()
        return await self._registries.open(url, credential).labels(digest)

    # --- commits --------------------------------------------------------------------------------------

    async def _commits(self, span: _Range, asker: Asker) -> dict[str, Any]:
        """Return the fields of an artifact that say by which commits it differs."""
        mirror = (await self._opened(span, asker)).mirror
        before, after = [await mirror.fetch_commit(each) for each in (span.before, span.after)]
        come, is_cut = await _between(mirror, before, after)
        go, is_removed_cut = await _between(mirror, after, before)
        return {
            "repo_url": span.url,
            "commits": come,
            "removed_commits": go,
            "is_cut": is_cut,
            "is_removed_cut": is_removed_cut,
        }

    async def _opened(self, span: _Range, asker: Asker) -> Repository:
        found = await self._credentials.find(
            asker.project,
            "git",
            span.url,
            actor=asker.actor,
            reason=f"commits between two versions, for {asker.whom}",
        )
        credential = ANYBODY
        if found is not None:
            credential = GitCredential(
                username=found.username,
                password=found.password,
                ssh_key=found.ssh_key,
                known_hosts=found.known_hosts,
                source=found.source,
            )
        return self._repositories.open(span.url, credential, Options(blobless=span.is_for_history))


async def _between(mirror: Mirror, older: str, newer: str) -> tuple[list[ReleasedCommit], bool]:
    """Return the newest commits that one contains and the other does not, and whether there are more."""
    most = report.MOST_COMMITS + 1
    try:
        found = await history.between(mirror, older, newer, limit=most)
    except errors.TooLarge:
        found = await history.between(mirror, older, newer, limit=most, with_bodies=False)
    told = []
    for each in found[: report.MOST_COMMITS]:
        subject, _, body = each.message.strip().partition("\n")
        date = moments.written(each.date)
        told.append(report.commit(each.id, subject, each.author, date, body))
    return told, len(found) > report.MOST_COMMITS


def _quoted(text: str) -> str:
    return f'"{cut(plain(text), _SHOWN // 3)}"'
