"""The subscription type `git`: commits of a branch, or those that tags lead to."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from towpath import errors
from towpath.artifacts import ahead, selecting
from towpath.artifacts.commit_search import CommitSearch, CommitsFound
from towpath.artifacts.sieve import Sieve
from towpath.artifacts.subscription import NotLetIn
from towpath.clients.git import git_errors
from towpath.clients.git.access.credential import ANONYMOUS, GitCredential
from towpath.clients.git.mirrors.configuration import Options
from towpath.resources import moments
from towpath.resources.structs import view
from towpath.resources.warehouse import (
    DiscoveredCommit,
    GitDiscoveryResult,
    GitSubscription,
    ObservedRefs,
    ObservedTag,
)
from towpath.rules.commit_selection import commit_rules, shown_subject
from towpath.runtime.evaluation import Evaluations
from towpath.versions.tags import SelectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.git.mirrors.remote import Refs, Tag
    from towpath.clients.git.repository import Repository
    from towpath.credentials.found import FoundCredential
    from towpath.rules.commit_selection import CommitCandidate, CommitRules

ACTOR: Final = "controller:warehouse-controller"
_FEW_TAGS: Final = 5_000
"""That are gone through on the event loop."""
_MOST_OBSERVED: Final = 1000
"""Tags whose objects are told in the status."""
_REFUSALS: Final = (
    git_errors.AuthenticationFailed,
    git_errors.HostKeyUnknown,
    git_errors.RepositoryNotFound,
)
"""What another Secret may help against: many servers hide a repository from those who may not see it."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class GitType:
    """Looks for commits."""

    name: ClassVar[str] = "git"
    look_seconds: ClassVar[float] = 3600.0
    """The first fetch of a large repository."""

    def __init__(self) -> None:
        self._evaluations = Evaluations()

    async def discover(
        self, subscription: Subscription, clients: LookClients
    ) -> GitDiscoveryResult:
        """Return commits, the one to take first.

        The server is asked for its refs; only what they show to be new is fetched and looked at. Raises Invalid for a
        rule or an address that cannot be read, NotLetIn, and what Git's client raises.
        """
        wanted = view(GitSubscription, dict(subscription.config))
        try:
            rules = commit_rules(wanted, moments.read(wanted.since))
        except SelectionError as error:
            raise errors.Invalid(str(error)) from error
        repository = await _open(subscription, wanted, clients)
        try:
            refs = await repository.shared_refs.ask(most_seconds=subscription.most_seconds)
        except _REFUSALS as error:
            raise NotLetIn(error.message) from error
        search = CommitSearch(
            repository.mirror,
            rules,
            Sieve(rules, self._evaluations, caller=subscription.project),
            subscription.note,
            subscription.verdicts,
            repository.catching_up,
        )
        key = ("git", repository.mirror.key, _digest(subscription.config))
        is_anew = subscription.is_manual or subscription.verdicts is not None
        before = None if is_anew else clients.findings.get(key)
        observed: ObservedRefs | None
        if rules.tags is None:
            found, observed = await _along_branch(repository, refs, rules, search, before)
        else:
            told = await _beside(_readable, refs.tags)
            if len(told) < len(refs.tags):
                less = len(refs.tags) - len(told)
                subscription.note(f"passed over: {less:,} tags whose names are not UTF-8")
            names = await selecting.selected(told, rules.tags, subscription, clients)
            tags = [refs.tags[name] for name in names]
            found, observed = await _among_tags(tags, search, before)
        if found.commits and rules.by_age:
            ahead.note(subscription, f"tag {found.commits[0].tag}", found.commits[0].date)
        clients.findings.keep(key, found)
        if subscription.verdicts is not None:
            if rules.since is not None and rules.tags is None:
                subscription.note(f"commits before {wanted.since} are not looked at (since)")
            _offer(subscription.verdicts, wanted, found.commits)
        return GitDiscoveryResult(
            repo_url=wanted.repo_url,
            subscription_name=subscription.name,
            commits=[_discovered(each, wanted.branch) for each in found.commits],
            observed_refs=observed,
        )


async def _along_branch(
    repository: Repository,
    refs: Refs,
    rules: CommitRules,
    search: CommitSearch,
    before: CommitsFound | None,
) -> tuple[CommitsFound, ObservedRefs]:
    try:
        branch = repository.branch_among(refs, rules.branch)
    except errors.NotFound:  # it may have come since others asked
        refs = await repository.shared_refs.ask()
        branch = repository.branch_among(refs, rules.branch)
    head = refs.branches[branch]
    if before is None or before.seen != head:
        async with repository.catching_up:
            if await repository.mirror.branch(branch) != head:
                head = await repository.mirror.fetch_branch(branch)
        before = CommitsFound(head, tuple(await search.along(head, before)))
    return before, ObservedRefs(branch_head=head)


async def _among_tags(
    tags: Sequence[Tag], search: CommitSearch, before: CommitsFound | None
) -> tuple[CommitsFound, ObservedRefs | None]:
    seen = await _beside(_digest_of, tags)
    if before is None or before.seen != seen:
        before = CommitsFound(seen, tuple(await search.among(tags)))
    if len(tags) > _MOST_OBSERVED:
        return before, None
    return before, ObservedRefs(tags=[ObservedTag(name=tag.name, id=tag.object) for tag in tags])


async def _open(
    subscription: Subscription, wanted: GitSubscription, clients: LookClients
) -> Repository:
    if clients.repositories is None:
        raise errors.Unavailable("this process does not reach Git repositories")

    async def find(refused: str = "") -> FoundCredential | None:
        return await clients.credentials.find(
            subscription.project,
            "git",
            wanted.repo_url,
            actor=ACTOR,
            reason=f"discovery of Warehouse {subscription.project}/{subscription.warehouse}",
            refused=refused,
        )

    async def renewed(refused: str) -> str:
        now = await find(refused)
        return now.password if now is not None else refused

    found = await find()
    try:
        credential = ANONYMOUS
        if found is not None:
            credential = GitCredential(
                username=found.username,
                password=found.password,
                ssh_key=found.ssh_key,
                known_hosts=found.known_hosts,
                source=found.source,
                renewed=renewed if found.is_renewable else None,
            )
        # Contents of files are never looked at, whatever `blobless` says.
        return clients.repositories.open(
            wanted.repo_url, credential, Options(insecure=wanted.insecure_skip_tls_verify)
        )
    except errors.BadRequest as error:  # it reads wrong, and will until somebody changes it
        raise errors.Invalid(error.message) from error


def _offer(verdicts: Verdicts, wanted: GitSubscription, found: Sequence[CommitCandidate]) -> None:
    """Tell what is found, in its order."""
    why = {
        "SemVer": "the highest version that no rule keeps out",
        "Lexical": "the last by name that no rule keeps out",
        "NewestTag": "the latest tag that no rule keeps out",
    }.get(
        wanted.commit_selection_strategy, "the newest commit of the branch that no rule keeps out"
    )
    for place, each in enumerate(found):
        detail = f"{each.id[:12]} {each.subject}" if each.tag else each.subject
        verdicts.offer(
            each.shown, "" if place else why, f"{detail}, {moments.whole_seconds(each.date)}"
        )


def _is_text(name: str) -> bool:
    """Whether a name can be written down: Git takes any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


async def _beside(work: Callable[[Collection[_Item]], _Result], many: Collection[_Item]) -> _Result:
    """Do something with many tags; beside the event loop where a server says that it has very many."""
    return work(many) if len(many) <= _FEW_TAGS else await asyncio.to_thread(work, many)


def _readable(names: Collection[str]) -> list[str]:
    return [name for name in names if _is_text(name)]


def _digest_of(tags: Collection[Tag]) -> str:
    found = hashlib.sha256()
    for tag in tags:
        found.update(f"{tag.name}\0{tag.object}\n".encode())
    return found.hexdigest()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _discovered(found: CommitCandidate, branch: str) -> DiscoveredCommit:
    return DiscoveredCommit(
        id=found.id,
        branch="" if found.tag else branch,
        tag=found.tag,
        subject=shown_subject(found.subject),
        author=found.author,
        committer=found.committer,
        creator_date=moments.whole_seconds(found.date),
    )
