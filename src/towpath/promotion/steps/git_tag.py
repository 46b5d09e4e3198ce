"""`git-tag`: makes an annotated tag on the commit of a work tree; git-push sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.messages import short_id
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class GitTagConfig(Struct, kw_only=True):
    """What to tag."""

    path: Annotated[str, Field("The work tree, as the git-clone step names it.", min_length=1)]
    tag: Annotated[str, Field("Name of the tag.", min_length=1)]
    message: Annotated[str, Field("The tag's message, kept as it is.", min_length=1)]
    force: Annotated[
        bool, Field("Whether to make the tag though there is one of this name already.")
    ] = False


class GitTagOutput(Struct):
    """What was tagged."""

    commit: Annotated[str, Field("The commit that the tag is on.")] = ""


class GitTag(BaseStep):
    """Makes an annotated tag."""

    name: ClassVar[str] = "git-tag"
    config: ClassVar[type[Struct]] = GitTagConfig
    output: ClassVar[type[Struct]] = GitTagOutput
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: GitTagConfig) -> Outcome:
        """Make it."""
        made = await context.effects.git.tag(
            config.path, config.tag, message=config.message, force=config.force
        )
        return Succeeded(
            output={"commit": made.commit},
            message=f"{config.path}: tag {made.tag} is on commit {short_id(made.commit)}",
        )
