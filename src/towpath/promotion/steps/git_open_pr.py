"""`git-open-pr`: has a pull request open from one branch to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath import errors
from towpath.promotion.effects.forge import NothingToMerge, WantedPullRequest
from towpath.promotion.pull_request_fields import (
    ForgeProvider,
    RepositoryURL,
    SkipsTLS,
    answered,
    repository,
)
from towpath.promotion.step import BaseStep, Skipped, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class GitOpenPRConfig(Struct, kw_only=True):
    """Which branches, and how it is worded."""

    repo_url: RepositoryURL
    source_branch: Annotated[
        str, Field("The branch with the changes, as it is on the server.", min_length=1)
    ]
    target_branch: Annotated[str, Field("The branch that they are to go to.", min_length=1)]
    provider: ForgeProvider = ""
    title: Annotated[
        str | None,
        Field("The title; the first line of the newest commit's message.", min_length=1),
    ] = None
    description: Annotated[
        str | None, Field("The description; the rest of that message.", min_length=1)
    ] = None
    labels: Annotated[
        list[Annotated[str, Field(min_length=1)]], Field("Labels that it is given.")
    ] = []  # noqa: RUF012 - msgspec copies it
    insecure_skip_tls_verify: SkipsTLS = False
    create_target_branch: Annotated[
        bool, Field("Has no effect: the target branch has to be there.")
    ] = False


class OpenedPullRequest(Struct, kw_only=True):
    """A pull request that there is, open or merged."""

    id: Annotated[int, Field("Its number.")] = 0
    url: Annotated[str, Field("Its page.")] = ""


class GitOpenPROutput(Struct, kw_only=True):
    """The pull request that there is."""

    pr: Annotated[OpenedPullRequest | None, Field("The pull request.")] = None


class GitOpenPr(BaseStep):
    """Opens pull requests."""

    name: ClassVar[str] = "git-open-pr"
    config: ClassVar[type[Struct]] = GitOpenPRConfig
    output: ClassVar[type[Struct]] = GitOpenPROutput
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: GitOpenPRConfig) -> Outcome:
        """Open one, unless there is one already."""
        wanted = WantedPullRequest(
            source=config.source_branch,
            target=config.target_branch,
            title=config.title or "",
            description=config.description or "",
            labels=config.labels,
        )
        place = repository(
            config.repo_url, config.provider, insecure=config.insecure_skip_tls_verify
        )
        try:
            done = await context.effects.forge.open(place, wanted)
        except errors.TowpathError as error:
            return answered(error, context.former)
        if isinstance(done, NothingToMerge):
            return Skipped(message=done.said)
        said = (
            "pull request {} is there already: {}"
            if done.is_found
            else "opened pull request {}: {}"
        )
        return Succeeded(
            output={"pr": {"id": done.number, "url": done.url}},
            message=said.format(done.number, done.url),
        )
