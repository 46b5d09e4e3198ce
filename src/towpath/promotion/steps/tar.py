"""`tar`: makes an archive of a file or a folder."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.disk import archive
from towpath.patterns import PatternError
from towpath.promotion.step import BaseStep, Errored, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.runtime.aside import LIGHT

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_CPU_SECONDS: Final = 60.0
_IGNORED: Final = ".git"


class TarConfig(Struct, kw_only=True):
    """What to archive where."""

    in_path: Annotated[str, Field("The file or folder to archive.", min_length=1)]
    out_path: Annotated[
        str, Field("The archive to make; one that is there is replaced.", min_length=1)
    ]
    ignore: Annotated[
        str | None,
        Field(
            "What to leave out: rules as in a .gitignore, one a line; `.git` where there are none.",
            min_length=1,
        ),
    ] = None
    gzip: Annotated[bool, Field("Whether the archive is compressed.")] = False


class Tar(BaseStep):
    """Makes an archive."""

    name: ClassVar[str] = "tar"
    config: ClassVar[type[Struct]] = TarConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: TarConfig) -> Outcome:
        """Make it beside the work directory, and put it in its place as a whole."""
        directory = context.directory
        source, target = directory.resolve(config.in_path), directory.resolve(config.out_path)
        inside = str(target.relative_to(source)) if source in target.parents else ""
        async with directory.scratch() as folder:
            made = folder / "archive"
            try:
                packed = await context.aside.run(
                    functools.partial(
                        archive.pack,
                        path=config.in_path,
                        ignore=config.ignore or _IGNORED,
                        compress=config.gzip,
                        leave_out=inside,
                    ),
                    str(source),
                    str(made),
                    weight=LIGHT + 1,  # how large it gets is known afterwards
                    what=f"{config.in_path}: its archive",
                    caller=context.project,
                    seconds=_CPU_SECONDS,
                )
            except PatternError as error:
                return Errored(message=f"config.ignore: {error}", final=True)
            size = made.stat().st_size
            await directory.adopt(made, config.out_path)
        return Succeeded(
            message=f"{config.out_path}: {packed.files:,} files of {config.in_path}, {size:,} bytes"
        )
