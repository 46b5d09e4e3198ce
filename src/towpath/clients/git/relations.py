"""How two revisions of a repository are related, as far as some paths of it go: the mirror knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.objects import objects
from towpath.rules.argocd import source_paths
from towpath.rules.argocd.revision_match import Related, Relation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from towpath.clients.git.objects.stored import TreeEntry
    from towpath.clients.git.repository import Repository
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known

_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")


async def answers(
    application: Application,
    questions: Sequence[tuple[int, str, str]],
    opened: Callable[[str], Awaitable[Repository]],
) -> Known:
    """Return what the repositories of an Application's sources answer to questions (`revision_match.questions`).

    `opened` returns the repository at a URL. What cannot be opened is `UNKNOWN` with the reason.
    """
    found: dict[tuple[int, str, str], Related] = {}
    for place, wanted, observed in questions:
        try:
            repository = await opened(application.sources[place].repo_url)
        except errors.TowpathError as error:
            found[place, wanted, observed] = Related(Relation.UNKNOWN, error.message)
            continue
        found[place, wanted, observed] = await related(
            repository, wanted, observed, source_paths.paths(application, place)
        )
    return found


async def related(
    repository: Repository, wanted: str, observed: str, paths: Sequence[str]
) -> Related:
    """Return how a commit that was observed is related to a revision that is wanted: a commit, a tag or a branch.

    `paths`: what must be the same for a later commit to be as good, folders or files from the root; `""` is all of it. What
    cannot be found out is `UNKNOWN` with the reason.
    """
    try:
        mine = await _commit(repository, wanted)
        theirs = await repository.mirror.fetch_commit(observed.lower())
        if mine == theirs:
            return Related(Relation.SAME)
        mirror = repository.mirror
        if await objects.is_ancestor(mirror, theirs, mine):
            return Related(Relation.OLDER)
        if not await objects.is_ancestor(mirror, mine, theirs):
            return Related(Relation.OTHER)
        before, after = [await _there(repository, each, paths) for each in (mine, theirs)]
    except errors.TowpathError as error:
        return Related(Relation.UNKNOWN, error.message)
    if before == after:
        return Related(Relation.SAME_TREES)
    changed = sorted(path or "all of it" for path in paths if before[path] != after[path])
    return Related(Relation.NEWER, f"{', '.join(changed[:5])} changed")


async def _commit(repository: Repository, wanted: str) -> str:
    """Return the commit that a revision leads to. Raises RefNotFound."""
    if _COMMIT.fullmatch(wanted.lower()):
        return await repository.mirror.fetch_commit(wanted.lower())
    try:
        return (await repository.resolve(tag=wanted)).commit
    except git_errors.RefNotFound:
        return (await repository.resolve(branch=wanted)).commit


async def _there(
    repository: Repository, commit: str, paths: Sequence[str]
) -> dict[str, TreeEntry | str | None]:
    """Return what a commit has at paths: the id of the root, else mode and id; None: nothing."""
    found = await objects.entries(repository.mirror, commit, [each for each in paths if each])
    root = (await objects.read_commit(repository.mirror, commit)).tree if "" in paths else None
    return {path: found.get(path) if path else root for path in paths}
