"""The runner that has containers, by podman or docker: whichever the operator names. Both understand what is said here.

A container is reached by its name, which is the Job's: it is removed before a try begins and after it, so that none stays of
a server that was killed.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.clients import process
from towpath.errors import BadRequest, TowpathError
from towpath.patterns import glob
from towpath.verification.jobs.running import NoImage, TryCommand, repository, tag
from towpath.verification.jobs.variables import steers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.verification.job import Job, JobContainer

_LOOK_SECONDS: Final = 30.0
_POLICIES: Final = ("", "Always", "IfNotPresent", "Never")
UID_LABEL: Final = "analysisrun.argoproj.io/uid"


class ContainerRunner:
    """Runs containers."""

    def __init__(
        self,
        engine: str,
        *,
        environment: Mapping[str, str],
        seconds: float,
        pull_seconds: float = 300.0,
        network: str = "",
        memory: str = "",
        cpus: str = "",
        images: Sequence[str] = (),
    ) -> None:
        """`engine`: the program, and its environment: where its images are. `network`, `memory`, `cpus`: as its options of these names have them; `images`: globs of those allowed, all if empty."""
        self._engine = engine
        self._environment = environment
        self._seconds = seconds
        self._pull_seconds = pull_seconds
        self._options = [
            f"--{name}={value}"
            for name, value in (("network", network), ("memory", memory), ("cpus", cpus))
            if value
        ]
        self._images = images

    def check(self, container: JobContainer) -> None:
        """See `JobRunner.check`."""
        image = container.image
        if not image or image.startswith("-") or not image.isprintable() or " " in image:
            raise BadRequest(f"the image {messages.cut(image, 200)!r} is no name of an image")
        if self._images and not any(
            glob.compile(each).fullmatch(repository(image)) for each in self._images
        ):
            raise BadRequest(
                f"the image {messages.cut(image, 200)!r} is not among those that the operator allows (`jobs.images` in the server's "
                f"configuration file: {messages.first(list(self._images), 5)})"
            )
        if container.pull_policy not in _POLICIES:
            raise BadRequest(
                f"imagePullPolicy: {container.pull_policy[:40]!r} is not Always, IfNotPresent or Never"
            )

    async def prepare(self, job: Job, scratch: Path) -> None:
        """Have the image there, by its policy."""
        container = job.container
        policy = container.pull_policy
        if not policy:
            policy = "Always" if tag(container.image) in ("", "latest") else "IfNotPresent"
        if policy != "Always" and await self._is_there(container.image, scratch):
            return
        if policy == "Never":
            raise NoImage(
                f"the image {container.image} is not on this machine, and imagePullPolicy is Never"
            )
        try:
            done = await self._run(["pull", container.image], scratch, self._pull_seconds)
        except TowpathError as error:
            raise NoImage(
                f"the image {container.image} cannot be pulled: {error.message}"
            ) from error
        if done.code:
            said = messages.foreign(done.stderr[-messages.FOREIGN_BYTES :])
            raise NoImage(f"the image {container.image} cannot be pulled: {said.strip()}")

    def command(self, job: Job, scratch: Path) -> TryCommand:
        """See `JobRunner.command`.

        Values of variables are not on the command line, where others could read them, but in the engine's environment, whence it
        takes them; except those that would steer the engine itself, which runs unconfined. Raises BadRequest for one of them that
        holds a value of a Secret.
        """
        del scratch
        container = job.container
        entry = list(container.command)
        steering = {name for name in container.environment if steers(name)}
        for name in sorted(steering):
            if any(
                secret and secret in container.environment[name] for secret in job.secret_values
            ):
                raise BadRequest(
                    f"env: {messages.cut(name, 80)} would steer {posixpath.basename(self._engine)} itself, and it holds a value of a "
                    "Secret, which is shown to no other program: give that by a variable of another name"
                )
        argv = [
            self._engine, "run", "--rm", f"--name={job.name}", "--pull=never",
            f"--label={UID_LABEL}={job.run_uid}", *self._options,
            *(
                f"--env={name}={value}" if name in steering else f"--env={name}"
                for name, value in container.environment.items()
            ),
            *([f"--entrypoint={entry[0]}"] if entry else []),
            container.image, *entry[1:], *container.args,
        ]  # fmt: skip
        return TryCommand(
            argv=argv,
            environment={
                **{
                    name: container.environment[name]
                    for name in container.environment.keys() - steering
                },
                **self._environment,
            },
            seconds=self._seconds,
            afterwards=[self._engine, "rm", "--force", job.name],
        )

    async def _is_there(self, image: str, scratch: Path) -> bool:
        done = await self._run(["image", "inspect", image], scratch, _LOOK_SECONDS)
        return done.code == 0

    async def _run(self, arguments: list[str], scratch: Path, seconds: float) -> process.Finished:
        return await process.run(
            [self._engine, *arguments],
            environment=self._environment,
            directory=scratch,
            seconds=seconds,
        )
