"""The work directory of one Promotion: all that a step does with files, and the programs it runs.

Paths are those of manifests (`rooted_path`): whatever they say, they stay inside. Git work trees are told what is written
and deleted in them (`tree_notes`), there is a bound on the disk that all files take together (`disk_room`), and work on
many or large files ends soon after whoever asked for it is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Final

from towpath.clients.confinement.allowed_program import AllowedProgram
from towpath.disk import entries, removal
from towpath.disk.entries import Entry
from towpath.errors import AlreadyExists, BadRequest, NotFound, TooLarge
from towpath.promotion import file_work, rooted_path
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.file_errors import unreadable, unwritable
from towpath.promotion.file_work import FileWork
from towpath.promotion.programs import MEMORY_BYTES, OUTPUT_BYTES, Finished, Programs
from towpath.promotion.tree_notes import TreeNotes
from towpath.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.documents.scalar_edit import ScalarEdit
    from towpath.promotion.checkout import Checkout

__all__ = ["Entry", "Finished", "WorkDirectory"]

_FOLDER_MODE: Final = 0o700


class WorkDirectory:
    """One directory (0700) below which a Promotion's files lie."""

    def __init__(
        self, root: Path, *, room: DiskRoom | None = None, programs: Programs | None = None
    ) -> None:
        self.root = root
        self.room = room or DiskRoom(root)
        self._programs = programs or Programs()
        self.trees: dict[Path, WorkTree] = {}
        """Git work trees by the real path they lie at, the deepest first; `checkouts` keeps this and the two below."""
        self.checkouts: dict[Path, Checkout] = {}
        """What each of them was made from."""
        self.edits: dict[Path, list[ScalarEdit]] = {}
        """Edits of scalars that steps made of files, in their order, by real path, since somebody wrote one otherwise."""
        self.deleted: list[WorkTree] = []
        """Work trees whose files were deleted by a step: they are of no use to anybody."""
        self.is_secret = False
        """Whether a step that was given a secret value may have written it into a file."""
        self.notes: dict[str, str] = {}
        """The commit that a step began from, by its alias."""
        self.record = root.with_name(f"{root.name}.checkouts.json")
        """Where these are written down: beside the directory, so that no step reaches it."""
        self.writing = asyncio.Lock()
        """Held while the record is written."""
        self.under_way: set[asyncio.Future[None]] = set()
        """Writes of it that go on although nobody waits for them."""

    # --- paths ---------------------------------------------------------------------------------------

    def resolve(self, path: str, *, follow_last: bool = True, is_strict: bool = False) -> Path:
        """Return the real path of a configured one, existing or not, as `rooted_path.resolve` says. Raises BadRequest.

        What is written to it directly is unknown to Git work trees: use the methods below for that.
        """
        return rooted_path.resolve(self.root, path, follow_last=follow_last, is_strict=is_strict)

    def named(self, path: Path) -> str:
        """Return a real path as the manifest would write it, for messages: relative to the root."""
        return str(path.relative_to(self.root))

    def is_real(self, path: Path) -> bool:
        """Whether no link lies on the way from the root to a path. What the path itself names may be one."""
        try:
            return self.resolve(self.named(path), follow_last=False) == path
        except BadRequest:
            return False

    async def settle(self) -> None:
        """Bring the files of work trees to the commits that a push has put in the place of theirs."""
        for tree in list(self.trees.values()):
            await tree.settle()

    # --- looking -------------------------------------------------------------------------------------

    async def stat(self, path: str, *, follow_last: bool = True) -> Entry | None:
        """Return what is at a path; None if nothing is. Its `path` is empty."""
        real = self.resolve(path, follow_last=follow_last)
        return await asyncio.to_thread(entries.entry, str(real), "")

    async def list(self, path: str) -> Sequence[Entry]:
        """Return what lies directly in a folder, by name. Raises NotFound, BadRequest for what is no folder."""
        real = self.resolve(path)
        try:
            return await asyncio.to_thread(entries.listed, str(real))
        except OSError as error:
            raise unreadable(path, error) from error

    async def walk(
        self, path: str, *, wanted: Callable[[Entry], bool] = lambda _: True
    ) -> Sequence[Entry]:
        """Return all that lies below a folder, each folder before what is in it; links are not followed.

        What is not `wanted` is left out with all that is in it; it is asked in a thread. Raises NotFound, BadRequest for
        what is no folder, TooLarge for more than 500,000 entries.
        """
        return await in_thread(self._work().walk, self.resolve(path), path, wanted)

    async def read(self, path: str, *, most_bytes: int = 64 << 20) -> bytes:
        """Return a file's contents. Raises NotFound, and BadRequest for what is no file or too large."""
        return await asyncio.to_thread(file_work.read, self.resolve(path), path, most_bytes)

    # --- changing ------------------------------------------------------------------------------------

    async def write(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        is_new: bool = False,
        edit: ScalarEdit | None = None,
    ) -> None:
        """Write a file as a whole, making directories (0700) as needed.

        Without a `mode` one that exists keeps its own, and a new one gets 0600, in a Git work tree 0644. With `is_new` there
        must be none yet. `edit`: what made `data` of what was there; kept in `edits`, for whoever wants to do it again.
        Raises AlreadyExists, BadRequest, and TooLarge where the disk's bound is passed.
        """
        real = self.resolve(path)
        before = self.edits.get(real, [])
        await in_thread(self._work().write, real, path, data, mode, is_new=is_new)
        if edit is not None:
            self.edits[real] = [*before, edit]

    async def receive(
        self,
        path: str,
        pieces: AsyncIterable[bytes],
        *,
        most_bytes: int,
        mode: int | None = None,
        is_new: bool = False,
    ) -> int:
        """Write a file from pieces that come one by one; return its size. It is there whole, or not at all.

        Raises what `write` raises, TooLarge for more than `most_bytes`, and AlreadyExists where `is_new` and something is
        there.
        """
        async with self.scratch() as folder:
            beside, size = folder / "received", 0
            with beside.open("xb") as file:
                async for piece in pieces:
                    size += len(piece)
                    if size > most_bytes:
                        raise TooLarge(f"{path} would be larger than {most_bytes:,} bytes")
                    await asyncio.to_thread(file.write, piece)
            beside.chmod(file_work.FILE_MODE if mode is None else mode)
            if is_new and await self.stat(path) is not None:
                raise AlreadyExists(f"{path} is there already")
            await self.adopt(beside, path, replace=not is_new)
        return size

    async def make_directory(self, path: str, *, mode: int = _FOLDER_MODE) -> None:
        """Make a folder, and those above it, where they are missing. Raises BadRequest, TooLarge."""
        await in_thread(self._work().make_directory, self.resolve(path), path, mode)

    async def copy(
        self,
        source: str,
        target: str,
        *,
        skip: Callable[[str, bool], bool] = lambda _, __: False,
    ) -> int:
        """Copy a file, or what is in a folder into another, and return how many files were written.

        Folders are merged, files overwritten with the permissions of those copied; links and what is no file are left
        out, and so is `.git`. `skip(path below the source, is a folder)` leaves out more, a folder with all that is in it;
        it is asked in a thread, and of a single file with its name. Raises NotFound, BadRequest, TooLarge.
        """
        return await in_thread(self._work().copy, source, target, skip)

    async def move(self, source: str, target: str, *, replace: bool = False) -> None:
        """Move a file, link or folder. Raises NotFound, AlreadyExists unless it is to `replace` what is there, BadRequest."""
        real = self.resolve(source, follow_last=False)
        goal = self.resolve(target, follow_last=False)
        for tree in (*self._trees_in(real), *self._trees_in(goal)):
            raise AlreadyExists(
                f"{self.named(tree)} is a work tree of Git, which stays where git-clone has put it"
            )
        await in_thread(self._work().move, real, goal, source, replace=replace)

    async def adopt(self, made: Path, path: str, *, replace: bool = True) -> None:
        """Move what was made in a `scratch` folder to a path, as `move` does. Counts its disk.

        Raises as `move`, TooLarge, and AlreadyExists for a place with a work tree of Git in it.
        """
        goal = self.resolve(path, follow_last=False)
        for tree in self._trees_in(goal):
            raise AlreadyExists(
                f"{self.named(tree)} is a work tree of Git, which cannot be replaced as a whole"
            )
        await in_thread(self._work().move, made, goal, path, replace=replace)

    async def delete(self, path: str, *, is_strict: bool = False) -> bool:
        """Delete a file, a link (as a link) or a folder with all in it; return whether there was something.

        `is_strict`: a path that would lead out of the directory is refused rather than kept inside. Raises BadRequest.
        """
        real = self.resolve(path, follow_last=False, is_strict=is_strict)
        for tree in self._trees_in(real):
            self.deleted.append(self.trees.pop(tree))
            self.checkouts.pop(tree, None)
        return await in_thread(self._work().delete, real, path)

    async def clear(self, path: Path) -> None:
        """Remove what is at a real path; the place is free at once, also if the caller is cancelled.

        Where a program has put a link on the way there, nothing is: what the link leads to is none of ours.
        """
        if self.root in path.parents and not self.is_real(path):
            return
        gone = _aside(path, self.root.with_name(f".gone-{secrets.token_hex(8)}"))
        await asyncio.to_thread(removal.remove, gone)

    @contextlib.asynccontextmanager
    async def scratch(self) -> AsyncIterator[Path]:
        """Yield an empty folder on the same disk that no path of a manifest leads to; it goes at the end."""
        folder = self.root.with_name(f".scratch-{secrets.token_hex(8)}")
        try:
            folder.mkdir(mode=_FOLDER_MODE)
        except OSError as error:
            raise unwritable("the work directory", error) from error
        try:
            yield folder
        finally:
            await asyncio.shield(asyncio.to_thread(removal.remove, folder))

    # --- programs ------------------------------------------------------------------------------------

    async def run(
        self,
        argv: Sequence[str],
        *,
        seconds: float,
        cwd: str = ".",
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        output_limit: int = OUTPUT_BYTES,
        memory_limit: int = MEMORY_BYTES,
        secret_values: Sequence[str] = (),
        only_reads: bool = False,
        read: Sequence[Path] = (),
    ) -> Finished:
        """Run a program to its end in a folder; a non-zero exit is an answer, not an error.

        `argv[0]` is looked for where the operator has programs. It gets a home of its own and nothing of our environment;
        `environment` adds to that or overrides it. The kernel holds it: it has no network, and reads nothing but the work
        directory, the system's programs and libraries, and what lies at `read`. It writes in the work directory, unless it
        `only_reads`; then no work tree is less trusted after it. Cancelled, out of time, over a limit or over the disk's
        bound, it is ended with all that it has started. Raises NotFound when there is no such folder, Timeout, TooLarge,
        BadRequest, and Unavailable, also where the kernel cannot hold it.
        """
        directory = await self._opened(cwd, only_reads=only_reads)
        program = AllowedProgram(
            program=self._programs.found(argv[0], directory),
            seconds=seconds,
            memory_bytes=memory_limit,
            output_bytes=output_limit,
            read=read,
            must_confine=self._programs.must_confine,
            setting="promotions.confinement",
        )
        return await self._programs.run(
            program,
            argv[1:],
            root=self.root,
            directory=directory,
            room=self.room,
            environment=environment or {},
            seconds=seconds,
            stdin=stdin,
            secret_values=secret_values,
            only_reads=only_reads,
        )

    @property
    def allowed(self) -> Mapping[str, AllowedProgram]:
        """Programs that manifests may name, by the operator's names for them."""
        return self._programs.allowed

    async def run_allowed(
        self, name: str, arguments: Sequence[str], *, cwd: str, stdin: bytes, seconds: float
    ) -> Finished:
        """Run one of the `allowed` programs as `run` does. No work tree is trusted after it."""
        return await self._programs.run(
            self.allowed[name],
            arguments,
            root=self.root,
            directory=await self._opened(cwd, only_reads=False),
            room=self.room,
            environment={},
            seconds=seconds,
            stdin=stdin,
        )

    async def _opened(self, cwd: str, *, only_reads: bool) -> Path:
        """Return the folder that a program is to run in; what it may write to is not trusted from now on."""
        directory = self.resolve(cwd)
        if not directory.is_dir():
            raise NotFound(f"{cwd}: there is no such folder in the work directory")
        if not only_reads:
            for tree in list(self.trees.values()):
                await tree.catch_up()
                tree.opaque = True
            self.edits.clear()
        return directory

    def _work(self) -> FileWork:
        return FileWork(self.root, TreeNotes(self.trees, self.edits), self.room)

    def _trees_in(self, real: Path) -> Sequence[Path]:
        """Return where work trees lie at a real path or below it."""
        return [folder for folder in self.trees if folder == real or real in folder.parents]


def _aside(path: Path, gone: Path) -> Path:
    """Move what is at `path` to `gone`, if it can be moved; return where it is."""
    removal.permit(path)
    try:
        return path.rename(gone)
    except OSError:
        return path
