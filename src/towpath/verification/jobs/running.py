"""What runs the container of a Job: the contract of a runner, and the runner that has programs of the operator's list."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from towpath import messages
from towpath.clients.confinement.surroundings import surroundings
from towpath.errors import BadRequest
from towpath.patterns import glob
from towpath.verification.jobs.variables import steers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.clients.confinement.allowed_program import AllowedProgram
    from towpath.verification.job import Job, JobContainer

_FILE_BYTES: Final = 256 << 20


class NoImage(BadRequest):
    """The image of a container cannot be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryCommand:
    """How a container is run once."""

    argv: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    seconds: float
    """As long as the operator allows."""
    afterwards: Sequence[str] = ()
    """What is run at the end, however it ends."""


class JobRunner(Protocol):
    """Something that containers are run by."""

    def check(self, container: JobContainer) -> None:
        """Raise BadRequest for a container that cannot be run here at all: it says what can be."""
        ...

    async def prepare(self, job: Job, scratch: Path) -> None:
        """Have ready what the tries of a Job need. Raises NoImage, and what running programs raises."""
        ...

    def command(self, job: Job, scratch: Path) -> TryCommand:
        """Return how its container is run in a folder of its own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgram:
    """A program of the operator's list."""

    program: AllowedProgram
    images: Sequence[str] = ()
    """Images that it stands for: their names without tag and digest, or globs of them."""


class ProgramRunner:
    """Runs programs of the operator's list, confined; nothing else of this machine is run."""

    def __init__(self, programs: Mapping[str, JobProgram], *, path: str) -> None:
        """`path`: folders where programs are, as in `PATH`."""
        self._programs = programs
        self._path = path

    def check(self, container: JobContainer) -> None:
        """See `JobRunner.check`. No variable decides what is run: the operator does."""
        self._found(container)
        for name in container.environment:
            if steers(name):
                raise BadRequest(
                    f"env: {messages.cut(name, 80)} may decide what else is run, or where it connects to, and is not set for a program "
                    "of the operator's list: give the value in args, or by a variable of another name"
                )

    async def prepare(self, job: Job, scratch: Path) -> None:
        """See `JobRunner.prepare`: nothing is needed."""

    def command(self, job: Job, scratch: Path) -> TryCommand:
        """See `JobRunner.command`. The program has its own arguments first, then those of the container."""
        container = job.container
        allowed = self._programs[self._found(container)].program
        arguments = [*container.command[1:], *container.args]
        bounds = allowed.confinement(
            read=(), write=(scratch,), file_bytes=_FILE_BYTES, seconds=allowed.seconds
        )
        return TryCommand(
            argv=bounds.command(allowed.argv(arguments)),
            environment={**container.environment, **surroundings(scratch, self._path)},
            seconds=allowed.seconds,
        )

    def _found(self, container: JobContainer) -> str:
        """Return the name of the program for a container: the first word of its command, or else what its image stands for."""
        if container.command:
            name = posixpath.basename(container.command[0])
            if name in self._programs:
                return name
            raise self._unknown(f"the command {messages.cut(container.command[0], 200)!r}", name)
        image = repository(container.image)
        for name, known in self._programs.items():
            if image == name or any(glob.compile(each).fullmatch(image) for each in known.images):
                return name
        raise self._unknown(f"the image {messages.cut(container.image, 200)!r}", image)

    def _unknown(self, what: str, name: str) -> BadRequest:
        return BadRequest(
            f"{what} stands for no program of the operator's list (`jobs.programs` in the server's configuration file): "
            f"{messages.instead(name, sorted(self._programs))}"
        )


def repository(image: str) -> str:
    """Return the name of an image without its tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def tag(image: str) -> str:
    """Return the tag of an image, empty if it has none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]
