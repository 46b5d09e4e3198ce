"""A work directory: its files stay inside, its programs end, and its disk has a bound."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.waiting import until_async
from towpath import errors
from towpath.clients import confinement
from towpath.disk import entries
from towpath.disk.entries import EntryKind
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.programs import Programs
from towpath.promotion.work_directory import WorkDirectory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

BLOCK = entries.BLOCK_BYTES


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of a work directory."""
    path = tmp_path / "promotion-1" / "files"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def directory(root: Path) -> WorkDirectory:
    """Return an empty work directory."""
    return WorkDirectory(root)


def bounded(root: Path, blocks: int) -> WorkDirectory:
    """Return a work directory with room for so many blocks."""
    return WorkDirectory(
        root, room=DiskRoom(root, blocks * BLOCK), programs=Programs(look_seconds=0.01)
    )


def contents(root: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    found = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def left_over(root: Path) -> list[str]:
    """Return what lies beside the files of a work directory."""
    return [each.name for each in root.parent.iterdir() if each != root]


async def test_looking(directory: WorkDirectory, root: Path) -> None:
    """Files, folders and links are told with kind, size, mode and target; folders come before what is in them."""
    await directory.write("b/c.txt", b"12345", mode=0o640)
    await directory.write("a", b"")
    (root / "l").symlink_to("b/./c.txt")
    os.mkfifo(root / "p")
    assert [
        (each.path, each.kind, each.size, each.target) for each in await directory.walk(".")
    ] == [
        ("a", EntryKind.FILE, 0, ""),
        ("b", EntryKind.DIRECTORY, 0, ""),
        ("b/c.txt", EntryKind.FILE, 5, ""),
        ("l", EntryKind.LINK, 0, "b/./c.txt"),
        ("p", EntryKind.OTHER, 0, ""),
    ]
    assert [each.path for each in await directory.list("b")] == ["c.txt"]
    found = await directory.stat("l")
    assert found is not None
    assert (found.kind, found.mode) == (EntryKind.FILE, 0o640)
    link = await directory.stat("l", follow_last=False)
    assert link is not None
    assert link.kind is EntryKind.LINK
    assert await directory.stat("b/none") is None
    assert await directory.stat("a/below a file") is None
    left_out = await directory.walk(".", wanted=lambda each: each.path != "b")
    assert [each.path for each in left_out] == ["a", "l", "p"]
    for path in ("none", "a"):
        with pytest.raises((errors.NotFound, errors.BadRequest), match=path):
            await directory.walk(path)
        with pytest.raises((errors.NotFound, errors.BadRequest), match=path):
            await directory.list(path)
    with pytest.raises(errors.BadRequest, match="p is not a regular file"):
        await directory.read("p")


async def test_writing(directory: WorkDirectory, root: Path) -> None:
    """A new file gets 0600 or what is said, one that exists keeps what it had; folders are made, 0700."""
    await directory.write("x/y/new", b"1")
    await directory.write("run.sh", b"1", mode=0o755)
    await directory.write("run.sh", b"2")
    assert (root / "x/y/new").stat().st_mode & 0o7777 == 0o600
    assert (root / "x/y").stat().st_mode & 0o7777 == 0o700
    assert (root / "run.sh").stat().st_mode & 0o7777 == 0o755
    with pytest.raises(errors.AlreadyExists, match=r"run\.sh is there already"):
        await directory.write("run.sh", b"3", is_new=True)
    for path in ("x", "x/y/new/below"):
        with pytest.raises(errors.BadRequest, match="cannot be written"):
            await directory.write(path, b"")
    assert contents(root) == {"x/y/new": b"1", "run.sh": b"2"}


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for each in pieces:
        yield each


async def test_receiving(directory: WorkDirectory, root: Path) -> None:
    """What comes in pieces is there whole or not at all, and nothing is left beside it."""
    assert await directory.receive("in/a", _pieces(b"1", b"23"), most_bytes=3, mode=0o640) == 3
    assert (root / "in/a").stat().st_mode & 0o7777 == 0o640
    with pytest.raises(errors.AlreadyExists, match="in/a"):
        await directory.receive("in/a", _pieces(b"4"), most_bytes=3, is_new=True)
    with pytest.raises(errors.TooLarge, match="larger than 3 bytes"):
        await directory.receive("in/a", _pieces(b"12", b"34"), most_bytes=3)

    async def broken() -> AsyncIterator[bytes]:
        yield b"1"
        raise errors.Unavailable("the other side hung up")

    with pytest.raises(errors.Unavailable):
        await directory.receive("in/a", broken(), most_bytes=3)
    assert contents(root) == {"in/a": b"123"}
    await directory.receive("in/a", _pieces(b"new"), most_bytes=3)
    assert contents(root) == {"in/a": b"new"}
    assert left_over(root) == []


async def test_copying(directory: WorkDirectory, root: Path) -> None:
    """Folders are merged, files overwritten with their permissions; links, `.git` and what is skipped stay behind."""
    await directory.write("from/a", b"new", mode=0o755)
    await directory.write("from/deep/b", b"b")
    await directory.write("from/deep/skipped/c", b"c")
    await directory.write("from/x.log", b"log")
    (root / "from/.git").mkdir()
    (root / "from/.git/config").write_text("[core]")
    (root / "from/deep/.git").write_text("gitdir: elsewhere")
    (root / "from/link").symlink_to("/etc/passwd")
    (root / "from/empty").mkdir()
    os.mkfifo(root / "from/pipe")
    await directory.write("to/a", b"old")
    await directory.write("to/kept", b"kept")

    def skip(path: str, is_folder: bool) -> bool:
        return path.endswith(".log") or (is_folder and path == "deep/skipped")

    assert await directory.copy("from", "to", skip=skip) == 2
    assert contents(root / "to") == {"a": b"new", "kept": b"kept", "deep/b": b"b"}
    assert (root / "to/a").stat().st_mode & 0o777 == 0o755
    assert (root / "to/empty").is_dir()
    assert not (root / "to/link").is_symlink()
    assert await directory.copy("from/a", "one/file") == 1
    assert (root / "one/file").read_bytes() == b"new"
    with pytest.raises(errors.BadRequest, match="to is a folder"):
        await directory.copy("from/a", "to")
    with pytest.raises(errors.NotFound, match="none"):
        await directory.copy("none", "to")


async def test_copying_into_what_is_copied(directory: WorkDirectory, root: Path) -> None:
    """It comes to an end, and copying something onto itself changes nothing."""
    await directory.write("a/b", b"1")
    await directory.copy("a", "a/into")
    assert contents(root) == {"a/b": b"1", "a/into/b": b"1"}
    await directory.copy("a/b", "a/b")
    await directory.copy("a/into", "a/into")
    assert contents(root) == {"a/b": b"1", "a/into/b": b"1"}


async def test_copies_follow_links_inside_only(directory: WorkDirectory, root: Path) -> None:
    """A link in the target leads where it leads inside the directory, and never out of it."""
    await directory.write("from/sub/f", b"1")
    await directory.write("from/g", b"2")
    outside = root.parent.parent / "outside"
    outside.mkdir()
    (root / "to").mkdir()
    (root / "to/sub").symlink_to(outside)
    (root / "to/g").symlink_to("../elsewhere")
    await directory.copy("from", "to")
    assert list(outside.iterdir()) == []
    assert (root / "elsewhere").read_bytes() == b"2"
    assert (root / str(outside).lstrip("/") / "f").read_bytes() == b"1"


async def test_moving(directory: WorkDirectory, root: Path) -> None:
    """Files, links and folders; what is there is replaced only if that is asked for."""
    await directory.write("a/b", b"1")
    await directory.write("c", b"2")
    (root / "link").symlink_to("c")
    await directory.move("link", "moved")
    assert (root / "moved").is_symlink()
    await directory.move("a", "x/y")
    assert contents(root) == {"x/y/b": b"1", "c": b"2"}
    with pytest.raises(errors.AlreadyExists):
        await directory.move("c", "x/y")
    await directory.move("c", "x/y", replace=True)
    assert contents(root) == {"x/y": b"2"}
    with pytest.raises(errors.NotFound, match="c"):
        await directory.move("c", "d")
    for source, target in (("x", "x/y/z"), ("x", "x"), ("x", "."), (".", "x")):
        with pytest.raises(errors.BadRequest):
            await directory.move(source, target, replace=True)
    assert contents(root) == {"x/y": b"2"}


async def test_deleting(directory: WorkDirectory, root: Path) -> None:
    """A link goes as a link, a folder with all in it; the directory itself stays."""
    await directory.write("a/b", b"1")
    (root / "link").symlink_to("a")
    assert await directory.delete("link")
    assert contents(root) == {"a/b": b"1"}
    assert await directory.delete("a")
    assert not await directory.delete("a")
    assert list(root.iterdir()) == []
    with pytest.raises(errors.BadRequest, match="work directory itself"):
        await directory.delete("x/..")
    assert left_over(root) == []


async def test_strict_paths(directory: WorkDirectory, root: Path) -> None:
    """One that would lead out is refused, by `..`, by being absolute, through a link; a link that is named goes."""
    (root / "out").symlink_to("/etc")
    (root / "up").symlink_to("../..")
    for path in ("../x", "a/../../x", "/etc", "out/passwd", "up/x"):
        with pytest.raises(errors.BadRequest, match="outside the working directory"):
            await directory.delete(path, is_strict=True)
    assert await directory.delete("out", is_strict=True)
    assert await directory.delete("./a/../up", is_strict=True)


async def test_the_disk_has_a_bound(root: Path) -> None:
    """Everything counts that is there, and nothing that is gone; the message names the bound and the setting."""
    directory = bounded(root, 4)
    await directory.write("a", b"x" * BLOCK)
    await directory.write("b", b"x" * 2 * BLOCK)
    with pytest.raises(errors.TooLarge, match=r"16,384 bytes of disk, and c .* promotions\.disk"):
        await directory.write("c", b"x" * 2 * BLOCK)
    with pytest.raises(errors.TooLarge, match="d/a"):
        await directory.copy(".", "d")
    await directory.delete("d")
    await directory.delete("b")
    await directory.write("c", b"x" * 2 * BLOCK)
    await directory.move("c", "e")
    async with directory.scratch() as folder:
        (folder / "made").write_bytes(b"x" * 2 * BLOCK)
        with pytest.raises(errors.TooLarge, match="took"):
            await directory.adopt(folder / "made", "took")
    with pytest.raises(errors.TooLarge, match="received"):
        await directory.receive("received", _pieces(b"x" * 2 * BLOCK), most_bytes=1 << 20)
    assert sorted(contents(root)) == ["a", "e"]
    # Another process goes on: it looks what is there.
    with pytest.raises(errors.TooLarge, match="takes 8,192 more, beside 12,288"):
        await bounded(root, 4).write("f", b"x" * 2 * BLOCK)
    await directory.make_directory("g")
    with pytest.raises(errors.TooLarge, match="h"):
        await directory.make_directory("h")


async def test_a_program(directory: WorkDirectory, root: Path) -> None:
    """It gets a home of its own, what it is given, and nothing of our environment."""
    await directory.write("in/file", b"hello")
    script = (
        'cat file; printf "%s " "$HOME" "$TMPDIR"; pwd; env | cut -d= -f1 | sort; ls -a "$HOME" >&2'
    )
    ended = await directory.run(
        ["sh", "-c", script], cwd="in", seconds=60, environment={"GIVEN": "1"}
    )
    lines = ended.stdout.decode().splitlines()
    home, temporary, where = lines[0].removeprefix("hello").split(" ")
    assert Path(home).parent == Path(temporary).parent
    assert Path(home).is_relative_to(root.parent)
    assert not Path(home).is_relative_to(root)
    assert where == str(root / "in")
    assert set(lines[1:]) <= {
        *("GIVEN", "HOME", "TMPDIR", "PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"),
        *("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"),
        "GIT_ALLOW_PROTOCOL",
    }
    assert ended.stderr.split() == [".", ".."]
    assert left_over(root) == []
    failed = await directory.run(
        ["sh", "-c", "echo $PWD/file: no >&2; exit 3"], cwd="in", seconds=60
    )
    assert (failed.code, failed.stderr) == (3, "in/file: no\n")
    with pytest.raises(errors.NotFound, match="none"):
        await directory.run(["true"], cwd="none", seconds=60)
    with pytest.raises(errors.Unavailable, match="no-such-program"):
        await directory.run(["no-such-program"], seconds=60)
    with pytest.raises(errors.TooLarge, match="printed more"):
        await directory.run(["sh", "-c", "yes"], seconds=60, output_limit=1000)
    assert left_over(root) == []


async def test_a_program_is_held_by_the_kernel(directory: WorkDirectory, root: Path) -> None:
    """It sees nothing beside the directory, has no network, and writes nothing where it is to read alone."""
    (root.parent / "beside").write_text("not for it")
    (root.parent / "named").write_text("for it")
    await directory.write("file", b"x")
    seen = await directory.run(["sh", "-c", "cat ../beside /etc/passwd"], seconds=60)
    assert (seen.code != 0, seen.stdout) == (True, b"")
    named = await directory.run(
        ["sh", "-c", "cat ../named"], seconds=60, read=[root.parent / "named"]
    )
    assert named.stdout == b"for it"
    asked = "import socket; socket.create_connection(('127.0.0.1', 9), 5)"
    spoken = await directory.run(["/usr/bin/python3", "-c", asked], seconds=60)
    assert spoken.code != 0
    assert "Connection refused" not in spoken.stderr
    reads = await directory.run(
        ["sh", "-c", "cat file; echo y > other; echo y > file"], seconds=60, only_reads=True
    )
    assert reads.stdout == b"x"
    assert contents(root) == {"file": b"x"}


async def test_on_a_kernel_that_cannot_hold_it_a_program_is_not_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless the operator says so; the message names the setting."""
    launcher = root.parent / "launcher.py"
    launcher.write_text("import sys; sys.stderr.write('not confined: no Landlock'); sys.exit(95)")
    monkeypatch.setattr(confinement, "LAUNCHER", launcher)
    with pytest.raises(errors.Unavailable, match=r"promotions\.confinement to IfPossible"):
        await WorkDirectory(root).run(["true"], seconds=60)
    lax = WorkDirectory(root, programs=Programs(must_confine=False))
    assert (await lax.run(["true"], seconds=60)).code == 95  # it is left to the launcher


@pytest.mark.parametrize(
    "script",
    [
        "i=0; while :; do i=$((i+1)); head -c 4096 /dev/zero > file-$i; done",
        'cd "$HOME"; i=0; while :; do i=$((i+1)); head -c 4096 /dev/zero > file-$i; done',
        'head -c 1048576 /dev/zero > large; head -c 1048576 /dev/zero > "$TMPDIR/large"; while :; do :; done',
    ],
)
async def test_a_program_that_fills_the_disk_is_ended(root: Path, script: str) -> None:
    """Whether it writes many files or a large one, in the directory or at home."""
    directory = bounded(root, 20)
    with pytest.raises(errors.TooLarge, match=r"sh wrote they take .*promotions\.disk"):
        await directory.run(["sh", "-c", script], seconds=600)
    assert left_over(root) == []


async def _cancelled(work: Awaitable[object], is_there: Callable[[], bool]) -> None:
    task = asyncio.ensure_future(work)

    async def found() -> bool:
        return is_there()

    assert await until_async(found)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_program_is_gone_with_its_children(
    directory: WorkDirectory, root: Path
) -> None:
    """Also if they do not listen: nothing of them runs when the caller has its answer."""
    script = "trap '' TERM; (trap '' TERM; echo $$ > child; while :; do sleep 1; done) & wait"
    number = root / "child"
    await _cancelled(
        directory.run(["sh", "-c", script], seconds=600),
        lambda: number.exists() and number.read_text().endswith("\n"),
    )
    status = Path(f"/proc/{number.read_text().strip()}/stat")
    assert not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"
    assert left_over(root) == []


async def test_a_cancelled_copy_ends_between_two_files(
    directory: WorkDirectory, root: Path
) -> None:
    """Nothing is written once the caller has its answer."""
    for number in range(400):
        (root / f"f{number}").write_bytes(b"x")
    await _cancelled(directory.copy(".", "to"), (root / "to").is_dir)
    assert len(contents(root / "to")) < 400


PARTS = st.sampled_from(["a", "b", "..", ".", "", "in", "out", "up", "loop", "é", "x" * 300])
PATHS = st.lists(PARTS, min_size=1, max_size=6).map("/".join)


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    operation=st.sampled_from(["write", "copy", "move", "delete", "make", "receive"]), path=PATHS
)
async def test_no_path_leads_out(tmp_path: Path, operation: str, path: str) -> None:
    """Whatever is done under whatever name, and whatever links there are, what lies outside stays as it is."""
    root = tmp_path / "p" / "files"
    outside = tmp_path / "outside"
    shutil.rmtree(tmp_path / "p", ignore_errors=True)
    for folder in (root / "a", outside):
        folder.mkdir(parents=True, exist_ok=True)
    (outside / "kept").write_bytes(b"kept")
    for name, target in (("in", "a"), ("out", str(outside)), ("up", "../../.."), ("loop", "loop")):
        (root / name).symlink_to(target)
    (root / "a/f").write_bytes(b"f")
    directory = WorkDirectory(root)
    try:
        match operation:
            case "write":
                await directory.write(path, b"x")
            case "copy":
                await directory.copy("a", path)
            case "move":
                await directory.move("a/f", path, replace=True)
            case "delete":
                await directory.delete(path)
            case "make":
                await directory.make_directory(path)
            case _:
                await directory.receive(path, _pieces(b"x"), most_bytes=1)
    except (errors.BadRequest, errors.NotFound, errors.AlreadyExists):
        pass
    assert contents(outside) == {"kept": b"kept"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["outside", "p"]
    assert left_over(root) == []


def test_links_do_not_lead_on_for_ever(root: Path, directory: WorkDirectory) -> None:
    """Each link may lead through two thousand names to the next: paths are looked up while everybody else waits."""
    (root / "d").mkdir()
    for number in range(250):
        (root / f"l{number}").symlink_to("d/../" * 800 + f"l{number + 1}")
    with pytest.raises(errors.BadRequest, match="more than 1,000 names"):
        directory.resolve("l0")
    (root / "near").symlink_to("d/../" * 100 + "./" * 1_000 + "d")
    assert directory.resolve("near/x") == root / "d" / "x"


async def test_paths_have_a_depth(root: Path, directory: WorkDirectory) -> None:
    """Deeper ones can be written by nobody; what is written is gone again."""
    deep = "a/" * 254 + "f"
    await directory.write(deep, b"x")
    assert await directory.read(deep) == b"x"
    (root / "far").symlink_to("a/" * 200)
    for path in (f"a/{deep}", "far/" + "b/" * 100, "a/" * 1_500 + "f"):
        with pytest.raises(errors.BadRequest, match=r"255 folders deep|1,000 names"):
            await directory.write(path, b"x")
    assert await directory.delete("a")


@pytest.mark.parametrize("path", ["\ud800", "a/\udfff/b"])
async def test_a_path_of_what_is_no_character(directory: WorkDirectory, path: str) -> None:
    """Expressions can make such texts out of JSON."""
    with pytest.raises(errors.BadRequest, match="no character"):
        await directory.stat(path)
