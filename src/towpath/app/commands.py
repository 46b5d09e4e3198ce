"""Programs that the step `command` may run: those that the operator lists, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from towpath.app import quantities
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
        for key, path in (
            ("program", self.program),
            *((f"read[{place}]", path) for place, path in enumerate(self.read)),
        ):
            if not path.startswith("/") or "\0" in path:
                yield key, f"{path!r} is not an absolute path"
        if not 0 < self.seconds <= _LONGEST_SECONDS:
            yield "seconds", f"{self.seconds} is not a number of seconds up to a day"
        for key, size in (("memory", self.memory), ("output", self.output)):
            try:
                quantities.read(size)
            except ValueError as error:
                yield key, str(error)

    def allowed(self) -> AllowedProgram:
        """Return the program as steps are given it."""
        return AllowedProgram(
            program=Path(self.program),
            arguments=tuple(self.args),
            seconds=self.seconds,
            memory_bytes=quantities.read(self.memory),
            output_bytes=quantities.read(self.output),
            read=tuple(map(Path, self.read)),
            must_confine=self.confinement == "Required",
        )


def problems(
    commands: Mapping[str, CommandSettings], key_of_all: str = "commands"
) -> Iterator[tuple[str, str]]:
    """Yield each key that is wrong, and why."""
    for name, command in commands.items():
        if not _NAME.fullmatch(name):
            yield (
                f"{key_of_all}.{name}",
                "the key is the name by which manifests name it: small letters, digits and dashes",
            )
        for key, why in command.problems():
            yield f"{key_of_all}.{name}.{key}", why


def allowed(commands: Mapping[str, CommandSettings]) -> dict[str, AllowedProgram]:
    """Return the programs that steps may run, by name."""
    return {name: command.allowed() for name, command in commands.items()}
