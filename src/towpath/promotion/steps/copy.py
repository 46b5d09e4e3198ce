"""`copy`: copies a file, or what is in a folder into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.patterns import PatternError, gitignore
from towpath.promotion.step import BaseStep, Errored, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class CopyConfig(Struct, kw_only=True):
    """What to copy where."""

    in_path: Annotated[str, Field("The file or folder to copy.", min_length=1)]
    out_path: Annotated[str, Field("Where it is to be; folders are made as needed.", min_length=1)]
    ignore: Annotated[
        str | None, Field("What to leave out: rules as in a .gitignore, one a line.", min_length=1)
    ] = None


class Copy(BaseStep):
    """Copies files."""

    name: ClassVar[str] = "copy"
    config: ClassVar[type[Struct]] = CopyConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: CopyConfig) -> Outcome:
        """Copy them; `.git`, links and what the rules name are left out."""
        try:
            rules = gitignore.read(config.ignore or "")
        except PatternError as error:
            return Errored(message=f"config.ignore: {error}", final=True)
        written = await context.directory.copy(
            config.in_path,
            config.out_path,
            skip=lambda path, is_folder: rules.matches(path, is_folder=is_folder),
        )
        files = "1 file" if written == 1 else f"{written:,} files"
        return Succeeded(message=f"{config.in_path} → {config.out_path}: {files} copied")
