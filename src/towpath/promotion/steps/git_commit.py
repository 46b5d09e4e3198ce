"""`git-commit`: commits everything that changed in a work tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.messages import short_id
from towpath.promotion.effects.git import Author
from towpath.promotion.step import BaseStep, Skipped, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class CommitAuthor(Struct, kw_only=True):
    """Older form: who commits, whatever the git-clone step says."""

    name: Annotated[str, Field("Name of the author.", min_length=1)]
    email: Annotated[str, Field("Address of the author.", format="email")]
    signing_key: Annotated[
        str, Field("A GPG key, armoured and without passphrase, that signs.")
    ] = ""


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
        author = config.author
        done = await context.effects.git.commit(
            config.path,
            message=config.message,
            author=(
                Author(name=author.name, email=author.email, signing_key=author.signing_key)
                if author
                else None
            ),
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
