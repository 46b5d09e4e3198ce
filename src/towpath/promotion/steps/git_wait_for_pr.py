"""`git-wait-for-pr`: waits until a pull request is merged, or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from towpath import errors
from towpath.promotion.pull_request_fields import (
    ForgeProvider,
    PullRequestNumber,
    PullRequestOutput,
    PullRequestPoll,
    RepositoryURL,
    SkipsTLS,
    answered,
    poll_seconds,
    repository,
    shown,
)
from towpath.promotion.step import BaseStep, Failed, Succeeded, Waiting
from towpath.resources.fields import Struct
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_POLL_SECONDS: Final = 30.0
_LONGEST_SECONDS: Final = 120.0
"""To which it grows, where nobody has said."""


class GitWaitForPRConfig(Struct, kw_only=True):
    """Which pull request."""

    repo_url: RepositoryURL
    pr_number: PullRequestNumber
    provider: ForgeProvider = ""
    insecure_skip_tls_verify: SkipsTLS = False
    poll_interval: PullRequestPoll = None


class GitWaitForPr(BaseStep):
    """Waits for a pull request."""

    name: ClassVar[str] = "git-wait-for-pr"
    config: ClassVar[type[Struct]] = GitWaitForPRConfig
    output: ClassVar[type[Struct]] = PullRequestOutput
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: GitWaitForPRConfig) -> Outcome:
        """Look whether it was merged."""
        place = repository(
            config.repo_url, config.provider, insecure=config.insecure_skip_tls_verify
        )
        try:
            again, longest = poll_seconds(config.poll_interval, _POLL_SECONDS, _LONGEST_SECONDS)
            seen = await context.effects.forge.look(place, config.pr_number)
        except errors.TowpathError as error:
            return answered(error, context.former)
        output = shown(seen)
        if seen.is_merged:
            return Succeeded(output=output, message=f"pull request {seen.number} was merged")
        if not seen.is_open:
            return Failed(
                message=f"pull request {seen.number} was closed and not merged: {seen.url}",
                output=output,
            )
        return Waiting(
            waiting_for=f"pull request {seen.number} to be merged: {seen.url}",
            wake=[wake_keys.pull_request(config.repo_url, seen.number)],
            again_seconds=again,
            slackens_to=longest,
            output=output,
        )
