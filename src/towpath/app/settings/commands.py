"""Programs that the step `command` may run: those that the operator lists, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from towpath.app.settings import sizes, wrong
from towpath.clients.confinement import allowed_program
from towpath.clients.confinement.allowed_program import AllowedProgram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_SECONDS: Final = 24 * 3600.0


class CommandSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One program, and what it may take."""

    program: str
    """Its file: an absolute path."""
    args: list[str] = []
    """Arguments that come first, whatever a Promotion adds."""
    seconds: float = allowed_program.SECONDS
    memory: int | str = allowed_program.MEMORY_BYTES
    """Of each of its processes."""
    output: int | str = allowed_program.OUTPUT_BYTES
    """What it may write on its standard output."""
    read: list[str] = []
    """Files and folders that it may read besides the system's programs and the work directory."""
    confinement: Literal["Required", "IfPossible"] = "Required"

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        yield from wrong.path("program", self.program)
        for place, path in enumerate(self.read):
            yield from wrong.path(f"read[{place}]", path)
        if not 0 < self.seconds <= _LONGEST_SECONDS:
            yield "seconds", f"{self.seconds} is not a number of seconds up to a day"
        yield from wrong.size("memory", self.memory)
        yield from wrong.size("output", self.output)

    def allowed(self) -> AllowedProgram:
        """Return the program as steps are given it."""
        return AllowedProgram(
            program=Path(self.program),
            arguments=tuple(self.args),
            seconds=self.seconds,
            memory_bytes=sizes.read(self.memory),
            output_bytes=sizes.read(self.output),
            read=tuple(map(Path, self.read)),
            must_confine=self.confinement == "Required",
        )


def problems(commands: Mapping[str, CommandSettings]) -> Iterator[tuple[str, str]]:
    """Yield each key that is wrong, and why."""
    for name, command in commands.items():
        if not _NAME.fullmatch(name):
            yield (
                name,
                "the key is the name by which manifests name it: small letters, digits and dashes",
            )
        for key, why in command.problems():
            yield f"{name}.{key}", why


def allowed(commands: Mapping[str, CommandSettings]) -> dict[str, AllowedProgram]:
    """Return the programs that steps may run, by name."""
    return {name: command.allowed() for name, command in commands.items()}
