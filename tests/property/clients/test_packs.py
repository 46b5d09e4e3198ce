"""Packs that git wrote are read, packs that we write are read by git, and whatever else comes is refused."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import git_server
from towpath.clients.git.wire import packs
from towpath.clients.git.wire.packet_lines import UnreadableTalkError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = st.binary(max_size=400) | st.builds(
    lambda part, times: part * times,
    st.binary(min_size=1, max_size=40),
    st.integers(min_value=1, max_value=900),
)


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    """An empty one for git to work in."""
    with tempfile.TemporaryDirectory() as folder:
        git_server.git(Path(folder), "init", "--quiet", "--bare")
        yield Path(folder)


def _git(where: Path, *arguments: str, stdin: bytes) -> bytes:
    finished = subprocess.run(
        ["git", *arguments], cwd=where, input=stdin, capture_output=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@given(st.lists(CONTENT, max_size=12))
def test_what_is_written_is_read(contents: list[bytes]) -> None:
    """By us; ids are those of the contents."""
    entries = packs.read(packs.written(("blob", each) for each in contents))
    found = packs.objects(entries, {})
    assert found == {packs.named("blob", each): ("blob", each) for each in contents}


def test_git_reads_what_we_write(repository: Path) -> None:
    """Also objects whose size takes several bytes."""
    contents = [b"", b"a", b"b" * 15, b"c" * 16, bytes(range(256)) * 40, b"d" * (1 << 18)]
    pack = packs.written(("blob", each) for each in contents)
    _git(repository, "unpack-objects", "-q", "--strict", stdin=pack)
    for each in contents:
        name = packs.named("blob", each)
        assert _git(repository, "cat-file", "blob", name, stdin=b"") == each


@pytest.mark.parametrize("by", ["--delta-base-offset", "--no-reuse-delta"])
def test_deltas_that_git_makes_are_read(repository: Path, by: str) -> None:
    """By place and by name, and in chains."""
    text = b"".join(b"line %d of a file that is long enough\n" % n for n in range(300))
    contents = [text.replace(b"line %d " % n, b"row %d " % n) for n in range(1, 60, 3)]
    names = [
        _git(repository, "hash-object", "-w", "--stdin", stdin=each).decode().strip()
        for each in contents
    ]
    listed = "".join(f"{name} file\n" for name in names).encode()
    pack = _git(repository, "pack-objects", "-q", "--stdout", by, stdin=listed)
    entries = packs.read(pack)
    assert any(not each.kind for each in entries.values())
    assert packs.objects(entries, {}) == {
        name: ("blob", each) for name, each in zip(names, contents, strict=True)
    }


def test_a_thin_pack_is_made_whole_of_what_is_known(repository: Path) -> None:
    """What its deltas are made of is told, and without that it is refused."""
    directory = repository / "thin"
    directory.mkdir()
    git_server.git(directory, "init", "--quiet", "--initial-branch=main")
    server = git_server.GitServer(repository)
    text = "".join(f"line {n} of a file that is long enough\n" for n in range(300))
    before = server.commit("thin/.git", {"a": text})
    after = server.commit("thin/.git", {"a": text.replace("line 7 ", "row 7 ")})
    pack = _git(
        directory, "pack-objects", "-q", "--stdout", "--thin", "--revs",
        stdin=f"{after}\n^{before}\n".encode(),
    )  # fmt: skip
    entries = packs.read(pack)
    [outside] = packs.outside(entries)
    assert outside == packs.named("blob", text.encode())
    with pytest.raises(UnreadableTalkError, match="not there"):
        packs.objects(entries, {})
    found = packs.objects(entries, {outside: ("blob", text.encode())})
    assert found[after][0] == "commit"
    assert ("blob", text.replace("line 7 ", "row 7 ").encode()) in found.values()
    assert len(found) == 3
    with pytest.raises(UnreadableTalkError, match="another object"):
        packs.objects(entries, {outside: ("blob", b"x")})


@given(st.lists(CONTENT, min_size=1, max_size=4), st.data())
def test_a_damaged_pack_is_refused_or_says_the_same(
    contents: list[bytes], data: st.DataObject
) -> None:
    """Whatever byte is another one, or missing: nothing but the one error comes, and no object under a name that is not its own."""
    pack = bytearray(packs.written(("blob", each) for each in contents))
    at = data.draw(st.integers(min_value=0, max_value=len(pack) - 1))
    if data.draw(st.booleans()):
        pack[at] ^= data.draw(st.integers(min_value=1, max_value=255))
    else:
        del pack[at:]
    if data.draw(st.booleans()) and len(pack) > 32:  # as somebody would send it who means it
        pack[-20:] = bytes.fromhex(_sha1(bytes(pack[:-20])))
    with contextlib.suppress(UnreadableTalkError):
        for name, (kind, content) in packs.objects(packs.read(bytes(pack)), {}).items():
            assert packs.named(kind, content) == name


@given(st.binary(max_size=200))
def test_bytes_that_are_no_pack_are_refused(said: bytes) -> None:
    """Also behind the right head and with the right sum."""
    body = b"PACK\0\0\0\2\0\0\0\3" + said
    for each in (said, body + bytes.fromhex(_sha1(body))):
        with contextlib.suppress(UnreadableTalkError):
            assert packs.read(each) is not None


def test_a_delta_that_makes_too_much_is_not_made() -> None:
    """A hundred bytes could stand for gigabytes."""
    base = b"x" * 1000
    size = 2 << 20
    copies = b"\xb0\xe8\x03" * 3
    delta = b"\xe8\x07" + _varint(size) + copies
    entries = {12: packs.PackEntry("blob", base), 40: packs.PackEntry("", delta, base_at=12)}
    with pytest.raises(UnreadableTalkError, match="more than is read"):
        packs.objects(entries, {})
    lies = b"\xe8\x07" + _varint(1500) + copies
    with pytest.raises(UnreadableTalkError, match="more than it says"):
        packs.objects({12: entries[12], 40: packs.PackEntry("", lies, base_at=12)}, {})


def test_deltas_of_very_many_pieces_are_left_alone() -> None:
    """A few kilobytes could stand for millions of copies of one byte, each of which takes its time."""
    base = b"x" * 16
    times = packs.MOST.pieces // 2
    delta = b"\x10" + _varint(times) + b"\x90\x01" * times
    one = packs.PackEntry("", delta, base_at=12)
    entries = {12: packs.PackEntry("blob", base), 40: one, 60: one}
    assert ("blob", b"x" * times) in packs.objects(entries, {}).values()
    entries[80] = packs.PackEntry("", b"\x10\x01\x90\x01", base_at=12)
    with pytest.raises(UnreadableTalkError, match="more pieces"):
        packs.objects(entries, {})


def test_deltas_in_a_circle_are_refused() -> None:
    """Each is made of the other."""
    entries = {
        12: packs.PackEntry("", b"\0\0", base="1" * 40),
        30: packs.PackEntry("", b"\0\0", base_at=12),
    }
    with pytest.raises(UnreadableTalkError, match="not there"):
        packs.objects(entries, {})


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _sha1(data: bytes) -> str:
    import hashlib

    return hashlib.sha1(data).hexdigest()


def test_a_kilobyte_that_stands_for_much_is_not_unpacked_at_once() -> None:
    """It is known by what it unpacks to, however small it is: the event loop has others to serve."""
    pack = packs.written([("blob", bytes(1 << 20)), ("blob", b"x" + bytes((1 << 20) - 1))])
    assert len(pack) < 20_000
    with pytest.raises(packs.LargePackError):
        packs.read(pack, packs.FEW)
    assert len(packs.objects(packs.read(pack), {})) == 2
    base = b"x" * 16
    times = packs.FEW.pieces + 1
    delta = b"\x10" + _varint(times) + b"\x90\x01" * times
    entries = {12: packs.PackEntry("blob", base), 40: packs.PackEntry("", delta, base_at=12)}
    with pytest.raises(packs.LargePackError):
        packs.objects(entries, {}, packs.FEW)
    assert len(packs.objects(entries, {})) == 2


def test_deltas_that_stand_before_what_they_are_made_of_are_looked_at_up_to_a_bound() -> None:
    """A row of them in the wrong order is looked through once for each."""
    names = [packs.named("blob", b"%05d" % number) for number in range(packs.MOST_OBJECTS)]
    entries = {
        at: packs.PackEntry("", b"\x05\x05\x05%05d" % (len(names) - at), base=names[-at - 1])
        for at in range(1, len(names))
    } | {len(names): packs.PackEntry("blob", b"00000")}
    with pytest.raises(packs.LargePackError, match="in no order"):
        packs.objects(entries, {})
