"""What is kept on disk of what registries sent: bounded, never wrong, and never in anybody's way."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from towpath.clients.oci.address import parse
from towpath.clients.oci.kept_contents import KeptContents, KeptLimits
from towpath.clock import VirtualClock

APP = parse("registry.example/acme/app")
OTHER = parse("registry.example/acme/other")


def _digest(contents: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, contents).hexdigest()}"


def _kept(folder: Path, **limits: float) -> KeptContents:
    return KeptContents(
        folder,
        VirtualClock(datetime.now(UTC)),
        KeptLimits(**limits),  # type: ignore[arg-type]
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/*"))


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
async def test_what_is_kept_is_there_for_the_next_process(tmp_path: Path, algorithm: str) -> None:
    """By its digest, for its repository alone."""
    digest = _digest(b"manifest", algorithm)
    before = _kept(tmp_path / "kept")
    assert not await before.had_any(APP)
    await before.keep(APP, digest, b"manifest")
    assert not await before.had_any(APP), "it was not there before"
    after = _kept(tmp_path / "kept")
    assert await after.had_any(APP)
    assert await after.read(APP, digest) == b"manifest"
    assert await after.read(OTHER, digest) is None
    assert after.looked == {"disk": 1, "miss": 1}
    (file,) = _files(tmp_path / "kept")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("written", [b"", b"manifes", b"manifest and more", b"another"])
async def test_a_file_that_is_not_what_it_should_be_is_not_used(
    tmp_path: Path, written: bytes
) -> None:
    """A power cut may leave it empty, a disk turn its bits; it goes, and is kept anew."""
    digest = _digest(b"manifest")
    kept = _kept(tmp_path)
    await kept.keep(APP, digest, b"manifest")
    (file,) = _files(tmp_path)
    file.write_bytes(written)
    assert await kept.read(APP, digest) is None
    assert kept.looked == {"damaged": 1}
    assert not file.exists()
    await kept.keep(APP, digest, b"manifest")
    assert await kept.read(APP, digest) == b"manifest"


async def test_what_is_in_the_place_of_a_file_does_no_harm(tmp_path: Path) -> None:
    """A folder, a link to something else, a pipe at whose end nobody is, no right to read."""
    digest = _digest(b"manifest")
    kept = _kept(tmp_path)
    await kept.keep(APP, digest, b"manifest")
    (file,) = _files(tmp_path)
    file.unlink()
    file.mkdir()
    assert await kept.read(APP, digest) is None
    file.rmdir()
    file.symlink_to("/etc/passwd")
    assert await kept.read(APP, digest) is None
    os.mkfifo(file)
    assert await kept.read(APP, digest) is None
    assert Path("/etc/passwd").exists()


async def test_the_longest_unused_goes_when_there_is_too_much(tmp_path: Path) -> None:
    """A file counts for a block at least; what was just used stays."""
    kept = _kept(tmp_path, bytes=10 * 4096)
    contents = [f"manifest {number}".encode() for number in range(40)]
    for number, each in enumerate(contents):
        await kept.keep(APP, _digest(each), each)
        path = next(path for path in _files(tmp_path) if path.read_bytes() == each)
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100 + number))
    assert len(_files(tmp_path)) <= 10
    assert await kept.read(APP, _digest(contents[-1])) == contents[-1]
    assert await kept.read(APP, _digest(contents[0])) is None


async def test_what_nobody_asks_for_goes_after_its_time(tmp_path: Path) -> None:
    """Whatever was used since stays; an empty folder of a repository goes too."""
    clock = VirtualClock(datetime.now(UTC))
    kept = KeptContents(tmp_path, clock, KeptLimits(seconds=86_400.0))
    await kept.keep(APP, _digest(b"used"), b"used")
    await kept.keep(OTHER, _digest(b"unused"), b"unused")
    await clock.advance(80_000)
    assert await kept.read(APP, _digest(b"used")) == b"used"
    await clock.advance(80_000)
    await kept.keep(APP, _digest(b"new"), b"new")
    assert {path.read_bytes() for path in _files(tmp_path)} == {b"used", b"new"}
    assert len(list(tmp_path.iterdir())) == 1


async def test_files_from_the_future_are_kept_like_others(tmp_path: Path) -> None:
    """A clock that was set back does not empty the folder, nor fill it for ever."""
    kept = _kept(tmp_path, bytes=5 * 4096)
    later = (datetime.now(UTC) + timedelta(days=4000)).timestamp()
    for number in range(20):
        each = f"manifest {number}".encode()
        await kept.keep(APP, _digest(each), each)
        for path in _files(tmp_path):
            os.utime(path, (later, later))
    assert len(_files(tmp_path)) <= 5


async def test_a_folder_that_cannot_be_written_keeps_nobody_from_looking(tmp_path: Path) -> None:
    """Then everything is fetched, as it would be without it."""
    (tmp_path / "kept").write_text("no folder")
    kept = _kept(tmp_path / "kept")
    await kept.keep(APP, _digest(b"x"), b"x")
    assert await kept.read(APP, _digest(b"x")) is None
    assert not await kept.had_any(APP)


async def test_what_is_large_is_not_kept(tmp_path: Path) -> None:
    """One registry could fill the folder with what no other image is like."""
    large = b"x" * ((1 << 20) + 1)
    kept = _kept(tmp_path)
    await kept.keep(APP, _digest(large), large)
    assert _files(tmp_path) == []


_CHILD = """
import asyncio, hashlib, sys
from pathlib import Path
from towpath.clients.oci.address import parse
from towpath.clients.oci.kept_contents import KeptContents
from towpath.clock import SystemClock

async def main():
    kept = KeptContents(Path(sys.argv[1]), SystemClock())
    for number in range(100_000):
        contents = str(number).encode() * 20_000
        await kept.keep(parse("registry.example/acme/app"), f"sha256:{hashlib.sha256(contents).hexdigest()}", contents)
        print(number, flush=True)

asyncio.run(main())
"""


async def test_a_killed_process_leaves_nothing_that_is_wrong(tmp_path: Path) -> None:
    """Whatever has its name is whole; what has none goes with the next sweep."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "20":
            child.send_signal(signal.SIGKILL)
            break
    child.wait(30)
    child.stdout.close()
    kept = _kept(tmp_path)
    for number in range(20):
        contents = str(number).encode() * 20_000
        if len(contents) <= 1 << 20:
            assert await kept.read(APP, _digest(contents)) == contents
    left = [path for path in _files(tmp_path) if not path.name.startswith("sha256-")]
    assert len(left) <= 1
    assert kept.looked["damaged"] == 0
    again = KeptContents(tmp_path, VirtualClock(datetime.now(UTC) + timedelta(days=99)))
    await again.keep(APP, _digest(b"x"), b"x")
    assert not [path for path in _files(tmp_path) if not path.name.startswith("sha256-")]
