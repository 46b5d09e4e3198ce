"""`git-clone`: checks out one or more revisions of a repository into the work directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import messages
from towpath.errors import TooLarge
from towpath.promotion.author_fields import CommitAuthor, author
from towpath.promotion.effects.git import Clone, WantedTree
from towpath.promotion.step import BaseStep, Failed, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.promotion.effects.git import Cloned
    from towpath.promotion.step import Outcome, StepContext

_MOST_TOLD: Final = 5


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
    author: Annotated[CommitAuthor | None, Field("Who commits in these work trees.")] = None
    insecure_skip_tls_verify: Annotated[
        bool, Field("Whether to accept any certificate. Unsafe.")
    ] = False
    recurse_submodules: Annotated[bool, Field("Whether to check out submodules as well.")] = False
    blobless: Annotated[
        bool, Field("Whether to fetch the contents of files only as they are needed.")
    ] = False
    depth: Annotated[
        int,
        Field(
            "Accepted, and of no effect: history is fetched once and kept.",
            format="int32",
            minimum=0,
            maximum=2147483647,
        ),
    ] = 0


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
        real = [context.directory.resolve(item.path) for item in config.checkout]
        if len(set(real)) < len(real):
            return Failed(message="two checkouts have the same path: give each a path of its own")
        try:
            made = await context.effects.git.clone(_wanted(config))
        except TooLarge as error:
            return Failed(message=error.message)  # it will not get smaller by being tried again
        commits = dict(zip(names, made.commits, strict=True))
        return Succeeded(output={"commits": commits}, message=_told(made, config))


def _wanted(config: GitCloneConfig) -> Clone:
    return Clone(
        url=config.repo_url,
        trees=[
            WantedTree(
                path=item.path,
                branch=item.branch,
                tag=item.tag,
                commit=item.commit,
                create=item.create,
                sparse=item.sparse,
            )
            for item in config.checkout
        ],
        author=author(config.author),
        insecure=config.insecure_skip_tls_verify,
        blobless=config.blobless,
        submodules=config.recurse_submodules,
    )


def _told(made: Cloned, config: GitCloneConfig) -> str:
    """Return what was checked out where, in a line."""
    told = []
    for item, commit in zip(config.checkout[:_MOST_TOLD], made.commits, strict=False):
        named = f"branch {item.branch}" if item.branch else f"tag {item.tag}" if item.tag else ""
        told.append(
            f"{item.path}: {named}{' at ' if named else ''}commit {messages.short_id(commit)}"
        )
    return f"{made.repository}: {messages.first(told, _MOST_TOLD, of=len(config.checkout))}"
