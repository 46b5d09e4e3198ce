"""Runs programs for steps: an argument array, a home of their own, nothing inherited, and limits on everything.

A program is given the folders where the operator has programs, an empty home and a folder for temporary files, and what
the step adds; no variable of ours reaches it. The kernel holds every one of them to that: there is no network, and of this
machine nothing but the work directory, the system's programs and what the step or the operator names. What a program needs
of the network is fetched for it, by clients that keep to the operator's addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients import confinement, process
from towpath.disk import removal
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

    from towpath.clients.confinement.allowed_program import AllowedProgram
    from towpath.promotion.disk_room import DiskRoom

Finished = process.Finished
"""What a program did: `code`, `stdout`, `stderr`, `killed_by`."""

PATH: Final = "/usr/local/bin:/usr/bin:/bin"
"""Where programs usually are."""
OUTPUT_BYTES: Final = 64 << 20
MEMORY_BYTES: Final = 2 << 30
_LOOK_SECONDS: Final = 1.0
_SPARE: Final = 20.0
"""Looking takes at most one part in so many of the time."""
_NOWHERE: Final = "http://127.0.0.1:9"
_OFFLINE: Final = {
    "http_proxy": _NOWHERE,
    "https_proxy": _NOWHERE,
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "ALL_PROXY": _NOWHERE,
    "all_proxy": _NOWHERE,
    "GIT_ALLOW_PROTOCOL": "none",
}


@dataclass(frozen=True, slots=True)
class Programs:
    """Where programs are, and how often it is looked how much disk one takes."""

    path: str = PATH
    """Folders, as in `PATH`."""
    look_seconds: float = _LOOK_SECONDS
    allowed: Mapping[str, AllowedProgram] = field(default_factory=dict)
    """Programs that manifests may name, by the operator's names for them."""
    must_confine: bool = True
    """Whether the programs of other packages' steps are not run at all on a kernel that cannot confine them."""

    def found(self, name: str, directory: Path) -> Path:
        """Return the file of a program: looked for where programs are, or from a folder if the name is a path.

        Raises Unavailable if there is none.
        """
        if "/" in name:
            return directory / name
        path = shutil.which(name, path=self.path)
        if path is None:
            raise errors.Unavailable(
                f"cannot start {name}: there is no such program in {self.path}; install it"
            )
        return Path(path)

    async def run(
        self,
        program: AllowedProgram,
        arguments: Sequence[str],
        *,
        root: Path,
        directory: Path,
        room: DiskRoom,
        environment: Mapping[str, str],
        seconds: float,
        stdin: bytes,
        secret_values: Sequence[str] = (),
        only_reads: bool = False,
    ) -> Finished:
        """Run a program in `directory`, which lies below `root`; its own folders lie beside that.

        The kernel holds it to what it is allowed: below `root` it writes unless it `only_reads`. Raises what `process.run`
        raises, TooLarge when it has written more than there is room for, and Unavailable where it cannot be held.
        """
        async with _own_folder(root.with_name(f"program-{secrets.token_hex(8)}")) as own:
            home, temporary = own / "home", own / "tmp"
            given = {
                "PATH": self.path,
                "HOME": str(home),
                "TMPDIR": str(temporary),
                "LANG": "C.UTF-8",
                **_OFFLINE,
                **environment,
            }
            name = program.program.name
            bounds = program.confinement(
                read=(root,),
                write=(own,) if only_reads else (root, own),
                file_bytes=room.limit,
                seconds=seconds,
            )
            running = confinement.run(
                program.argv(arguments),
                bounds,
                environment=given,
                directory=directory,
                name=name,
                stdin=stdin,
            )
            look = functools.partial(room.check, name, own)
            finished = await self._watched(running, look)
        shown = finished.stderr.replace(f"{own}/", "").replace(f"{root}/", "")
        return Finished(finished.code, finished.stdout, mask(shown, secret_values))

    async def _watched(
        self, running: Coroutine[None, None, Finished], look: Callable[[], None]
    ) -> Finished:
        """Return what a program did, unless `look`, which is called now and then and at the end, raises something."""
        clock = asyncio.get_running_loop()
        task, pause = asyncio.ensure_future(running), self.look_seconds
        try:
            while not task.done():
                await asyncio.wait((task,), timeout=pause)
                begun = clock.time()
                await asyncio.to_thread(look)
                pause = max(pause, _SPARE * (clock.time() - begun))
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))


@contextlib.asynccontextmanager
async def _own_folder(folder: Path) -> AsyncIterator[Path]:
    for each in (folder, folder / "home", folder / "tmp"):
        each.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(removal.remove, folder))
