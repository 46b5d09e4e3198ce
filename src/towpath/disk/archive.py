"""Tar archives: made from a folder, and unpacked into an empty one, whoever made them.

An archive decides what its entries are called, where its links lead, how large it is once unpacked. So every name is
checked before it is used, nothing is written through a link, and entries, bytes of a file and bytes in all are bounded.
Both functions are called in a process of their own, by name, with paths and texts.
"""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

from towpath.disk import entries, entry_names
from towpath.disk.entries import EntryKind
from towpath.errors import BadRequest, NotFound, TooLarge
from towpath.patterns import gitignore

if TYPE_CHECKING:
    from towpath.disk.entries import Entry
    from towpath.patterns.gitignore import Ignore

FILE_BYTES: Final = 50 << 20
"""Of one file in an archive, at most."""
ALL_BYTES: Final = 100 << 20
"""Of all files in an archive, at most."""
MOST_ENTRIES: Final = 100_000
_READ_BYTES: Final = ALL_BYTES + (64 << 20)
"""That an archive may have once it is decompressed, its headers included."""
_PIECE: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ABOVE: Final = ".."
_BAD_HEADERS: Final = ("InvalidHeaderError", "TruncatedHeaderError")
"""Errors of the module that it gives no public name."""
_OPEN: Final = os.O_NOFOLLOW | os.O_CLOEXEC
DEEPEST: Final = 255
"""That an entry of an archive may lie in folders, as a path of the work directory."""
_LONGEST_NAME: Final = 255
"""Bytes of one name, as file systems have it."""
_SHOWN: Final = 200
"""Characters of an entry's name in messages: an archive may have any name."""


@dataclass(slots=True)
class Packed:
    """What went into an archive, or came out of one."""

    files: int = 0
    folders: int = 0
    links: int = 0
    bytes: int = 0

    def take(self, name: str, size: int, archive: str) -> None:
        """Count a file. Raises TooLarge."""
        if size > FILE_BYTES:
            raise TooLarge(
                f"{archive}: {name} has {size:,} bytes; a file in an archive may have {FILE_BYTES:,}"
            )
        self.files += 1
        self.bytes += size
        if self.bytes > ALL_BYTES:
            raise TooLarge(
                f"{archive}: its files have more than {ALL_BYTES:,} bytes together, which is the limit"
            )


# --- making one --------------------------------------------------------------------------------------


def pack(
    source: str, target: str, *, path: str, ignore: str, compress: bool, leave_out: str = ""
) -> Packed:
    """Make an archive at `target` of what is in a folder, or of one file.

    Names are relative to the folder, in their order; a file has its own. Links are stored as links, owners are left out.
    `ignore`: rules as in a .gitignore; `leave_out`: the path of one more that does not belong in it. `path` is for messages.
    Raises NotFound, BadRequest, TooLarge, PatternError.
    """
    rules = gitignore.read(ignore)
    found = entries.entry(source, Path(source).name)
    if found is None:
        raise NotFound(f"{path}: there is no such file or folder in the work directory")
    try:
        with open(target, "wb") as file:  # noqa: PTH123 - given as a text
            return _packed(file, source, found, path, rules, leave_out, compress=compress)
    except OSError as error:
        raise BadRequest(f"{path} cannot be archived: {error.strerror or error}") from error


def _packed(
    file: IO[bytes],
    source: str,
    found: Entry,
    path: str,
    rules: Ignore,
    leave_out: str,
    *,
    compress: bool,
) -> Packed:
    made = Packed()
    zipped = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if compress else None
    with tarfile.open(fileobj=zipped or file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        if found.kind is not EntryKind.DIRECTORY:
            if not rules.matches(found.path, is_folder=False):
                _add(tar, source, found, made, path)
        else:
            below = entries.walk(
                source,
                wanted=lambda each: (
                    each.path != leave_out
                    and not rules.matches(each.path, is_folder=each.kind is EntryKind.DIRECTORY)
                ),
            )
            for each in below:
                _add(tar, f"{source}/{each.path}", each, made, path)
    if zipped is not None:
        zipped.close()
    return made


def _add(tar: tarfile.TarFile, place: str, entry: Entry, made: Packed, path: str) -> None:
    header = tarfile.TarInfo(entry.path)
    header.mode, header.mtime = entry.mode, int(entry.modified)
    match entry.kind:
        case EntryKind.DIRECTORY:
            made.folders += 1
            header.type = tarfile.DIRTYPE
            tar.addfile(header)
        case EntryKind.LINK:
            made.links += 1
            header.type, header.linkname = tarfile.SYMTYPE, entry.target
            tar.addfile(header)
        case EntryKind.FILE:
            header.size = entry.size
            made.take(entry.path, entry.size, path)
            with os.fdopen(os.open(place, os.O_RDONLY | _OPEN), "rb") as file:
                tar.addfile(header, file)
        case EntryKind.OTHER:
            raise BadRequest(
                f"{path}: {entry.path} is neither file, folder nor link, and cannot be archived"
            )
    if made.files + made.folders + made.links > MOST_ENTRIES:
        raise TooLarge(f"{path} holds more than {MOST_ENTRIES:,} files and folders")


# --- unpacking one -----------------------------------------------------------------------------------


def unpack(source: str, target: str, *, path: str, ignore: str = "", strip: int = 0) -> Packed:
    """Unpack an archive, compressed with gzip or not, into a folder that is empty and nobody else's.

    `strip` leading names are taken off; an entry with fewer is passed over. `ignore`: rules as in a .gitignore, for the names
    that are left. Permissions and times of change are kept. `path` is for messages.
    Raises BadRequest for what is no archive and for entries that lead out of the folder, are devices or link to nothing;
    TooLarge; PatternError.
    """
    unpacking = _Unpacking(Path(target), path, gitignore.read(ignore), strip)
    try:
        with open(source, "rb") as file:  # noqa: PTH123 - given as a text
            is_zipped = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            reader = _Bounded(gzip.GzipFile(fileobj=file) if is_zipped else file, path)
            with tarfile.open(fileobj=reader, mode="r|", tarinfo=_Strict) as tar:  # type: ignore[call-overload] # it reads
                for member in tar:
                    unpacking.take(tar, member)
                    tar.members.clear()
        unpacking.end()
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
        raise BadRequest(
            f"{path} is no tar archive that can be read: {str(error) or 'it ends too early'}"
        ) from error
    except FileNotFoundError as error:
        raise NotFound(f"{path}: there is no such file in the work directory") from error
    except OSError as error:
        raise BadRequest(f"{path} cannot be unpacked: {error.strerror or error}") from error
    return unpacking.made


class _Strict(tarfile.TarInfo):
    """A header; a bad one in the middle is a fault, where the module takes it for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        """Read the next one."""
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if type(error).__name__ in _BAD_HEADERS:
                raise tarfile.ReadError(str(error)) from error
            raise


class _Bounded:
    """Reads an archive's bytes up to a bound: a header of it may claim any size, and gzip makes much of little."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, path: str) -> None:
        self._file = file
        self._path = path
        self._left = _READ_BYTES

    def read(self, size: int) -> bytes:
        """Return the next bytes. Raises TooLarge."""
        data = self._file.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(
                f"{self._path} has more than {_READ_BYTES:,} bytes once it is decompressed, which is the limit"
            )
        return data


@dataclass(slots=True)
class _Unpacking:
    """What one archive becomes."""

    root: Path
    path: str
    rules: Ignore
    strip: int
    made: Packed = field(default_factory=Packed)
    links: set[tuple[str, ...]] = field(default_factory=set)
    folders: dict[tuple[str, ...], tarfile.TarInfo] = field(default_factory=dict)
    entries: int = 0

    def take(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Write an entry."""
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise TooLarge(
                f"{self.path} has more than {MOST_ENTRIES:,} entries, which is the limit"
            )
        parts = self._stripped(member.name, member.name)
        if len(parts) > DEEPEST:
            raise self._wrong(member, f"lies more than {DEEPEST} folders deep in one another")
        if not parts or self.rules.hides("/".join(parts), is_folder=member.isdir()):
            return
        if any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
            raise self._wrong(member, f"has a name in it that is longer than {_LONGEST_NAME} bytes")
        for count in range(1, len(parts)):
            if parts[:count] in self.links:
                raise self._wrong(member, f"lies behind the link {'/'.join(parts[:count])}")
        try:
            self._write_entry(tar, member, parts)
        except OSError as error:
            raise self._wrong(member, f"cannot be written: {error.strerror or error}") from error

    def _write_entry(
        self, tar: tarfile.TarFile, member: tarfile.TarInfo, parts: tuple[str, ...]
    ) -> None:
        place = self.root.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if member.isdir():
            self._folder(member, parts, place)
        elif member.issym():
            self._link(member, parts, place)
        elif member.islnk():
            self._copy(member, place)
        elif member.isreg():
            self._file(tar, member, place)
        else:
            raise self._wrong(member, "is neither file, folder nor link")

    def end(self) -> None:
        """Give folders what they had, and look where links lead now that all is there."""
        top = os.path.realpath(self.root)
        for parts in self.links:
            try:
                real = os.path.realpath(self.root.joinpath(*parts))
            except RecursionError as error:
                raise BadRequest(
                    f"{self.path}: the link {'/'.join(parts)[:_SHOWN]} leads through too many others"
                ) from error
            if real != top and not real.startswith(f"{top}/"):
                raise BadRequest(f"{self.path}: the link {'/'.join(parts)} leads out of the folder")
        for parts, member in sorted(self.folders.items(), reverse=True):
            place = self.root.joinpath(*parts)
            place.chmod(member.mode & 0o777 | 0o700)
            os.utime(place, (member.mtime, member.mtime))

    def _folder(self, member: tarfile.TarInfo, parts: tuple[str, ...], place: Path) -> None:
        if parts in self.links:
            raise self._wrong(member, "is a folder and, before, a link")
        if not place.is_dir():
            self._free(member, place)
            place.mkdir(mode=0o700)
            self.made.folders += 1
        self.folders[parts] = member

    def _link(self, member: tarfile.TarInfo, parts: tuple[str, ...], place: Path) -> None:
        target = member.linkname
        if target.startswith("/") or "\\" in target or "\0" in target or not target:
            raise self._wrong(
                member, f"is a link to {target[:_SHOWN]!r}, which leads out of the folder"
            )
        depth = len(parts) - 1
        for part in target.split("/"):
            depth += (part == _ABOVE) * -1 + (part not in (_ABOVE, ".", ""))
            if depth < 0:
                raise self._wrong(
                    member, f"is a link to {target[:_SHOWN]!r}, which leads out of the folder"
                )
        self._free(member, place)
        place.symlink_to(target)
        self.links.add(parts)
        self.made.links += 1

    def _copy(self, member: tarfile.TarInfo, place: Path) -> None:
        """Write a file that the archive has under another name already."""
        other = self.root.joinpath(*self._stripped(member.linkname, member.name))
        if not other.is_file() or other.is_symlink() or os.path.realpath(other) != str(other):
            raise self._wrong(
                member, f"is a second name of {member.linkname[:_SHOWN]}, which is no file here"
            )
        if other == place:
            return
        self._free(member, place)
        size = other.stat().st_size
        self.made.take(member.name, size, self.path)
        with other.open("rb") as file:
            self._write(file, size, place, stat.S_IMODE(other.stat().st_mode), member)

    def _file(self, tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
        self.made.take(member.name, member.size, self.path)
        file = tar.extractfile(member)
        if file is None:
            raise self._wrong(member, "cannot be read")
        self._free(member, place)
        self._write(file, member.size, place, member.mode & 0o777, member)

    def _write(
        self, file: IO[bytes], size: int, place: Path, mode: int, member: tarfile.TarInfo
    ) -> None:
        made = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600)
        with os.fdopen(made, "wb") as target:
            left = size
            while left and (data := file.read(min(_PIECE, left))):
                target.write(data)
                left -= len(data)
            if left:
                raise self._wrong(member, "ends too early")
            target.flush()
            os.fchmod(target.fileno(), mode)
            os.utime(target.fileno(), (member.mtime, member.mtime))

    def _free(self, member: tarfile.TarInfo, place: Path) -> None:
        """Make room for an entry that comes a second time."""
        if place.is_dir() and not place.is_symlink():
            raise self._wrong(member, "is, before, a folder")
        place.unlink(missing_ok=True)
        self.links.discard(place.relative_to(self.root).parts)

    def _stripped(self, name: str, entry: str) -> tuple[str, ...]:
        """Return the names that an entry lies under. Raises BadRequest for what leads elsewhere."""
        parts = entry_names.inside(name)
        if parts is None:
            raise BadRequest(
                f"{self.path}: entry {entry[:_SHOWN]!r} leads out of the folder ({name[:_SHOWN]!r})"
            )
        return parts[self.strip :]

    def _wrong(self, member: tarfile.TarInfo, what: str) -> BadRequest:
        return BadRequest(f"{self.path}: entry {member.name[:_SHOWN]!r} {what}")
