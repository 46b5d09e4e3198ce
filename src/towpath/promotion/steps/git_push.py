"""`git-push`: sends a work tree's commits to a branch, or a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import messages
from towpath.promotion.commit_url import commit_url
from towpath.promotion.effects.git import NotPushed, WhyNotPushed
from towpath.promotion.step import BaseStep, Errored, Failed, StartOver, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_ATTEMPTS: Final = 10
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

    async def run(self, context: StepContext, config: GitPushConfig) -> Outcome:
        """Push, together with what reached the branch meanwhile."""
        git = context.effects.git
        if config.tag:
            done = await git.push_tag(config.path, config.tag)
        else:
            branch = config.target_branch
            if config.generate_target_branch:
                branch = f"{_GENERATED}{context.promotion}"
            done = await git.push(
                config.path,
                branch,
                force=config.force or config.generate_target_branch,
                most_tries=None if config.max_attempts == _ATTEMPTS else config.max_attempts,
            )
        if isinstance(done, NotPushed):
            return _refused(done)
        output = {"branch": done.branch, "commit": done.commit}
        url = commit_url(done.url, done.commit, config.provider)
        commit = messages.short_id(done.commit)
        if config.tag:
            said = f"tag {config.tag} of {done.repository} is on commit {commit}"
        else:
            said = f"commit {commit} is on branch {done.branch} of {done.repository}"
        if url:
            output, said = {**output, "commitURL": url}, said if config.tag else f"{said}: {url}"
        return Succeeded(output=output, message=said)


def _refused(done: NotPushed) -> Outcome:
    match done.why:
        case WhyNotPushed.REFUSED | WhyNotPushed.EXHAUSTED:
            return Errored(message=done.message)
        case WhyNotPushed.NO_BRANCH | WhyNotPushed.NO_TAG | WhyNotPushed.UNCLEAN:
            return Errored(message=done.message, final=True)
        case WhyNotPushed.CONFLICTING:
            return StartOver(message=done.message)
        case WhyNotPushed.CONFLICTING_ELSEWHERE | WhyNotPushed.UNSAFE:
            return Failed(message=done.message)
