"""Packet lines, and what servers say in them."""

from __future__ import annotations

import pytest

from towpath.clients.git.wire import offered, packet_lines
from towpath.clients.git.wire.packet_lines import Mark, UnreadableTalkError, line

ID = "1" * 40
OTHER = "2" * 40
FLUSH = Mark.FLUSH.value
VERSION_2 = b"".join(
    (*map(line, ("version 2\n", "ls-refs=unborn\n", "fetch=shallow\n", "object-format=sha1\n")), FLUSH)
)  # fmt: skip


def test_lines_and_marks_come_as_they_were_written() -> None:
    """Also an empty one."""
    said = line("a\n") + Mark.DELIMITER.value + line("") + Mark.END.value + FLUSH
    assert list(packet_lines.lines(said)) == [b"a\n", Mark.DELIMITER, b"", Mark.END, Mark.FLUSH]


@pytest.mark.parametrize("said", [b"000", b"0003", b"zzzz", b"0009abc", b"ffff", b"+00a123456"])
def test_what_is_no_line_is_refused(said: bytes) -> None:
    """Nothing is read beyond what came."""
    with pytest.raises(UnreadableTalkError):
        list(packet_lines.lines(said))


def test_a_line_that_is_too_long_is_not_written() -> None:
    """65,516 bytes are the most."""
    assert len(line("x" * 65516)) == 65520
    with pytest.raises(UnreadableTalkError):
        line("x" * 65517)


def test_bands_are_told_apart() -> None:
    """Data, and what people are told; a server that gives up is an error."""
    said = line("\x01da") + line("\x02note\n") + line("\x01ta") + FLUSH + line("\x01later")
    assert packet_lines.unbanded(packet_lines.lines(said)) == (b"data", b"note\n")
    with pytest.raises(UnreadableTalkError, match="gives up"):
        packet_lines.unbanded(packet_lines.lines(line("\x03no") + FLUSH))
    with pytest.raises(UnreadableTalkError, match="no band"):
        packet_lines.unbanded(packet_lines.lines(line("") + FLUSH))


def test_a_server_of_version_2_is_known_by_what_it_can() -> None:
    """With and without the line about the service; SHA-256 is left to git."""
    assert offered.speaks_version_2(VERSION_2)
    assert offered.speaks_version_2(line("# service=git-upload-pack\n") + FLUSH + VERSION_2)
    assert not offered.speaks_version_2(VERSION_2.replace(b"sha1", b"sha2"))
    assert not offered.speaks_version_2(line(f"{ID} HEAD\0multi_ack\n") + FLUSH)
    assert not offered.speaks_version_2(line("version 2\n") + line("ls-refs\n") + FLUSH)
    assert not offered.speaks_version_2(FLUSH)


def test_a_ref_is_found_by_its_whole_name() -> None:
    """A server lists all that begin so."""
    said = line(f"{OTHER} refs/heads/main2\n") + line(f"{ID} refs/heads/main peeled:x\n") + FLUSH
    assert offered.listed(said, "refs/heads/main") == ID
    assert offered.listed(said, "refs/heads/mai") is None
    with pytest.raises(UnreadableTalkError):
        offered.listed(line("cafe refs/heads/main\n") + FLUSH, "refs/heads/main")
    with pytest.raises(UnreadableTalkError):
        offered.listed(line(f"{'1' * 64} refs/heads/main\n"), "refs/heads/main")


def test_refs_before_a_push_are_read_with_what_the_server_can() -> None:
    """Those of an empty repository too."""
    can = "report-status side-band-64k object-format=sha1"
    said = line("# service=git-receive-pack\n") + FLUSH
    said += line(f"{ID} refs/heads/main\0{can}\n") + line(f"{OTHER} .have\n") + FLUSH
    told = offered.receiving(said)
    assert told.refs == {"refs/heads/main": ID}
    assert told.others == {OTHER}
    assert told.is_plain
    empty = offered.receiving(line(f"{'0' * 40} capabilities^{{}}\0{can}") + FLUSH)
    assert empty.refs == {}
    assert empty.is_plain


@pytest.mark.parametrize(
    "can", ["report-status", "side-band-64k", "report-status side-band-64k object-format=sha256"]
)
def test_a_server_that_does_not_tell_what_became_of_a_push_is_left_to_git(can: str) -> None:
    """So is one with other ids."""
    assert not offered.receiving(line(f"{ID} refs/heads/main\0{can}\n") + FLUSH).is_plain


def test_a_server_that_does_not_say_what_it_can_is_refused() -> None:
    """It may be anything."""
    with pytest.raises(UnreadableTalkError):
        offered.receiving(line(f"{ID} refs/heads/main\n") + FLUSH)


@pytest.mark.parametrize("each", [b"0000", b"0004", b"0005\x01"])
def test_an_answer_of_very_many_lines_is_refused(each: bytes) -> None:
    """A line takes four bytes and a microsecond: a megabyte of them would keep everybody waiting for half a second."""
    few = list(packet_lines.lines(each * packet_lines.MOST))
    assert len(few) == packet_lines.MOST
    for read in (offered.speaks_version_2, offered.receiving, _listed, _unbanded):
        if each == b"0000" and read in (_listed, _unbanded):
            continue  # they stop at the first mark
        with pytest.raises(UnreadableTalkError):
            read(each * (packet_lines.MOST + 1))


def test_of_what_a_server_tells_people_the_beginning_is_kept() -> None:
    """They would have to read a megabyte of it, and we to mask it."""
    said = b"".join(b"%04x\x02" % (len(text) + 5) + text for text in [b"x" * 60_000] * 3)
    _, told = packet_lines.unbanded(packet_lines.lines(said))
    assert told == b"x" * (64 << 10)


def _listed(said: bytes) -> str | None:
    return offered.listed(said, "refs/heads/main")


def _unbanded(said: bytes) -> tuple[bytes, bytes]:
    return packet_lines.unbanded(packet_lines.lines(said))
