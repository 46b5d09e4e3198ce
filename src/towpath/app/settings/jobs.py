"""Jobs of measurements: what runs them, as the operator says. Without a word of the operator, nothing does."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from towpath import patterns
from towpath.app.settings import commands, sizes, wrong
from towpath.app.settings.commands import CommandSettings
from towpath.patterns import glob
from towpath.resources import durations
from towpath.verification.jobs.containers import ContainerRunner
from towpath.verification.jobs.kept import LogBounds
from towpath.verification.jobs.running import JobProgram, ProgramRunner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.clients.confinement.allowed_program import AllowedProgram
    from towpath.verification.jobs.running import JobRunner

_USUAL: Final = LogBounds()
_SECONDS: Final = 600.0
_LONGEST_SECONDS: Final = 24 * 3600.0
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_OF_ENGINE: Final = ("HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "CONTAINER_HOST")
"""Variables of ours that podman and docker are given: where their images are, and their service."""


class JobProgramSettings(CommandSettings, kw_only=True):
    """One program, and what it may take."""

    seconds: float = _SECONDS
    images: list[str] = []  # noqa: RUF012 - msgspec copies it
    """Images that it stands for, without tags: names or globs of them."""
    network: bool = False
    """Whether it may open connections, to any address."""


class JobLogSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How much of what Jobs print is kept."""

    size: int | str = _USUAL.bytes
    """Of one Job."""
    total: int | str = _USUAL.total_bytes
    age: str = "336h"


class JobSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What runs Jobs."""

    runner: Literal["", "programs", "podman", "docker"] = ""
    programs: dict[str, JobProgramSettings] = {}
    engine: str = ""
    """The file of podman or docker; empty: looked for where programs are."""
    images: list[str] = []
    """Images that containers may have, without tags: names or globs of them; empty: any."""
    network: str = ""
    memory: str = "512m"
    cpus: str = "1"
    seconds: float = _SECONDS
    """That one try of a container may take."""
    at_once: int = msgspec.field(default=8, name="atOnce")
    at_once_per_project: int = msgspec.field(default=4, name="atOncePerProject")
    logs: JobLogSettings = msgspec.field(default_factory=JobLogSettings)

    @property
    def bounds(self) -> LogBounds:
        """How much of logs is kept."""
        return LogBounds(
            bytes=sizes.read(self.logs.size),
            total_bytes=sizes.read(self.logs.total),
            seconds=durations.parse(self.logs.age) / durations.SECOND,
        )


def problems(jobs: JobSettings) -> Iterator[tuple[str, str]]:
    """Yield each key that is wrong, and why."""
    if jobs.runner == "programs" and not jobs.programs:
        yield "programs", "with runner: programs, write at least one program"
    if jobs.runner != "programs" and jobs.programs:
        yield "programs", "they are run with runner: programs"
    for key, why in commands.problems(jobs.programs):
        yield f"programs.{key}", why
    named = [(f"programs.{name}.images", each.images) for name, each in jobs.programs.items()]
    for key, globs in (("images", jobs.images), *named):
        yield from _wrong_globs(key, globs)
    if jobs.engine:
        yield from wrong.path("engine", jobs.engine)
    for key, word in (("network", jobs.network), ("memory", jobs.memory), ("cpus", jobs.cpus)):
        if word and not _WORD.fullmatch(word):
            yield key, f"{word!r} is no value of the option --{key}"
    if not 0 < jobs.seconds <= _LONGEST_SECONDS:
        yield "seconds", f"{jobs.seconds} is not a number of seconds up to a day"
    yield from wrong.count("atOnce", jobs.at_once)
    yield from wrong.count("atOncePerProject", jobs.at_once_per_project)
    yield from wrong.size("logs.size", jobs.logs.size)
    yield from wrong.size("logs.total", jobs.logs.total)
    yield from wrong.span("logs.age", jobs.logs.age, may_be_empty=False)


def _wrong_globs(key: str, globs: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, each in enumerate(globs):
        try:
            glob.compile(each)
        except patterns.PatternError as error:
            yield f"{key}[{place}]", str(error)


def runner(jobs: JobSettings, *, path: str) -> JobRunner | None:
    """Return what runs Jobs; None where the operator allows none. `path`: where programs are looked for."""
    match jobs.runner:
        case "":
            return None
        case "programs":
            programs = {
                name: JobProgram(
                    program=_allowed(each, f"jobs.programs.{name}.confinement"), images=each.images
                )
                for name, each in jobs.programs.items()
            }
            return ProgramRunner(programs, path=path)
        case engine:
            return ContainerRunner(
                jobs.engine or shutil.which(engine, path=path) or engine,
                environment=_environment(path),
                seconds=jobs.seconds,
                network=jobs.network,
                memory=jobs.memory,
                cpus=jobs.cpus,
                images=jobs.images,
            )


def _allowed(program: JobProgramSettings, setting: str) -> AllowedProgram:
    return dataclasses.replace(program.allowed(), network=program.network, setting=setting)


def _environment(path: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _OF_ENGINE if name in os.environ}
    return {"PATH": path, "LC_ALL": "C.UTF-8", **kept}
