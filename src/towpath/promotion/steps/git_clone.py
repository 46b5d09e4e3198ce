"""`git-clone`: checks out one or more revisions of a repository into the work directory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import faults
from towpath.clients.git import git_errors, submodules
from towpath.clients.git.person import Person
from towpath.clients.git.signing import Signer
from towpath.errors import BadRequest, TooLarge
from towpath.messages import short_id
from towpath.promotion.checkout import Checkout
from towpath.promotion.checkouts import Checkouts
from towpath.promotion.step import BaseStep, Failed, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from towpath.clients.git.repository import Repository, Resolved
    from towpath.clients.git.worktree import WorkTree
    from towpath.promotion.step import Outcome, StepContext


BEFORE_CHECKOUT: Final = faults.point(
    "git-clone.before-checkout", "a work tree is on record but not made"
)
AFTER_CHECKOUT: Final = faults.point(
    "git-clone.after-checkout", "a work tree is made but nobody was told of it"
)

_DEEPEST: Final = 10
_MOST_TOLD: Final = 5


class Author(Struct, kw_only=True):
    """Who commits."""

    name: Annotated[str, Field("Name of the author.", min_length=1)]
    email: Annotated[str, Field("Address of the author.", format="email")]
    signing_key: Annotated[
        str, Field("A GPG key, armoured and without passphrase, that signs.")
    ] = ""


def _at_most_one(item: Any, _: Any) -> bool:
    return sum(bool(item.get(key)) for key in ("branch", "commit", "tag")) <= 1


class CheckoutConfig(Struct, kw_only=True):
    """One work tree."""

    RULES: ClassVar = (
        Rule(
            expression="[has(self.branch), has(self.commit), has(self.tag)].filter(x, x).size() <= 1",
            message="name at most one of branch, commit and tag",
            holds=_at_most_one,
        ),
    )

    path: Annotated[str, Field("Where the work tree goes, in the work directory.", min_length=1)]
    as_: Annotated[str, Field("Name of its commit in the output; the path if empty.")] = ""
    branch: Annotated[str, Field("Branch to check out.")] = ""
    commit: Annotated[str, Field("Commit to check out.")] = ""
    tag: Annotated[str, Field("Tag to check out.")] = ""
    create: Annotated[
        bool, Field("Whether to make the branch, with one empty commit, where it does not exist.")
    ] = False
    sparse: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field("Directories to check out, besides the files at the root; all if empty."),
    ] = []  # noqa: RUF012 - msgspec copies it


class GitCloneConfig(Struct, kw_only=True):
    """What to check out from where."""

    repo_url: Annotated[str, Field("URL of the repository.", min_length=1)]
    checkout: Annotated[list[CheckoutConfig], Field("The work trees to make.", min_items=1)]
    author: Annotated[Author | None, Field("Who commits in these work trees.")] = None
    insecure_skip_tls_verify: Annotated[
        bool, Field("Whether to accept any certificate. Unsafe.")
    ] = False
    recurse_submodules: Annotated[bool, Field("Whether to check out submodules as well.")] = False
    blobless: Annotated[
        bool, Field("Whether to fetch the contents of files only as they are needed.")
    ] = False


class GitCloneOutput(Struct):
    """What was checked out."""

    commits: Annotated[dict[str, str], Field("Commits by `as`, or by path.")] = {}  # noqa: RUF012 - msgspec copies it


class GitClone(BaseStep):
    """Checks out revisions of a repository."""

    name: ClassVar[str] = "git-clone"
    config: ClassVar[type[Struct]] = GitCloneConfig
    output: ClassVar[type[Struct]] = GitCloneOutput
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: GitCloneConfig) -> Outcome:
        """Make the work trees; what an interrupted run has left at their paths goes first."""
        names = [item.as_ or item.path for item in config.checkout]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            return Failed(
                message=f"two checkouts are called {twice[0]!r}: give each its own `as` or path"
            )
        author = config.author
        signing_key = author.signing_key if author else ""
        made = Checkout(
            step=context.alias,
            url=config.repo_url,
            insecure=config.insecure_skip_tls_verify,
            blobless=config.blobless,
            author=Person(author.name, author.email) if author else None,
            is_secret=context.effects.git.disclosed.holds(
                [config.repo_url, *((author.name, author.email) if author else ())]
            ),
            is_signed=bool(signing_key),
            signer=Signer("gpg", signing_key) if signing_key else None,
        )
        paths = [context.directory.resolve(item.path) for item in config.checkout]
        if len(set(paths)) < len(paths):
            return Failed(message="two checkouts have the same path: give each a path of its own")
        repository = await context.effects.git.open(
            config.repo_url, insecure=made.insecure, blobless=made.blobless
        )
        checkouts = Checkouts(context.directory)
        await checkouts.begin(
            context.alias, dict.fromkeys(paths, made), context.effects.git.repositories
        )
        commits: dict[str, str] = {}
        try:
            for name, item, path in zip(names, config.checkout, paths, strict=True):
                resolved = await self._resolve(context, repository, item, made)
                tree = await self._check_out(context, repository, resolved, item.sparse, path)
                if config.recurse_submodules:
                    await self._submodules(context, tree, made)
                commits[name] = resolved.commit
        except TooLarge as error:
            return Failed(message=error.message)  # it will not get smaller by being tried again
        return Succeeded(
            output={"commits": commits}, message=_told(repository, config, list(commits.values()))
        )

    async def _resolve(
        self, context: StepContext, repository: Repository, item: CheckoutConfig, made: Checkout
    ) -> Resolved:
        try:
            return await repository.resolve(
                branch=item.branch or None, tag=item.tag or None, commit=item.commit or None
            )
        except (git_errors.RefNotFound, git_errors.EmptyRepository) as error:
            if not item.create or not item.branch:
                raise type(error)(f"{error.message}{_remedy(item, error)}") from error
        return await repository.create_branch(
            item.branch,
            author=made.author or context.effects.git.identity,
            when=context.started,
            signer=made.signer or (None if made.author else context.effects.git.signer),
        )

    async def _check_out(
        self,
        context: StepContext,
        repository: Repository,
        resolved: Resolved,
        sparse: Sequence[str],
        path: Path,
    ) -> WorkTree:
        BEFORE_CHECKOUT()
        tree = await repository.checkout(
            resolved,
            path=path,
            project=context.project,
            sparse=sparse,
            beside=context.directory.trees.values(),
        )
        await Checkouts(context.directory).made(path, tree)
        AFTER_CHECKOUT()
        return tree

    async def _submodules(
        self, context: StepContext, tree: WorkTree, made: Checkout, depth: int = 1
    ) -> None:
        """Check out the submodules of a work tree, and theirs, each with the credential for its own URL."""
        if depth > _DEEPEST:
            raise BadRequest(f"submodules lie more than {_DEEPEST} deep in one another")
        for module in await submodules.of(tree.mirror, tree.head, made.url):
            path = tree.path / module.path
            if tree.record.sparse and not path.is_dir():
                continue
            is_secret = made.is_secret or context.effects.git.disclosed.holds(module.url)
            inner = replace(made, url=module.url, is_secret=is_secret)
            repository = await context.effects.git.open(
                inner.url, insecure=inner.insecure, blobless=inner.blobless
            )
            await Checkouts(context.directory).also(path, inner)
            resolved = await repository.resolve(commit=module.commit)
            below = await self._check_out(context, repository, resolved, (), path)
            await self._submodules(context, below, inner, depth + 1)


def _told(repository: Repository, config: GitCloneConfig, commits: Sequence[str]) -> str:
    """Return what was checked out where, in a line."""
    told = []
    for item, commit in zip(config.checkout[:_MOST_TOLD], commits, strict=False):
        named = f"branch {item.branch}" if item.branch else f"tag {item.tag}" if item.tag else ""
        told.append(f"{item.path}: {named}{' at ' if named else ''}commit {short_id(commit)}")
    more = len(config.checkout) - len(told)
    return f"{repository}: {', '.join(told)}" + (f" and {more} more" if more > 0 else "")


def _remedy(item: CheckoutConfig, error: Exception) -> str:
    if item.branch:
        return f"; `create: true` makes the branch {item.branch!r}"
    if isinstance(error, git_errors.EmptyRepository):
        return "; push a first commit, or name a branch and say `create: true`"
    return ""
