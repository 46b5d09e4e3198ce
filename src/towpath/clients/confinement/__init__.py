"""Runs a program that reads what others wrote: it sees the folders it is given, no network, and takes no more than allowed.

The kernel holds it to that (Landlock, seccomp, resource limits), whatever the program is made to do. What it may not
reach is not there for it: no link, no `../..` and no absolute path in a repository leads anywhere else.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients import process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LAUNCHER: Final = Path(__file__).with_name("launcher.py")
CANNOT_CONFINE: Final = 95
"""What the launcher exits with on a kernel that cannot do it."""
REFUSAL: Final = "not confined: "
"""What it then says first, so that no program's own exit code is taken for that."""
_SYSTEM: Final = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/dev/urandom",
    "/dev/zero",
)
"""What programs are made of, and nothing of this machine's own."""
_OF_NETWORK: Final = (
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
)
"""What tells names of hosts, and who certifies servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a program may take."""

    seconds: float = 120.0
    memory_bytes: int = 2 << 30
    output_bytes: int = 16 << 20
    file_bytes: int = 256 << 20
    """The largest file that it may write."""
    files: int = 1024
    """That it may have open."""
    processes: int = 0
    """How many the account may have more than the machine has when it starts, threads included (0: any number).

    It does not hold for root.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What a program may reach: whatever is not named is not there for it."""

    read: Sequence[Path] = ()
    write: Sequence[Path] = ()
    limits: Limits = field(default_factory=Limits)
    network: bool = False
    """Whether it may open connections."""
    is_required: bool = True
    """Whether the program is not run at all on a kernel that cannot confine it."""
    setting: str = "rendering.confinement"
    """The operator's setting that says so, for people."""

    def command(self, argv: Sequence[str]) -> list[str]:
        """Return the command that runs another one confined."""
        names = _OF_NETWORK if self.network else ()
        reads = (*_SYSTEM, *names, *map(str, self.read), os.path.realpath(argv[0]))
        terms = {
            "read": reads,
            "write": ["/dev/null", *map(str, self.write)],
            "memory": self.limits.memory_bytes,
            "file": self.limits.file_bytes,
            "files": self.limits.files,
            "processes": self.limits.processes,
            "network": self.network,
            "required": self.is_required,
        }
        return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(terms), *argv]


async def run(
    argv: Sequence[str],
    confinement: Confinement,
    *,
    environment: Mapping[str, str],
    directory: Path,
    name: str,
    stdin: bytes = b"",
) -> process.Finished:
    """Run a program confined; a non-zero exit is an answer. `name` is what people call it.

    Raises Timeout, TooLarge for what it prints, and Unavailable, which names the remedy, on a kernel that cannot
    confine it.
    """
    limits = confinement.limits
    try:
        done = await process.run(
            confinement.command(argv),
            environment=environment,
            directory=directory,
            seconds=limits.seconds,
            stdin=stdin,
            stdout_limit=limits.output_bytes,
        )
    except errors.Timeout as error:
        raise errors.Timeout(
            f"{name} did not finish within {limits.seconds:g} s and was ended"
        ) from error
    except errors.TooLarge as error:
        raise errors.TooLarge(
            f"{name} printed more than the {limits.output_bytes:,} bytes allowed and was ended"
        ) from error
    if confinement.is_required and done.code == CANNOT_CONFINE and REFUSAL in done.stderr:
        why = done.stderr.partition(REFUSAL)[2].strip()
        raise errors.Unavailable(
            f"{name} is not run, as the kernel of this machine cannot confine it ({why}): it needs "
            f"Linux 5.13 or newer with Landlock; an operator who trusts what it does sets {confinement.setting} to IfPossible"
        )
    return done
