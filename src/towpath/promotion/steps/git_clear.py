"""`git-clear`: deletes all files of a work tree, so that what is written next is all there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class GitClearConfig(Struct, kw_only=True):
    """What to clear."""

    path: Annotated[str, Field("The work tree, as the git-clone step names it.", min_length=1)]


class GitClear(BaseStep):
    """Deletes all files of a work tree."""

    name: ClassVar[str] = "git-clear"
    config: ClassVar[type[Struct]] = GitClearConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: GitClearConfig) -> Outcome:
        """Delete them; what is ignored and not tracked stays."""
        await context.effects.git.clear(config.path)
        return Succeeded(message=f"{config.path}: all files are deleted")
