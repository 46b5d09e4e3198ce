"""The door to Git: work trees from the pool, commits in them, and what reaches the server."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from towpath import faults
from towpath.clients.git import git_errors
from towpath.clients.git.objects import submodules, tags
from towpath.clients.git.pushing.integration import Policy
from towpath.errors import AlreadyExists, BadRequest
from towpath.messages import short_id
from towpath.promotion import committing
from towpath.promotion.checkout import Checkout
from towpath.promotion.checkouts import Checkouts
from towpath.promotion.doors.pushing import Pushing, no_branch
from towpath.promotion.effects.git import (
    Cloned,
    CommitMade,
    GitDoor,
    NotPushed,
    Tagged,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.git.repository import Repository, Resolved
    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.promotion.effects.git import Author, Clone, Sent, WantedTree
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside

BEFORE_CHECKOUT: Final = faults.point(
    "git-clone.before-checkout", "a work tree is on record but not made"
)
AFTER_CHECKOUT: Final = faults.point(
    "git-clone.after-checkout", "a work tree is made but nobody was told of it"
)

_DEEPEST: Final = 10


class RepositoryDoor(GitDoor):
    """Git for one step of one Promotion."""

    def __init__(
        self,
        client: GitClient,
        *,
        step: str,
        started: datetime,
        directory: WorkDirectory,
        journal: EffectNotes,
        aside: Aside,
        policy: Policy = Policy.ALWAYS_REBASE,
    ) -> None:
        """`started`: when the step began first, which is the moment of what it commits.

        `aside` does edits again that others' pushes made necessary; `policy`: how their commits and ours come together.
        """
        self._client = client
        self._step = step
        self._started = started
        self._directory = directory
        self._journal = journal
        self._aside = aside
        self._policy = policy

    async def clone(self, wanted: Clone) -> Cloned:
        """Make work trees; what an interrupted run of the same step has left at their paths goes first."""
        client, directory = self._client, self._directory
        author = committing.named(wanted.author) if wanted.author else None
        made = Checkout(
            step=self._step,
            url=wanted.url,
            insecure=wanted.insecure,
            blobless=wanted.blobless,
            author=author.person if author else None,
            is_secret=client.disclosed.holds(
                [wanted.url, *((author.person.name, author.person.email) if author else ())]
            ),
            is_signed=bool(author and author.signer),
            signer=author.signer if author else None,
        )
        paths = [directory.resolve(each.path) for each in wanted.trees]
        if len(set(paths)) < len(paths):
            raise AlreadyExists("two checkouts have the same path: give each a path of its own")
        repository = await client.open(wanted.url, insecure=made.insecure, blobless=made.blobless)
        checkouts = Checkouts(directory)
        await checkouts.begin(self._step, dict.fromkeys(paths, made), client.repositories)
        commits: list[str] = []
        for each, path in zip(wanted.trees, paths, strict=True):
            resolved = await self._resolve(repository, each, made)
            tree = await self._check_out(repository, resolved, each.sparse, path)
            if wanted.submodules:
                await self._submodules(tree, made)
            commits.append(resolved.commit)
        return Cloned(repository=str(repository), commits=commits)

    async def commit(self, path: str, *, message: str, author: Author | None = None) -> CommitMade:
        """Commit all that changed in the work tree at a path.

        The moment of the commit is that at which the step began first, so that a run that is repeated makes the very same
        commit. What the tree was at is noted before: a commit made by a run that was cut off is known as ours.
        """
        checkouts = Checkouts(self._directory)
        tree, made = checkouts.at(path)
        before, head, branch = checkouts.noted(self._step), tree.head, tree.branch or ""
        if before is not None and before != head:
            return CommitMade(commit=head, branch=branch, is_new=True)
        await checkouts.note(self._step, head)
        by = committing.who(self._client.identity, made, author)
        commit = await tree.commit(
            message=committing.with_trailers(message, self._client.trailers),
            author=by.person,
            committer=by.person,
            when=self._started,
            signer=by.signer,
        )
        return CommitMade(commit=commit or head, branch=branch, is_new=commit is not None)

    async def tag(self, path: str, tag: str, *, message: str, force: bool = False) -> Tagged:
        """Make an annotated tag. Its moment is that at which the step began first, so that made again it is the same."""
        tree, made = Checkouts(self._directory).at(path)
        by = committing.who(self._client.identity, made)
        if not force and tags.made(tree.admin, tag) is None:
            with contextlib.suppress(git_errors.RefNotFound):
                there = await tree.mirror.fetch_tag(tag)
                if there == tree.head:
                    return Tagged(tag=tag, commit=there)  # we may have pushed it, and begun anew
                raise AlreadyExists(
                    f"{tree.mirror} has a tag {tag!r} already, on commit {short_id(there)}; choose another name"
                )
        await tree.tag(
            tag,
            message=message,
            tagger=by.person,
            when=self._started,
            signer=by.signer,
            force=force,
        )
        return Tagged(tag=tag, commit=tree.head)

    async def clear(self, path: str) -> None:
        """Delete every file of the work tree at a path that is tracked or would be."""
        tree, _ = Checkouts(self._directory).at(path)
        await tree.clear()

    async def push(
        self, path: str, branch: str = "", *, force: bool = False, most_tries: int | None = None
    ) -> Sent | NotPushed:
        """Get the commits of the work tree at a path onto a branch, together with what reached that meanwhile."""
        pushing = self._pushing(path)
        goal = branch or pushing.tree.branch
        if not goal:
            return no_branch(path)
        return await pushing.to_branch(goal, force=force, most_tries=most_tries)

    async def push_tag(self, path: str, tag: str) -> Sent | NotPushed:
        """Send a tag that was made in the work tree at a path."""
        return await self._pushing(path).tag(tag)

    def _pushing(self, path: str) -> Pushing:
        tree, made = Checkouts(self._directory).at(path)
        return Pushing(
            client=self._client,
            journal=self._journal,
            directory=self._directory,
            aside=self._aside,
            policy=self._policy,
            started=self._started,
            path=path,
            tree=tree,
            made=made,
        )

    async def _resolve(
        self, repository: Repository, wanted: WantedTree, made: Checkout
    ) -> Resolved:
        try:
            return await repository.resolve(
                branch=wanted.branch or None, tag=wanted.tag or None, commit=wanted.commit or None
            )
        except (git_errors.RefNotFound, git_errors.EmptyRepository) as error:
            if not wanted.create or not wanted.branch:
                raise type(error)(f"{error.message}{_remedy(wanted, error)}") from error
        return await self._create(repository, wanted.branch, made)

    async def _create(self, repository: Repository, branch: str, made: Checkout) -> Resolved:
        """Make a branch on the server. Made again it is the same commit, so nothing needs to be noted."""
        by = committing.who(self._client.identity, made)
        return await repository.create_branch(
            branch, author=by.person, when=self._started, signer=by.signer
        )

    async def _check_out(
        self, repository: Repository, resolved: Resolved, sparse: Sequence[str], path: Path
    ) -> WorkTree:
        BEFORE_CHECKOUT()
        tree = await repository.checkout(
            resolved,
            path=path,
            project=self._client.project,
            sparse=sparse,
            beside=self._directory.trees.values(),
        )
        await Checkouts(self._directory).made(path, tree)
        AFTER_CHECKOUT()
        return tree

    async def _submodules(self, tree: WorkTree, made: Checkout, depth: int = 1) -> None:
        """Check out the submodules of a work tree, and theirs, each with the credential for its own URL."""
        if depth > _DEEPEST:
            raise BadRequest(f"submodules lie more than {_DEEPEST} deep in one another")
        for module in await submodules.of(tree.mirror, tree.head, made.url):
            path = tree.path / module.path
            if tree.record.sparse and not path.is_dir():
                continue
            is_secret = made.is_secret or self._client.disclosed.holds(module.url)
            inner = replace(made, url=module.url, is_secret=is_secret)
            repository = await self._client.open(
                inner.url, insecure=inner.insecure, blobless=inner.blobless
            )
            await Checkouts(self._directory).also(path, inner)
            resolved = await repository.resolve(commit=module.commit)
            below = await self._check_out(repository, resolved, (), path)
            await self._submodules(below, inner, depth + 1)


def _remedy(wanted: WantedTree, error: Exception) -> str:
    if wanted.branch:
        return f"; `create: true` makes the branch {wanted.branch!r}"
    if isinstance(error, git_errors.EmptyRepository):
        return "; push a first commit, or name a branch and say `create: true`"
    return ""
