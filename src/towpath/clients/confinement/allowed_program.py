"""A program that manifests may name, for steps and Jobs, and what it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.confinement import Confinement, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS: Final = 60.0
MEMORY_BYTES: Final = 512 << 20
OUTPUT_BYTES: Final = 1 << 20
_PROCESSES: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedProgram:
    """One of them: it writes in the folders it is given alone, sees little else, and reaches no network unless that is said."""

    program: Path
    arguments: Sequence[str] = ()
    """Those that come first, whatever a Promotion adds."""
    seconds: float = SECONDS
    """How long it may run at most."""
    memory_bytes: int = MEMORY_BYTES
    """Of each of its processes."""
    output_bytes: int = OUTPUT_BYTES
    read: Sequence[Path] = ()
    """What it may read besides its own file, the system's programs and the work directory."""
    must_confine: bool = True
    """Whether it is not run at all on a kernel that cannot confine it."""
    setting: str = "commands.NAME.confinement"
    """The operator's setting that says so."""
    network: bool = False
    """Whether it may open connections: to any address, as no guard stands between."""
    processes: int = _PROCESSES
    """How many the account may have more than the machine has when it starts; 0: any number."""

    def argv(self, arguments: Sequence[str]) -> list[str]:
        """Return its command for the arguments of a Promotion."""
        return [str(self.program), *self.arguments, *arguments]

    def confinement(
        self, *, read: Sequence[Path], write: Sequence[Path], file_bytes: int, seconds: float
    ) -> Confinement:
        """Return what holds it, where it may read and write in these folders, files of so many bytes, for so long."""
        return Confinement(
            read=(*self.read, *read),
            write=write,
            limits=Limits(
                seconds=min(seconds, self.seconds),
                memory_bytes=self.memory_bytes,
                output_bytes=self.output_bytes,
                file_bytes=file_bytes,
                processes=self.processes,
            ),
            network=self.network,
            is_required=self.must_confine,
            setting=self.setting,
        )
