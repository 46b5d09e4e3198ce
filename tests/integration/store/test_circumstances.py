"""Bad circumstances, for real: each is a clear error, nothing is lost, and it goes on when they end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.support.invariants import violations
from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.clock import VirtualClock
from towpath.local import keeping
from towpath.resources import scheme
from towpath.store.contract import Query
from towpath.store.sqlite.data_directory import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
MAPS = Query(kind=scheme.CONFIG_MAP)


async def fill(folder: Path, count: int = 50) -> None:
    """Write ConfigMaps of some size."""
    async with opened(folder) as store:
        for number in range(count):
            await store.create(config_map(f"c{number}", "x" * 2_000), actor=ACTOR)


async def test_a_second_process_is_told_who_the_first_is(tmp_path: Path) -> None:
    """With process id, command and since when; the first is not disturbed."""
    async with opened(tmp_path) as store:
        with pytest.raises(
            errors.Unavailable, match=rf"in use by process {os.getpid()} on .* since "
        ):
            async with opened(tmp_path):
                pass
        with pytest.raises(errors.Unavailable, match="in use by"):
            await asyncio.to_thread(keeping.rotate, tmp_path / "data", tmp_path / "keys" / "key")
        await store.create(config_map("a"), actor=ACTOR)
    async with opened(tmp_path) as store:
        assert store.revision() == 1


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.resources import scheme

async def main(folder):
    async with opened(folder) as store:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = (folder / "data" / "towpath.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, resource.RLIM_INFINITY))
        written, refused = 0, ""
        while not refused:
            try:
                await store.create(config_map(f"n{written}", "x" * 20_000), actor=ACTOR)
                written += 1
            except errors.Unavailable as error:
                refused = str(error)
        await store.get(ref(scheme.CONFIG_MAP, "n0"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await store.create(config_map("after", "room again"), actor=ACTOR)
        print(written, refused)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_disk_that_refuses_more_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Writing is refused with a clear error, reading goes on, and so does writing when there is room."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written, _, refused = done.stdout.partition(" ")
    assert int(written) > 3
    assert "towpath.db" in refused
    assert "disk" in refused
    assert violations(tmp_path / "data" / "towpath.db") == []

    async def check() -> None:
        async with opened(tmp_path) as store:
            assert await store.count(MAPS) == int(written) + 1

    asyncio.run(check())


async def test_a_full_database_refuses_a_batch_whole_and_goes_on(tmp_path: Path) -> None:
    """Every writer of the moment is told; none of them is half done; the store goes on afterwards."""
    async with opened(tmp_path) as store:
        await store.create(config_map("before"), actor=ACTOR)
        connection = store._writer._connection  # type: ignore[attr-defined]  # broken on purpose
        pages = connection.pragma("page_count")
        connection.pragma("max_page_count", pages + 5)
        results = await asyncio.gather(
            *(
                store.create(config_map(f"c{number}", "x" * 50_000), actor=ACTOR)
                for number in range(20)
            ),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, BaseException)]
        assert refused
        assert all(
            isinstance(error, errors.Unavailable) and "full" in error.message for error in refused
        )
        assert await store.count(MAPS) == 1 + len(results) - len(refused)
        connection.pragma("max_page_count", 1 << 30)
        await store.create(config_map("after"), actor=ACTOR)
        assert (await store.get(ref(scheme.CONFIG_MAP, "after"))).revision == store.revision()
    assert violations(tmp_path / "data" / "towpath.db") == []


async def test_a_read_only_database_is_named(tmp_path: Path) -> None:
    """The cause and the user who may not write are in the error; reading goes on."""
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        connection = store._writer._connection  # type: ignore[attr-defined]  # broken on purpose
        connection.pragma("query_only", True)
        with pytest.raises(errors.Unavailable, match="read-only"):
            await store.create(config_map("b"), actor=ACTOR)
        assert await store.count(MAPS) == 1
        connection.pragma("query_only", False)
        await store.create(config_map("b"), actor=ACTOR)


def test_a_directory_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """The error has the directory, the user and what helps."""
    tmp_path.chmod(0o500)
    user = os.geteuid()
    if user == 0:  # the superuser may write everywhere: be somebody else for a moment
        os.seteuid(65534)
    try:
        with pytest.raises(
            errors.Unavailable, match=rf"user id {os.geteuid()} may not write there"
        ):
            DataDirectory.open(tmp_path / "data")
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o700)


async def test_a_directory_on_a_read_only_file_system_is_named() -> None:
    """As /proc is: nothing can be made there, by nobody."""
    with pytest.raises(errors.Unavailable, match=r"data directory /proc/towpath"):
        async with opened(Path("/proc/towpath")):
            pass


async def test_a_file_in_the_place_of_the_directory_is_named(tmp_path: Path) -> None:
    """A data directory cannot be a file."""
    (tmp_path / "data").write_text("")
    with pytest.raises(errors.Unavailable, match="there is a file in its place"):
        async with opened(tmp_path):
            pass


def cut_off_end(path: Path) -> None:
    """Lose the last third of the file."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)


def cut_off_within_header(path: Path) -> None:
    """Lose all but 60 bytes."""
    with path.open("r+b") as file:
        file.truncate(60)


def overwrite_header(path: Path) -> None:
    """Another program wrote at the beginning."""
    with path.open("r+b") as file:
        file.write(b"#!/bin/sh\n")


def overwrite_pages(path: Path) -> None:
    """Another program wrote in the middle."""
    with path.open("r+b") as file:
        file.seek(4096 * 12)
        file.write(os.urandom(4096 * 8))


def replace_by_text(path: Path) -> None:
    """The file is no database at all."""
    path.write_text("hello\n" * 100)


DAMAGES = [cut_off_end, cut_off_within_header, overwrite_header, overwrite_pages, replace_by_text]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_a_damaged_database_is_refused_with_the_way_to_restore(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Nothing is changed in it, and the restore that the message names brings it back."""
    await fill(tmp_path)
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    await asyncio.to_thread(keeping.back_up, data, key, tmp_path / "good.db")
    damage(data / "towpath.db")
    damaged = (data / "towpath.db").read_bytes()
    with pytest.raises(errors.Unavailable, match=r"damaged.*towpath restore FILE --data"):
        async with opened(tmp_path):
            pass
    assert (data / "towpath.db").read_bytes() == damaged
    done = await asyncio.to_thread(keeping.put_back, tmp_path / "good.db", data, key)
    assert done.replaced is not None
    assert done.replaced.read_bytes() == damaged
    async with opened(tmp_path) as store:
        assert await store.count(MAPS) == 50


async def test_what_a_killed_restore_left_goes_at_the_next_start(tmp_path: Path) -> None:
    """It is as large as the database; the files that SQLite had beside it go with it."""
    await fill(tmp_path, 1)
    copy = tmp_path / "data" / "towpath.db.copying"
    left = [copy.with_name(copy.name + extra) for extra in ("", "-wal", "-shm", "-journal")]
    for each in left:
        each.write_bytes(b"x" * 100)
    async with opened(tmp_path) as store:
        assert await store.count(MAPS) == 1
    assert not [each for each in left if each.exists()]


async def test_an_empty_file_beside_a_log_with_data_is_refused(tmp_path: Path) -> None:
    """The log held committed data of a database that somebody emptied."""
    await fill(tmp_path, 1)
    path = tmp_path / "data" / "towpath.db"
    path.write_bytes(b"")
    path.with_name("towpath.db-wal").write_bytes(b"x" * 100)
    with pytest.raises(errors.Unavailable, match="missing or empty"):
        async with opened(tmp_path):
            pass


async def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """It is not ours to change."""
    (tmp_path / "data").mkdir()
    other = apsw.Connection(str(tmp_path / "data" / "towpath.db"))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(errors.Unavailable, match="not Towpath's"):
        async with opened(tmp_path):
            pass


async def test_damage_that_shows_only_on_reading_is_told(tmp_path: Path) -> None:
    """A page that goes bad while the store is open gives a clear error, not a wrong answer."""
    await fill(tmp_path, 400)
    async with opened(tmp_path) as store:
        path = tmp_path / "data" / "towpath.db"
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096 * 4)
            file.write(os.urandom(size - 4096 * 8))
        with pytest.raises(errors.Unavailable, match=r"damaged|disk reports"):
            await store.list(MAPS)


async def test_a_missing_key_refuses_to_start(tmp_path: Path) -> None:
    """A new key is not made in its place: that would look as if everything were fine."""
    await fill(tmp_path, 1)
    key = tmp_path / "keys" / "key"
    kept = key.read_text()
    key.unlink()
    with pytest.raises(
        errors.Unavailable, match=r"sealed with key \w{16}, and the key file .* does not exist"
    ):
        async with opened(tmp_path):
            pass
    assert not key.exists()
    key.write_text(kept)
    key.chmod(0o600)
    async with opened(tmp_path) as store:
        assert store.revision() == 1


async def test_a_wrong_key_refuses_to_start(tmp_path: Path) -> None:
    """The message names the id that is wanted, the file, and the ids it holds."""
    await fill(tmp_path / "one", 1)
    await fill(tmp_path / "two", 1)
    key, other = (tmp_path / name / "keys" / "key" for name in ("one", "two"))
    wanted = key.read_text().split()[-2]
    held = other.read_text().split()[-2]
    key.write_text(other.read_text())
    with pytest.raises(
        errors.Unavailable, match=rf"key {wanted}, and the key file .* holds {held}"
    ):
        async with opened(tmp_path / "one"):
            pass


async def test_a_clock_that_is_set_back_loses_nothing(tmp_path: Path) -> None:
    """Over a restart as well: times stay in order, writes and watches work."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("a"), actor=ACTOR)
    clock.set_wall(clock.now().replace(year=2001))
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("b"), actor=ACTOR)
        first, second = await store.log()
        assert second.time >= first.time
