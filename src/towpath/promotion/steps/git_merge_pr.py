"""`git-merge-pr`: merges a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath import errors
from towpath.promotion.effects.forge import NotMerged
from towpath.promotion.pull_request_fields import (
    ForgeProvider,
    PullRequestNumber,
    PullRequestPoll,
    RepositoryURL,
    SkipsTLS,
    answered,
    poll_seconds,
    repository,
)
from towpath.promotion.step import BaseStep, Failed, Succeeded, Waiting
from towpath.resources.fields import Field, Struct
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_POLL_SECONDS: Final = 10.0
_LONGEST_SECONDS: Final = 60.0
"""To which it grows, where nobody has said."""


class GitMergePRConfig(Struct, kw_only=True):
    """Which pull request, and how."""

    repo_url: RepositoryURL
    pr_number: PullRequestNumber
    provider: ForgeProvider = ""
    merge_method: Annotated[
        str | None,
        Field(
            "How it is merged, as the forge calls it; a merge commit, or what the GitLab project says.",
            min_length=1,
        ),
    ] = None
    wait: Annotated[
        bool, Field("Whether one that cannot be merged yet is waited for; else the step fails.")
    ] = False
    poll_interval: PullRequestPoll = None
    insecure_skip_tls_verify: SkipsTLS = False


class MergedCommit(Struct, kw_only=True):
    """What came of it."""

    commit: Annotated[str, Field("The commit that stands for it on the target branch.")] = ""


class GitMergePr(BaseStep):
    """Merges pull requests."""

    name: ClassVar[str] = "git-merge-pr"
    config: ClassVar[type[Struct]] = GitMergePRConfig
    output: ClassVar[type[Struct]] = MergedCommit
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: GitMergePRConfig) -> Outcome:
        """Merge it; one that is merged stays."""
        place = repository(
            config.repo_url, config.provider, insecure=config.insecure_skip_tls_verify
        )
        try:
            again, longest = poll_seconds(config.poll_interval, _POLL_SECONDS, _LONGEST_SECONDS)
            done = await context.effects.forge.merge(
                place, config.pr_number, config.merge_method or ""
            )
        except errors.TowpathError as error:
            return answered(error, context.former)
        if not isinstance(done, NotMerged):
            was = "was merged already" if done.is_found else "is merged"
            return Succeeded(
                output={"commit": done.commit}, message=f"pull request {done.number} {was}"
            )
        if done.is_final or not (config.wait or done.is_under_way):
            return Failed(message=done.why)
        return Waiting(
            waiting_for=done.why,
            wake=[wake_keys.pull_request(config.repo_url, config.pr_number)],
            again_seconds=again,
            slackens_to=longest,
        )
