"""`untar`: unpacks an archive into a folder."""

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


class UntarConfig(Struct, kw_only=True):
    """What to unpack where."""

    in_path: Annotated[str, Field("The archive; compressed with gzip or not.", min_length=1)]
    out_path: Annotated[
        str, Field("The folder to unpack into; what is there is replaced.", min_length=1)
    ]
    strip_components: Annotated[
        int | None, Field("How many leading names are taken off each entry.", minimum=0)
    ] = None
    ignore: Annotated[
        str | None,
        Field(
            "What to leave out: rules as in a .gitignore, one a line; `.git` where there are none.",
            min_length=1,
        ),
    ] = None


class Untar(BaseStep):
    """Unpacks an archive."""

    name: ClassVar[str] = "untar"
    config: ClassVar[type[Struct]] = UntarConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: UntarConfig) -> Outcome:
        """Unpack it beside the work directory, and put the folder in its place as a whole."""
        directory = context.directory
        async with directory.scratch() as folder:
            made = folder / "unpacked"
            made.mkdir(mode=0o700)
            try:
                found = await context.aside.run(
                    functools.partial(
                        archive.unpack,
                        path=config.in_path,
                        ignore=config.ignore or _IGNORED,
                        strip=config.strip_components or 0,
                    ),
                    str(directory.resolve(config.in_path)),
                    str(made),
                    weight=LIGHT + 1,  # a small archive may hold much
                    what=f"{config.in_path}: its unpacking",
                    caller=context.project,
                    seconds=_CPU_SECONDS,
                )
            except PatternError as error:
                return Errored(message=f"config.ignore: {error}", final=True)
            await directory.adopt(made, config.out_path)
        links = f" and {found.links:,} links" if found.links else ""
        return Succeeded(
            message=f"{config.in_path} → {config.out_path}: {found.files:,} files{links}, {found.bytes:,} bytes"
        )
