"""`release-note`: puts a line about the release at the top of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.errors import NotFound
from towpath.promotion.step import BaseStep, Failed, Skipped, Succeeded
from towpath.resources.fields import Field, Struct, Text

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class ReleaseNoteConfig(Struct, kw_only=True):
    """What to note where."""

    path: Annotated[Text, Field("The file, in the work directory; made where it is missing.")]
    text: Annotated[Text, Field("The line.")]


class ReleaseNoteSettings(Struct, kw_only=True):
    """What the operator decides, under `steps.release-note.settings` of the server's configuration."""

    mark: Annotated[str, Field("What each line begins with.")] = ""


class ReleaseNoteOutput(Struct, kw_only=True):
    """What later steps see."""

    line: Annotated[str, Field("The line as it stands there.")] = ""
    lines: Annotated[int, Field("How many lines the file has.")] = 0


class ReleaseNote(BaseStep):
    """Puts a line at the top of a file, unless it is there."""

    name: ClassVar[str] = "release-note"
    config: ClassVar[type[Struct]] = ReleaseNoteConfig
    output: ClassVar[type[Struct]] = ReleaseNoteOutput
    settings: ClassVar[type[Struct]] = ReleaseNoteSettings
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: ReleaseNoteConfig) -> Outcome:
        """Read the file, and write it with the line."""
        if "\n" in config.text:
            return Failed(message="config.text: it is more than one line")
        line = f"{self.given.mark}{context.stage}: {config.text}"
        try:
            lines = (await context.directory.read(config.path)).decode().splitlines()
        except NotFound:
            lines = []
        if lines[:1] == [line]:
            return Skipped(
                output={"line": line, "lines": len(lines)}, message=f"{config.path} has the line"
            )
        lines.insert(0, line)
        await context.directory.write(config.path, "".join(f"{each}\n" for each in lines).encode())
        return Succeeded(
            output={"line": line, "lines": len(lines)}, message=f"noted in {config.path}"
        )
