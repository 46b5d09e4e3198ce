"""`git-push`: sends a work tree's commits to a branch, or a tag.

*Probed*: branch and commit are in the journal before anything is sent; after a crash a branch that holds the commit means
that the push is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import messages
from towpath.clients.git import branch_queue, objects, push
from towpath.clients.git.branch_queue import Wish
from towpath.clients.git.integration import Committer, Conflicted, Policy, Unsafe
from towpath.promotion.checkouts import Checkouts
from towpath.promotion.commit_url import commit_url
from towpath.promotion.effects import EffectClass
from towpath.promotion.repeatable_edits import edits_below
from towpath.promotion.step import BaseStep, Errored, Failed, StartOver, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.clients.git.mirror import Mirror
    from towpath.clients.git.repository import Repository
    from towpath.clients.git.worktree import WorkTree
    from towpath.promotion.checkout import Checkout
    from towpath.promotion.step import Outcome, StepContext

_NOTE: Final = "push"
_ATTEMPTS: Final = 10
_MOST_PATHS: Final = 20
_GENERATED: Final = "kargo/promotion/"


def _one_target(config: Any, _: Any) -> bool:
    return (
        sum(bool(config.get(key)) for key in ("targetBranch", "generateTargetBranch", "tag")) <= 1
    )


class GitPushConfig(Struct, kw_only=True):
    """What to push where."""

    RULES: ClassVar = (
        Rule(
            expression="[has(self.targetBranch), has(self.generateTargetBranch), has(self.tag)].filter(x, x).size() <= 1",
            message="name at most one of targetBranch, generateTargetBranch and tag",
            holds=_one_target,
        ),
        Rule(
            expression="!(has(self.tag) && has(self.force) && self.force)",
            message="force cannot be used with tag",
            holds=lambda config, _: not (config.get("tag") and config.get("force")),
        ),
    )

    path: Annotated[str, Field("The work tree, as the git-clone step names it.", min_length=1)]
    target_branch: Annotated[
        str, Field("Branch to push to; the one that was checked out if empty.")
    ] = ""
    generate_target_branch: Annotated[
        bool, Field("Whether to push to a branch of the Promotion's own.")
    ] = False
    tag: Annotated[str, Field("Tag to push instead of a branch.")] = ""
    force: Annotated[bool, Field("Whether to overwrite what is on the branch.")] = False
    max_attempts: Annotated[
        int,
        Field(
            "How often to try when others push at the same time; 10: for as long as two minutes, however often that is.",
            format="int32",
            minimum=1,
            maximum=2147483647,
        ),
    ] = _ATTEMPTS
    provider: Annotated[
        str,
        Field(
            "What kind of forge it is; told by the host if empty.",
            enum=("azure", "bitbucket", "gitea", "github", "gitlab"),
        ),
    ] = ""


class GitPushOutput(Struct):
    """What was pushed."""

    branch: Annotated[str, Field("The branch.")] = ""
    commit: Annotated[str, Field("The commit that the branch is at, after integration.")] = ""
    commit_url: Annotated[
        str, Field("Where the commit can be looked at, if the forge is known.")
    ] = ""


class GitPush(BaseStep):
    """Pushes commits."""

    name: ClassVar[str] = "git-push"
    config: ClassVar[type[Struct]] = GitPushConfig
    output: ClassVar[type[Struct]] = GitPushOutput
    convergent: ClassVar[bool] = True

    def __init__(self, policy: Policy = Policy.ALWAYS_REBASE) -> None:
        """`policy`: how our commits and those of others are brought together."""
        self._policy = policy

    async def run(self, context: StepContext, config: GitPushConfig) -> Outcome:
        """Push, together with what reached the branch meanwhile."""
        tree, made = Checkouts(context.directory).at(config.path)
        if config.tag:
            return await self._push_tag(context, config, tree, made)
        branch = config.target_branch or tree.branch or ""
        if config.generate_target_branch:
            branch = f"{_GENERATED}{context.promotion}"
        if not branch:
            return Errored(
                message=f"{config.path} is not on a branch: a commit or tag was checked out; name targetBranch",
                final=True,
            )
        repository = await context.effects.git.open(
            made.url, insecure=made.insecure, blobless=made.blobless
        )
        return await self._push(context, config, tree, made, branch, repository)

    async def _push(
        self,
        context: StepContext,
        config: GitPushConfig,
        tree: WorkTree,
        made: Checkout,
        branch: str,
        repository: Repository,
    ) -> Outcome:
        mirror, journal = tree.mirror, context.effects.journal
        head, noted = tree.head, journal.noted(_NOTE)
        # A note made at another commit is from before the Promotion began anew: what is to be pushed now is `head`.
        if isinstance(noted, dict) and (noted.get("branch"), noted.get("head")) == (branch, head):
            sent = str(noted.get("commit"))
            if await push.contains(mirror, branch, sent):
                return await self._done(config, tree, made, branch, sent)

        async def announce(commit: str) -> None:
            note = {"branch": branch, "commit": commit, "head": head}
            await journal.note(_NOTE, note, effect=EffectClass.PROBED)

        async def can_follow() -> bool:
            return not await _has_changes(tree)

        answer = await repository.push(
            branch,
            context.project,
            Wish(
                commit=head,
                policy=self._policy,
                committer=_committer(context, made),
                announce=announce,
                can_follow=can_follow,
                edits=edits_below(context, tree),
                force=config.force or config.generate_target_branch,
                most_tries=None if config.max_attempts == _ATTEMPTS else config.max_attempts,
            ),
        )
        match answer:
            case push.Pushed() | push.AlreadyThere():
                return await self._done(config, tree, made, branch, answer.commit)
            case push.Refused(reason=reason, remote=remote):
                return Errored(
                    message=_with_remote(f"{mirror} refused the push to {branch}: {reason}", remote)
                )
            case branch_queue.Unclean():
                return Errored(
                    message=f"{branch} of {mirror} has moved, and {config.path} has changes that are not committed; "
                    "commit everything before git-push",
                    final=True,
                )
            case Conflicted():
                return _conflict(context, mirror, branch, answer)
            case Unsafe():
                return Failed(
                    message=f"{branch} of {mirror} has moved, and commit {answer.commit} cannot be put on top of it "
                    "without losing its signature"
                )
            case branch_queue.GaveUp():
                return Errored(
                    message=_with_remote(
                        f"{branch} of {mirror} moved at each of {answer.tries} attempts to push: {answer.moved.reason}",
                        answer.moved.remote,
                    )
                )

    async def _done(
        self, config: GitPushConfig, tree: WorkTree, made: Checkout, branch: str, commit: str
    ) -> Outcome:
        if tree.head != commit:
            await tree.move_to(commit, tree.branch)
        output = _output(config, made, branch, commit)
        link = f": {output['commitURL']}" if "commitURL" in output else ""
        said = f"commit {messages.short_id(commit)} is on branch {branch} of {tree.mirror}{link}"
        return Succeeded(output=output, message=said)

    async def _push_tag(
        self, context: StepContext, config: GitPushConfig, tree: WorkTree, made: Checkout
    ) -> Outcome:
        mirror = tree.mirror
        target = await mirror.find(f"refs/tags/{config.tag}")
        if target is None:
            return Errored(
                message=f"there is no tag {config.tag!r} in {config.path}: a git-tag step makes one",
                final=True,
            )
        note = {"tag": config.tag, "commit": target}
        await context.effects.journal.note(_NOTE, note, effect=EffectClass.PROBED)
        outcome = await push.to_tag(mirror, target, config.tag)
        match outcome:
            case push.Pushed() | push.AlreadyThere():
                return Succeeded(
                    output=_output(config, made, tree.branch or "", tree.head),
                    message=f"tag {config.tag} of {mirror} is on commit {messages.short_id(tree.head)}",
                )
            case (
                push.Refused(reason=reason, remote=remote)
                | push.Moved(reason=reason, remote=remote)
            ):
                return Errored(
                    message=_with_remote(f"{mirror} refused the tag {config.tag}: {reason}", remote)
                )


def _conflict(context: StepContext, mirror: Mirror, branch: str, conflicted: Conflicted) -> Outcome:
    """Begin anew if that can help: somebody checked out the very branch. Else the conflict would come back."""
    paths = messages.first(conflicted.paths, _MOST_PATHS)
    trees = context.directory.trees.values()
    if any(tree.mirror is mirror and tree.branch == branch for tree in trees):
        return StartOver(
            message=f"{branch} of {mirror} has moved, and both sides changed {paths}; promote again to build on what is "
            "there now"
        )
    return Failed(
        message=f"{branch} of {mirror} is not what was built on, and both sides changed {paths}; check {branch} out with "
        "git-clone, or push with `force: true`"
    )


async def _has_changes(tree: WorkTree) -> bool:
    return await tree.stage() != (await objects.read_commit(tree.mirror, tree.head)).tree


def _committer(context: StepContext, made: Checkout) -> Committer:
    client = context.effects.git
    if made.author is not None:
        return Committer(person=made.author, when=context.started, signer=made.signer)
    return Committer(person=client.identity, when=context.started, signer=client.signer)


def _output(config: GitPushConfig, made: Checkout, branch: str, commit: str) -> dict[str, str]:
    output = {"branch": branch, "commit": commit}
    url = commit_url(made.url, commit, config.provider)
    return {**output, "commitURL": url} if url else output


def _with_remote(message: str, remote: tuple[str, ...]) -> str:
    """Return a message with what the server wrote, line by line, as git shows it."""
    return "\n".join((message, *(f"remote: {line}" for line in remote)))
