"""Files that somebody names: pipes that nobody writes into and devices without end are told, not waited for."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from towpath.disk import reading


def test_a_file_is_read_up_to_its_bound_and_one_byte_more_is_told(tmp_path: Path) -> None:
    """What is larger is told by its size, before it is read."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 10)
    assert reading.read(file, 10) == b"x" * 10
    with pytest.raises(OSError, match="larger than 9 bytes"):
        reading.read(file, 9)
    with file.open("r+b") as grown:
        grown.truncate(1 << 40)
    with pytest.raises(OSError, match="larger than 10 bytes"):
        reading.read(file, 10)


def test_a_device_without_end_is_read_up_to_the_bound() -> None:
    """`/dev/zero` is a file to whoever names it."""
    with pytest.raises(OSError, match="larger than 3,000,000 bytes"):
        reading.read(Path("/dev/zero"), 3_000_000)
    assert reading.read(Path("/dev/null"), 10) == b""


def test_a_named_pipe_that_nobody_opens_is_told(tmp_path: Path) -> None:
    """Opening it would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="nobody writes into"):
        reading.read(tmp_path / "pipe", 10, patience=0)


@pytest.mark.parametrize("content", [b"some", b"y" * 300_000])
def test_whoever_has_opened_a_pipe_is_waited_for(tmp_path: Path, content: bytes) -> None:
    """As with `<(command)`, which has opened it before the command is run."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # the writer has one from the beginning
    writer = os.open(pipe, os.O_WRONLY)

    def write() -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(writer, left) :]
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert reading.read(pipe, 300_000, patience=60) == content
    finally:
        thread.join()
        os.close(reader)


def test_a_pipe_that_does_not_end_is_read_up_to_the_bound() -> None:
    """Its writer is told by a broken pipe."""
    reader, writer = os.pipe()
    try:
        os.write(writer, b"z" * 11)
        with pytest.raises(OSError, match="larger than 10 bytes"):
            reading.read(Path(f"/dev/fd/{reader}"), 10)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_regular_file_and_nothing_else(tmp_path: Path) -> None:
    """What stands in a file's place is told, not waited for."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            reading.regular(place, 10)
    (tmp_path / "file").write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to("file")
    assert reading.regular(tmp_path / "link", 10) == b"0123456789"
    with pytest.raises(OSError, match="larger than 9 bytes"):
        reading.regular(tmp_path / "file", 9)
