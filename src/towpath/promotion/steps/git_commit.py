"""`git-commit`: commits everything that changed in a work tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.messages import short_id
from towpath.promotion.author_fields import CommitAuthor, author
from towpath.promotion.step import BaseStep, Skipped, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class GitCommitConfig(Struct, kw_only=True):
    """What to commit."""

    path: Annotated[str, Field("The work tree, as the git-clone step names it.", min_length=1)]
    message: Annotated[str, Field("The commit's message, kept as it is.", min_length=1)]
    author: Annotated[
        CommitAuthor | None, Field("Older form: give `author` to the git-clone step instead.")
    ] = None


class GitCommitOutput(Struct):
    """The commit."""

    commit: Annotated[str, Field("Its SHA; that of the work tree's commit if nothing changed.")] = (
        ""
    )


class GitCommit(BaseStep):
    """Commits what changed."""

    name: ClassVar[str] = "git-commit"
    config: ClassVar[type[Struct]] = GitCommitConfig
    output: ClassVar[type[Struct]] = GitCommitOutput
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: GitCommitConfig) -> Outcome:
        """Commit, or say that nothing changed."""
        done = await context.effects.git.commit(
            config.path, message=config.message, author=author(config.author)
        )
        output = {"commit": done.commit}
        if not done.is_new:
            said = f"nothing changed in {config.path} since commit {short_id(done.commit)}"
            return Skipped(output=output, message=said)
        on = f" on {done.branch}" if done.branch else ""
        # The commit's message is left out, because it may be long.
        return Succeeded(
            output=output, message=f"{config.path}: commit {short_id(done.commit)}{on}"
        )
