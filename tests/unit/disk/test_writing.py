"""A file is there whole and durable, or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from towpath.disk import writing

if TYPE_CHECKING:
    from pathlib import Path


def test_contents_then_name_then_folder_are_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In that order: a name that reaches the disk first is that of an empty file."""
    seen: list[str] = []
    genuine = os.fsync

    def noted(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        there = (tmp_path / "f").exists()
        seen.append(f"{'folder' if is_folder else 'file'} {'named' if there else 'unnamed'}")
        genuine(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    writing.write(tmp_path / "f", b"x")
    assert seen == ["file unnamed", "folder named"]
    assert (tmp_path / "f").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, seen when it is flushed."""
    writing.write(tmp_path / "f", b"old")

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        writing.write(tmp_path / "f", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f", b"old")]


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    """The first one counts."""
    writing.write(tmp_path / "f", b"first", is_new=True)
    with pytest.raises(FileExistsError):
        writing.write(tmp_path / "f", b"second", is_new=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f", b"first")]


def test_what_killed_writers_left_does_not_pile_up(tmp_path: Path) -> None:
    """Only what is old and belongs to the same file."""
    for name, age in (
        (".f.1.towpath-new", 7200),
        (".f.2.towpath-new", 0),
        (".g.1.towpath-new", 7200),
    ):
        (tmp_path / name).touch()
        moment = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (moment, moment))
    writing.write(tmp_path / "f", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".f.2.towpath-new",
        ".g.1.towpath-new",
        "f",
    ]


@pytest.mark.parametrize("refused", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_links_takes_new_files_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """A memory stick, a network share: nobody's place is taken there either."""

    def link(*_: Any) -> None:
        raise OSError(refused, os.strerror(refused))

    monkeypatch.setattr(os, "link", link)
    writing.write(tmp_path / "f", b"first", is_new=True)
    with pytest.raises(FileExistsError):
        writing.write(tmp_path / "f", b"second", is_new=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f", b"first")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser gives files away")
def test_what_the_superuser_writes_anew_is_its_owners_still(tmp_path: Path) -> None:
    """A key file that `sudo` has rotated is to be read by the server, which is not the superuser. A new file is one's own."""
    writing.write(tmp_path / "f", b"1")
    os.chown(tmp_path / "f", 4711, 4712)
    writing.write(tmp_path / "f", b"2")
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid) == (4711, 4712)
    assert (tmp_path / "f").read_bytes() == b"2"
    os.chown(tmp_path, 4711, 4712)
    writing.write(tmp_path / "g", b"1")
    assert (tmp_path / "g").stat().st_uid == 0


def test_long_names_are_written_too(tmp_path: Path) -> None:
    """As long as the file system takes them, in bytes; what a killed writer of one left goes as well."""
    long = "\u00e9" * 127
    left = writing.unnamed(tmp_path / long)
    left.touch()
    os.utime(left, (0, 0))
    writing.write(tmp_path / long, b"1")
    writing.write(tmp_path / long, b"2")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(long, b"2")]


def test_no_link_leads_a_write_elsewhere(tmp_path: Path) -> None:
    """Whoever filled the folder knows by which name a file is written first."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"theirs")
    folder = tmp_path / "folder"
    folder.mkdir()
    writing.place(folder / "f", b"1", mode=0o644)
    name = hashlib.sha256(b"f").hexdigest()[:32]
    for trap in (f".{name}.towpath-new", ".f.towpath-new"):
        (folder / trap).symlink_to(outside)
    writing.place(folder / "f", b"2", mode=0o755)
    assert outside.read_bytes() == b"theirs"
    assert (folder / "f").read_bytes() == b"2"
    assert not (folder / "f").is_symlink()
    assert stat.S_IMODE((folder / "f").stat().st_mode) == 0o755


def test_what_cannot_take_its_place_leaves_nothing(tmp_path: Path) -> None:
    """A folder is in the way; names may be as long as the file system takes them, in bytes."""
    (tmp_path / "f").mkdir()
    with pytest.raises(IsADirectoryError):
        writing.place(tmp_path / "f", b"1", mode=0o644)
    long = "\u00e9" * 127
    writing.place(tmp_path / long, b"1", mode=0o644)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", long]
