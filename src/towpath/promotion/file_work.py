"""What threads do with the files of a work directory: copy, move, take away; the work trees are told before it is done."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.disk import entries, removal, writing
from towpath.disk.entries import Entry, EntryKind
from towpath.errors import AlreadyExists, BadRequest, NotFound, TooLarge
from towpath.promotion.file_errors import unreadable, unwritable
from towpath.promotion.rooted_path import resolve
from towpath.runtime.threads import go_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.promotion.disk_room import DiskRoom
    from towpath.promotion.tree_notes import TreeNotes
    from towpath.runtime.threads import Stop

MOST_ENTRIES: Final = 500_000
"""That one walk may come to; they are held in memory."""
_PIECE: Final = 1 << 20
_GIT: Final = ".git"
FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_TREE_FILE_MODE: Final = 0o644


@dataclass(frozen=True, slots=True)
class FileWork:
    """The files below one root, as one piece of work sees them."""

    root: Path
    trees: TreeNotes
    room: DiskRoom

    def walk(
        self, stop: Stop, real: Path, path: str, wanted: Callable[[Entry], bool]
    ) -> list[Entry]:
        """Return what lies below a folder. Raises NotFound, BadRequest, TooLarge."""
        found: list[Entry] = []
        try:
            for each in entries.walk(str(real), wanted=wanted, stop=stop):
                found.append(each)
                if len(found) > MOST_ENTRIES:
                    raise TooLarge(f"{path} holds more than {MOST_ENTRIES:,} files and folders")
        except OSError as error:
            raise unreadable(path, error) from error
        go_on(stop)
        return found

    def write(
        self, _: Stop, real: Path, path: str, data: bytes, mode: int | None, *, is_new: bool
    ) -> None:
        """Write a file as a whole. Raises AlreadyExists, BadRequest, TooLarge."""
        there = entries.entry(str(real), "")
        if there is not None and there.kind is not EntryKind.FILE:
            raise BadRequest(f"{path} cannot be written: it is no file but a {there.kind}")
        if is_new and there is not None:
            raise AlreadyExists(f"{path} is there already")
        is_in_tree = self.trees.writes(str(real))
        self.room.take(entries.disk_of(len(data)), path)
        if mode is None:
            mode = there.mode if there else _TREE_FILE_MODE if is_in_tree else FILE_MODE
        try:
            real.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            writing.place(real, data, mode=mode)
        except OSError as error:
            raise unwritable(path, error) from error

    def make_directory(self, _: Stop, real: Path, path: str, mode: int) -> None:
        """Make a folder, and those above it, where they are missing. Raises BadRequest, TooLarge."""
        below = [each for each in (real, *real.parents) if self.root in each.parents]
        try:
            missing = [each for each in reversed(below) if not each.is_dir()]
            for each in missing:
                self.trees.makes(str(each))
            self.room.take(entries.disk_of(0) * len(missing), path)
            for each in missing:
                each.mkdir(mode=mode)
        except OSError as error:
            raise unwritable(path, error) from error

    def delete(self, stop: Stop, real: Path, path: str) -> bool:
        """Take away what is at a path, links as links; return whether there was something. Raises BadRequest."""
        found = entries.entry(str(real), "")
        if found is None:
            return False
        if real == self.root:
            raise BadRequest(f"{path} is the work directory itself, which cannot be deleted")
        if self.trees.is_git(str(real)):
            raise BadRequest(f"{path} lies inside .git, which no step may write")
        self._tell_gone(stop, real, found)
        gone = self.root.with_name(f".gone-{secrets.token_hex(8)}")
        removal.permit(real)
        try:
            real.rename(gone)
        except OSError as error:
            raise BadRequest(f"{path} cannot be deleted: {error.strerror}") from error
        removal.remove(gone, stop=stop)
        go_on(stop)
        return True

    def _tell_gone(self, stop: Stop, real: Path, found: Entry) -> None:
        if found.kind is not EntryKind.DIRECTORY:
            self.trees.removes(str(real))
            return
        for each in entries.walk(str(real), stop=stop):
            if each.kind is not EntryKind.DIRECTORY:
                self.trees.removes(f"{real}/{each.path}")
        go_on(stop)

    def move(self, stop: Stop, source: Path, target: Path, path: str, *, replace: bool) -> None:
        """Move what is at a real path, in the work directory or beside it.

        Raises NotFound where nothing is, AlreadyExists, BadRequest, TooLarge.
        """
        found = entries.entry(str(source), "")
        if found is None:
            raise NotFound(f"{path}: there is nothing to move")
        if target == source or source in target.parents:
            raise BadRequest(f"{path} cannot be moved into itself")
        if target == self.root or self.trees.is_git(str(target)) or self.trees.is_git(str(source)):
            raise BadRequest(f"{path} cannot be moved: work directory and .git stay where they are")
        below = [found]
        if found.kind is EntryKind.DIRECTORY:
            below = list(entries.walk(str(source), stop=stop))
            go_on(stop)
        is_inside = self.root in source.parents
        for each in below:
            there = f"{target}/{each.path}" if each.path else str(target)
            if each.kind is EntryKind.DIRECTORY:
                self.trees.makes(there)
                continue
            self.trees.writes(there)
            if is_inside:
                self.trees.removes(f"{source}/{each.path}" if each.path else str(source))
        if not is_inside:
            self.room.take(sum(each.disk for each in below), path)
        if entries.entry(str(target), "") is not None:
            if not replace:
                raise AlreadyExists(f"{path} is there already")
            self.delete(stop, target, path)
        if found.kind is EntryKind.DIRECTORY:
            self.trees.makes(str(target))
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            source.rename(target)
        except OSError as error:
            raise unwritable(path, error) from error

    def copy(self, stop: Stop, source: str, target: str, skip: Callable[[str, bool], bool]) -> int:
        """Copy a file, or what is in a folder into another; return how many files were written.

        Folders are merged, files overwritten with the permissions of those copied; links and what is no file are left
        out, and so is `.git`. `skip(path below the source, is a folder)` leaves out more. Raises NotFound, BadRequest,
        TooLarge.
        """
        real = resolve(self.root, source)
        found = entries.entry(str(real), "")
        if found is None:
            raise NotFound(f"{source}: there is no such file or folder in the work directory")
        if found.kind is EntryKind.FILE:
            if skip(real.name, False):
                return 0
            self._copy_file(stop, str(real), found, resolve(self.root, target), target)
            return 1
        if found.kind is not EntryKind.DIRECTORY:
            raise BadRequest(f"{source} is neither a file nor a folder")

        def wanted(each: Entry) -> bool:
            name = each.path.rpartition("/")[2]
            is_folder = each.kind is EntryKind.DIRECTORY
            copied = is_folder or each.kind is EntryKind.FILE
            return copied and name != _GIT and not skip(each.path, is_folder)

        # As a list: the target may lie in the source, and what is written there is not to be copied as well.
        below = self.walk(stop, real, source, wanted)
        folders = {"": resolve(self.root, target)}
        self.make_directory(stop, folders[""], target, _FOLDER_MODE)
        copied = 0
        for each in below:
            go_on(stop)
            above, _, name = each.path.rpartition("/")
            there = folders[above] / name
            shown = f"{target.rstrip('/')}/{each.path}"
            if there.is_symlink():
                there = resolve(self.root, str(there.relative_to(self.root)))
            if each.kind is EntryKind.DIRECTORY:
                self.make_directory(stop, there, shown, _FOLDER_MODE)
                folders[each.path] = there
            else:
                self._copy_file(stop, f"{real}/{each.path}", each, there, shown)
                copied += 1
        return copied

    def _copy_file(self, stop: Stop, source: str, found: Entry, real: Path, path: str) -> None:
        if real.is_dir():
            raise BadRequest(f"{path} is a folder, and a file cannot take its place")
        if os.path.realpath(source) == str(real):
            return
        self.trees.writes(str(real))
        self.room.take(found.disk, path)
        beside = real.with_name(f".{secrets.token_hex(8)}.copied")
        try:
            real.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            try:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                with (
                    os.fdopen(os.open(source, flags), "rb") as reader,
                    beside.open("xb") as writer,
                ):
                    while piece := reader.read(_PIECE):
                        go_on(stop)
                        writer.write(piece)
                    os.fchmod(writer.fileno(), found.mode & 0o777)
                beside.replace(real)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(path, error) from error


def read(real: Path, path: str, most_bytes: int) -> bytes:
    """Return a file's contents. Raises NotFound, and BadRequest for what is no file or too large."""
    try:
        # A pipe that nobody writes to must not keep us waiting.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(real, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadRequest(f"{path} is not a regular file")
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) > most_bytes:
        raise BadRequest(f"{path} is larger than {most_bytes:,} bytes")
    return data
