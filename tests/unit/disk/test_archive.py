"""Archives: what goes in comes out, and an archive by somebody else does no harm."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from towpath.disk import archive
from towpath.errors import BadRequest, NotFound, TooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _tree(root: Path) -> Path:
    source = root / "in"
    (source / "sub" / "deep").mkdir(parents=True)
    (source / "a.txt").write_text("A")
    (source / "sub" / "b.md").write_text("B")
    (source / "sub" / "deep" / "run.sh").write_text("#!/bin/sh\n")
    (source / "sub" / "deep" / "run.sh").chmod(0o755)
    (source / "link").symlink_to("sub/b.md")
    (source / ".git").mkdir()
    (source / ".git" / "config").write_text("x")
    return source


def _pack(source: Path, target: Path, ignore: str = ".git", **more: Any) -> archive.Packed:
    given: dict[str, Any] = {"path": "in", "ignore": ignore, "compress": False} | more
    return archive.pack(
        str(source),
        str(target),
        **given,
    )


def _unpack(source: Path, target: Path, **more: Any) -> archive.Packed:
    target.mkdir(exist_ok=True)
    return archive.unpack(str(source), str(target), path=source.name, **more)


def _made(path: Path, members: Sequence[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w") as tar:
        for header, data in members:
            header.size = len(data) if header.isreg() else header.size
            tar.addfile(header, io.BytesIO(data))
    return path


def _entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, link
    return header


@pytest.mark.parametrize("compress", [False, True])
def test_what_goes_in_comes_out(tmp_path: Path, compress: bool) -> None:
    """Names, contents, permissions, times and links are kept; compression is found by looking."""
    source = _tree(tmp_path)
    os.utime(source / "a.txt", (1_000_000_000, 1_000_000_000))
    _pack(source, tmp_path / "x", compress=compress)
    found = _unpack(tmp_path / "x", tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "a.txt").read_text() == "A"
    assert (out / "a.txt").stat().st_mtime == 1_000_000_000
    assert (out / "link").readlink().as_posix() == "sub/b.md"
    assert stat.S_IMODE((out / "sub/deep/run.sh").stat().st_mode) == 0o755
    assert not (out / ".git").exists()
    assert (found.files, found.folders, found.links) == (3, 2, 1)


def test_the_same_folder_makes_the_same_archive(tmp_path: Path) -> None:
    """Nothing of the moment or of the machine is in it."""
    source = _tree(tmp_path)
    for name in ("one", "two"):
        _pack(source, tmp_path / name, compress=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with tarfile.open(tmp_path / "one") as tar:
        assert [each.name for each in tar] == [
            "a.txt", "link", "sub", "sub/b.md", "sub/deep", "sub/deep/run.sh",
        ]  # fmt: skip


def test_rules_of_ones_own_replace_the_default(tmp_path: Path) -> None:
    """With them `.git` is archived, unless they name it."""
    _pack(_tree(tmp_path), tmp_path / "x", ignore="*.md\nlink")
    with tarfile.open(tmp_path / "x") as tar:
        names = {each.name for each in tar if each.isreg()}
    assert names == {".git/config", "a.txt", "sub/deep/run.sh"}


def test_one_file_has_its_own_name(tmp_path: Path) -> None:
    """There is no folder to be relative to."""
    _pack(_tree(tmp_path) / "sub" / "b.md", tmp_path / "x")
    with tarfile.open(tmp_path / "x") as tar:
        assert tar.getnames() == ["b.md"]


def test_the_archive_does_not_hold_itself(tmp_path: Path) -> None:
    """An older one that lies in the folder is left out."""
    source = _tree(tmp_path)
    (source / "out.tar").write_text("old")
    _pack(source, tmp_path / "x", leave_out="out.tar")
    with tarfile.open(tmp_path / "x") as tar:
        assert "out.tar" not in tar.getnames()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """Both ways."""
    with pytest.raises(NotFound):
        _pack(tmp_path / "nope", tmp_path / "x")
    with pytest.raises(NotFound):
        _unpack(tmp_path / "nope", tmp_path / "out")


def test_a_pipe_is_not_archived(tmp_path: Path) -> None:
    """It would be waited for."""
    source = _tree(tmp_path)
    os.mkfifo(source / "pipe")
    with pytest.raises(BadRequest, match="pipe is neither file, folder nor link"):
        _pack(source, tmp_path / "x")


@pytest.mark.parametrize("way", [_pack, _unpack])
def test_files_are_bounded(tmp_path: Path, way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each alone, and all together."""
    source = _tree(tmp_path)
    _pack(source, tmp_path / "x")
    given = source if way is _pack else tmp_path / "x"
    target = tmp_path / ("y" if way is _pack else "out")
    monkeypatch.setattr(archive, "FILE_BYTES", 5)
    with pytest.raises(TooLarge, match=r"run\.sh has 10 bytes"):
        way(given, target)
    monkeypatch.setattr(archive, "FILE_BYTES", 10)
    monkeypatch.setattr(archive, "ALL_BYTES", 11)
    with pytest.raises(TooLarge, match="together"):
        way(given, tmp_path / ("z" if way is _pack else "out2"))


@pytest.mark.slow
def test_a_small_archive_that_becomes_large_is_stopped(tmp_path: Path) -> None:
    """Its headers may claim anything; what is read is what is counted."""
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 200 << 20
    with gzip.open(tmp_path / "x", "wb") as file:
        file.write(header.tobuf())
        for _ in range(200):
            file.write(bytes(1 << 20))
    with pytest.raises(TooLarge, match="decompressed"):
        _unpack(tmp_path / "x", tmp_path / "out")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([(_entry("../x"), b"")], "leads out"),
        ([(_entry("a/../../x"), b"")], "leads out"),
        ([(_entry("/x"), b"")], "leads out"),
        ([(_entry("a\\x"), b"")], "leads out"),
        ([(_entry("l", tarfile.SYMTYPE, "/etc"), b"")], "leads out"),
        ([(_entry("l", tarfile.SYMTYPE, "../x"), b"")], "leads out"),
        ([(_entry("a/l", tarfile.SYMTYPE, "../../x"), b"")], "leads out"),
        ([(_entry("d/l", tarfile.SYMTYPE, ".."), b""),
          (_entry("m", tarfile.SYMTYPE, "d/l/.."), b"")], "leads out"),
        ([(_entry("l", tarfile.SYMTYPE, "d"), b""), (_entry("l/x"), b"A")], "lies behind the link"),
        ([(_entry("l", tarfile.SYMTYPE, "d"), b""), (_entry("l", tarfile.DIRTYPE), b"")], "a link"),
        ([(_entry("h", tarfile.LNKTYPE, "/etc/passwd"), b"")], "leads out"),
        ([(_entry("h", tarfile.LNKTYPE, "nope"), b"")], "no file here"),
        ([(_entry("s", tarfile.SYMTYPE, "x"), b""), (_entry("h", tarfile.LNKTYPE, "s"), b"")], "no file"),
        ([(_entry("c", tarfile.CHRTYPE), b"")], "neither file"),
        ([(_entry("f", tarfile.FIFOTYPE), b"")], "neither file"),
        ([(_entry("a/b"), b"A"), (_entry("a"), b"A")], "before, a folder"),
        ([(_entry("a" * 300), b"A")], "a name in it that is longer than 255 bytes"),
        ([(_entry("d/" * 256 + "f"), b"A")], "lies more than 255 folders deep"),
        ([(_entry("d" * 200 + "/" + ("e" * 200 + "/") * 25 + "f"), b"A")], "cannot be written: File name too long"),
        ([(_entry("d/" * 100_000 + "f"), b"A")], "lies more than 255 folders deep"),
        ([(_entry("h", tarfile.LNKTYPE, "x" * 5_000), b"")], "."),
        ([(_entry("h", tarfile.SYMTYPE, "x" * 5_000), b"")], "cannot be written: File name too long"),
        ([(_entry(f"l{n}", tarfile.SYMTYPE, f"l{n + 1}"), b"") for n in range(3_000)], "leads through too many others"),
    ],
)  # fmt: skip
def test_hostile_entries_are_errors(tmp_path: Path, members: Any, said: str) -> None:
    """None of them is passed over in silence, and none reaches anything outside."""
    _made(tmp_path / "x.tar", members)
    with pytest.raises(BadRequest, match=said) as raised:
        _unpack(tmp_path / "x.tar", tmp_path / "out")
    assert len(raised.value.message) < 1_000
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "x.tar"]


def test_names_that_only_look_odd_are_taken(tmp_path: Path) -> None:
    """`./x` is x; a link to a file inside, and a second name of a file, are what they say."""
    members = [
        (_entry("./a"), b"A"),
        (_entry("./s/../a".replace("/..", "")), b"S"),
        (_entry("b", tarfile.LNKTYPE, "./a"), b""),
        (_entry("s2/l", tarfile.SYMTYPE, "../a"), b""),
        (_entry("a"), b"AA"),
    ]
    found = _unpack(_made(tmp_path / "x.tar", members), tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "a").read_text() == "AA"
    assert (out / "b").read_text() == "A"
    assert (out / "s2" / "l").read_text() == "AA"
    assert found.files == 4


def test_leading_names_are_taken_off(tmp_path: Path) -> None:
    """An entry with fewer is passed over; rules are about what is left."""
    members = [
        (_entry("top", tarfile.DIRTYPE), b""),
        (_entry("top/a.md"), b"A"),
        (_entry("top/sub/b.txt"), b"B"),
        (_entry("top/.git/config"), b"x"),
        (_entry("readme"), b"R"),
    ]
    _unpack(_made(tmp_path / "x.tar", members), tmp_path / "out", strip=1, ignore=".git\n/a.md")
    found = [each.relative_to(tmp_path / "out") for each in (tmp_path / "out").rglob("*")]
    assert sorted(map(str, found)) == ["sub", "sub/b.txt"]


@pytest.mark.parametrize("cut", [1, 100, 513, 700, 1100])
def test_what_ends_too_early_is_an_error(tmp_path: Path, cut: int) -> None:
    """An archive that is cut off is not taken for a smaller one."""
    whole = _made(tmp_path / "x.tar", [(_entry("a"), b"A" * 600), (_entry("b"), b"B" * 600)])
    (tmp_path / "y.tar").write_bytes(whole.read_bytes()[:cut])
    with pytest.raises(BadRequest):
        _unpack(tmp_path / "y.tar", tmp_path / "out")


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    """Of any kind."""
    for number, data in enumerate((b"", b"hello" * 200, b"\x1f\x8bnope", b"\x1f\x8b")):
        (tmp_path / "x").write_bytes(data)
        with pytest.raises(BadRequest, match="no tar archive"):
            _unpack(tmp_path / "x", tmp_path / f"out{number}")


def test_a_broken_header_in_the_middle_is_an_error(tmp_path: Path) -> None:
    """Python's own reader takes it for the end."""
    whole = _made(tmp_path / "x.tar", [(_entry("a"), b"A"), (_entry("b"), b"B")])
    data = bytearray(whole.read_bytes())
    data[1024 + 10] ^= 0xFF
    (tmp_path / "x.tar").write_bytes(data)
    with pytest.raises(BadRequest, match="no tar archive"):
        _unpack(tmp_path / "x.tar", tmp_path / "out")
