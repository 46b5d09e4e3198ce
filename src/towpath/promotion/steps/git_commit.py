"""`git-commit`: commits everything that changed in a work tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.clients.git.person import Person
from towpath.clients.git.signing import Signer
from towpath.messages import short_id
from towpath.promotion.checkouts import Checkouts
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
        """Commit, or say that nothing changed.

        The moment of the commit is that at which the step began first, so that a run that is repeated makes the very same
        commit. What the tree was at is noted before: a commit made by a run that was cut off is known as ours.
        """
        checkouts = Checkouts(context.directory)
        tree, made = checkouts.at(config.path)
        before = checkouts.noted(context.alias)
        head = tree.head
        if before is not None and before != head:
            return Succeeded(output={"commit": head}, message=_told(config, head, tree.branch))
        await checkouts.note(context.alias, head)
        client = context.effects.git
        person, signer = client.identity, client.signer
        if made.author is not None:
            person, signer = made.author, made.signer
        if config.author is not None:
            person = Person(config.author.name, config.author.email)
            key = config.author.signing_key
            signer = Signer("gpg", key) if key else None
        commit = await tree.commit(
            message=config.message,
            author=person,
            committer=person,
            when=context.started,
            signer=signer,
        )
        if commit is None:
            said = f"nothing changed in {config.path} since commit {short_id(head)}"
            return Skipped(output={"commit": head}, message=said)
        return Succeeded(output={"commit": commit}, message=_told(config, commit, tree.branch))


def _told(config: GitCommitConfig, commit: str, branch: str | None) -> str:
    """Return in one line what was committed, and where. The message is left out, because it may be long."""
    on = f" on {branch}" if branch else ""
    return f"{config.path}: commit {short_id(commit)}{on}"
