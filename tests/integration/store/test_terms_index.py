"""The index of search terms beside the database: filled later, by a thread, and never missing anything."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import apsw
import pytest

from tests.support.stores import ACTOR, freight, opened, ref
from towpath import errors, faults
from towpath.clock import VirtualClock, settle
from towpath.local import keeping
from towpath.resources import scheme
from towpath.store.contract import LogRetention, Query
from towpath.store.sqlite import terms_file, terms_index

if TYPE_CHECKING:
    from towpath.store.contract import Store
    from towpath.store.sqlite.store import SQLiteStore

ROOT = Path(__file__).resolve().parents[3]
_TRIGGER = "CREATE TRIGGER t AFTER INSERT ON terms BEGIN SELECT RAISE(ABORT, 'no'); END"
_TABLES = "DROP TABLE terms; CREATE TABLE terms (a, b)"
ALL = ("", "\U0010ffff")
KILLED = """
import asyncio, sys
from pathlib import Path
from tests.support.stores import ACTOR, freight, opened, ref
from towpath.resources import scheme

async def main(folder):
    async with opened(folder) as store:
        for number in range(100_000):
            made = await store.create(freight(f"f{number}", alias=f"a{number}"), actor=ACTOR)
            if number % 5 == 0:
                await store.update({**made.document, "alias": f"b{number}"}, actor=ACTOR)
            if number % 7 == 0:
                await store.delete(ref(scheme.FREIGHT, f"f{number}"), actor=ACTOR)
            print(number, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


async def terms(store: Store) -> set[tuple[str, str]]:
    """Return term and name of all Freight."""
    found = await store.terms(scheme.FREIGHT, ALL, limit=1_000_000)
    assert len(set(found)) == len(found)
    return {(each.value, each.name) for each in found}


async def expected(store: Store) -> set[tuple[str, str]]:
    """Return what `terms` is to be."""
    left = await store.list(Query(kind=scheme.FREIGHT))
    wanted = set[tuple[str, str]]()
    for item in left.items:
        wanted |= {(item.document["alias"], item.ref.name), (item.ref.name, item.ref.name)}
    return wanted


def in_file(folder: Path) -> list[str]:
    """Return the terms that the file has."""
    connection = apsw.Connection(
        str(folder / "data" / "search.db"), flags=apsw.SQLITE_OPEN_READONLY
    )
    try:
        return [str(value) for (value,) in connection.execute("SELECT value FROM terms ORDER BY 1")]
    finally:
        connection.close()


async def filled(store: Store, count: int, first: int = 0) -> None:
    """Write Freight."""
    for number in range(first, first + count):
        await store.create(freight(f"f{number}", alias=f"a{number}"), actor=ACTOR)


async def written(store: Store) -> None:
    """Return once the index has taken what was due."""
    index = cast("SQLiteStore", store)._terms
    await settle()
    while index._due.is_set() or index._pending._taken:
        await settle()
        await index._thread.idle()


async def test_it_is_written_a_moment_later_and_says_the_same(tmp_path: Path) -> None:
    """Nothing is in the file while it waits; everything is, once its time has come."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await filled(store, 3)
        before = await terms(store)
        assert not (tmp_path / "data" / "search.db").exists()
        await clock.advance(1)
        await written(store)
        assert in_file(tmp_path) == ["a0", "a1", "a2", "f0", "f1", "f2"]
        assert await terms(store) == before == await expected(store)
        await store.delete(ref(scheme.FREIGHT, "f1"), actor=ACTOR)
        assert await terms(store) == await expected(store)
        assert (await store.terms(scheme.FREIGHT, ("a1", "a3"), limit=1))[0].value == "a2"
    assert in_file(tmp_path) == ["a0", "a2", "f0", "f2"]


@pytest.mark.parametrize(
    "point", ["store.terms.before-commit:2", "store.terms.after-commit:2", "store.after-commit:90"]
)
def test_killed_it_has_what_was_acknowledged(tmp_path: Path, point: str) -> None:
    """From the file as far as it goes, and from the change log behind that."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path],
        cwd=ROOT,
        env={**os.environ, faults.VARIABLE: point},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = [line for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -signal.SIGKILL

    async def check() -> None:
        async with opened(tmp_path) as store:
            found = await terms(store)
            assert found == await expected(store)
            last = int(told[-1])
            last -= last % 7 == 0
            assert (f"f{last}", f"f{last}") in found

    asyncio.run(check())


@pytest.mark.parametrize(
    "harm",
    [
        "lost", "damaged", "cut", "of another database", "log is gone", "a pipe", "a link to nothing", "a link to the database",
        "of a later format", "its log is a pipe", "its log is of another file", "its index is a link",
        "a folder", "its log is a folder", "with a trigger", "with other tables",
    ],
)  # fmt: skip
async def test_a_file_that_is_of_no_use_is_made_anew(tmp_path: Path, harm: str) -> None:
    """Whatever became of it: the database has everything."""
    async with opened(tmp_path) as store:
        await filled(store, 20)
    file = tmp_path / "data" / "search.db"
    if harm == "lost":
        terms_file.remove(file)
    elif harm == "damaged":
        file.write_bytes(b"x" * file.stat().st_size)
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    elif harm == "a pipe":
        file.unlink()
        os.mkfifo(file)
    elif harm.startswith("a link"):
        file.unlink()
        file.symlink_to("none" if harm.endswith("nothing") else "towpath.db")
    elif harm == "of a later format":
        with file.open("r+b") as opened_file:
            opened_file.seek(18)
            opened_file.write(b"\x03\x03")
    elif harm == "its log is a pipe":
        os.mkfifo(tmp_path / "data" / "search.db-wal")
    elif harm == "its log is of another file":
        (tmp_path / "data" / "search.db-wal").write_bytes(b"x" * 9000)
    elif harm == "a folder":
        file.unlink()
        file.mkdir()
    elif harm == "its log is a folder":
        (tmp_path / "data" / "search.db-wal").mkdir()
    elif harm.startswith("with "):
        connection = apsw.Connection(str(file))
        connection.execute(_TRIGGER if harm == "with a trigger" else _TABLES)
        connection.close()
    elif harm == "its index is a link":
        (tmp_path / "data" / "search.db-shm").symlink_to("none/none")
    else:
        connection = apsw.Connection(str(file))
        wrong = "made_of = 'else'" if "database" in harm else "position = 0"
        connection.execute(f"DELETE FROM terms; UPDATE state SET {wrong}")
        connection.close()
    if harm == "log is gone":
        retention = LogRetention(entries=2, minimum_entries=1)
        async with opened(tmp_path, retention=retention) as store:
            await filled(store, 70, first=20)
    async with opened(tmp_path) as store:
        await filled(store, 1, first=100)
        found = None
        while found is None:
            with contextlib.suppress(errors.Unavailable):
                found = await terms(store)
        assert found == await expected(store)
        index = cast("SQLiteStore", store)._terms
        while (
            not index._is_live.is_set()  # what it could not write has it made anew, after a pause
            or index._due.is_set()
            or index._pending._taken
            or len(index._pending)
        ):
            await asyncio.sleep(0)
            await index._thread.idle()
        assert not store.terms_hindrance()
    assert len(in_file(tmp_path)) == len(found)


async def test_damage_that_is_found_later_is_mended_as_well(tmp_path: Path) -> None:
    """Whoever searches is told to ask again; then all is there."""
    async with opened(tmp_path) as store:
        await filled(store, 400)
    file = tmp_path / "data" / "search.db"
    with file.open("r+b") as opened_file:
        half = file.stat().st_size // 2
        opened_file.seek(half)
        opened_file.write(b"\xff" * half)
    async with opened(tmp_path) as store:
        with pytest.raises(errors.Unavailable, match="made anew"):
            await terms(store)
        assert await terms(store) == await expected(store)


@pytest.mark.parametrize("error", [apsw.ReadOnlyError, apsw.AuthError])
async def test_one_that_may_not_be_written_to_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[apsw.Error]
) -> None:
    """It is somebody else's, as where a command was run as another user; the folder is ours, and so is what it is made of."""
    async with opened(tmp_path) as store:
        await filled(store, 3)
    file = tmp_path / "data" / "search.db"
    first = file.stat().st_ino
    os.link(file, tmp_path / "theirs")
    take = terms_file.TermsFile.take

    def refuse(self: terms_file.TermsFile, *given: Any) -> None:
        if file.stat().st_ino == first:
            raise error("attempt to write a readonly database")
        take(self, *given)

    monkeypatch.setattr(terms_file.TermsFile, "take", refuse)
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await filled(store, 3, first=3)
        index = cast("SQLiteStore", store)._terms
        while file.stat().st_ino == first:
            await clock.advance(60)
            await index._thread.idle()
        await written(store)
        assert await terms(store) == await expected(store)
        assert not store.terms_hindrance()
    assert len(in_file(tmp_path)) == 12


async def test_what_cannot_be_taken_away_keeps_no_store_from_opening(tmp_path: Path) -> None:
    """A folder in its place may hold anything: search says why it waits, and all else goes on."""
    async with opened(tmp_path) as store:
        await filled(store, 3)
    file = tmp_path / "data" / "search.db"
    terms_file.remove(file)
    file.mkdir()
    (file / "theirs").write_text("x")
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await filled(store, 3, first=3)
        index = cast("SQLiteStore", store)._terms
        while not store.terms_hindrance():
            await clock.advance(60)
            await index._thread.idle()
        assert "irectory" in store.terms_hindrance()
    assert (file / "theirs").read_text() == "x"


async def test_a_restored_backup_has_its_own(tmp_path: Path) -> None:
    """What was written after the copy was made is not found."""
    async with opened(tmp_path) as store:
        await filled(store, 3)
        await store.backup(tmp_path / "copy.db")
        await filled(store, 3, first=3)
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    await asyncio.to_thread(keeping.put_back, tmp_path / "copy.db", data, key)
    async with opened(tmp_path) as store:
        assert len(await terms(store)) == 6
        assert await terms(store) == await expected(store)


async def test_what_cannot_be_written_waits_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found all the same while there is room; then search says why not, and goes on when the disk does."""
    clock = VirtualClock()
    monkeypatch.setattr(terms_index, "MOST", 30)
    monkeypatch.setattr(terms_index, "_READY_SECONDS", 0)
    take = terms_file.TermsFile.take

    def refuse(*_: object) -> None:
        raise apsw.FullError("database or disk is full")

    monkeypatch.setattr(terms_file.TermsFile, "take", refuse)
    async with opened(tmp_path, clock=clock) as store:
        index = cast("SQLiteStore", store)._terms
        await filled(store, 10)
        await clock.advance(1)
        await index._thread.idle()
        assert await terms(store) == await expected(store)
        await filled(store, 50, first=10)
        assert len(index._pending) <= 30
        await clock.advance(5)
        with pytest.raises(errors.Unavailable, match="the disk is full"):
            await terms(store)
        assert "the disk is full" in store.terms_hindrance()
        monkeypatch.setattr(terms_file.TermsFile, "take", take)
        monkeypatch.setattr(terms_index, "_READY_SECONDS", 60)
        await clock.advance(120)
        assert await terms(store) == await expected(store)
        assert not store.terms_hindrance()


async def test_many_are_not_let_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However short the time: memory has a bound."""
    monkeypatch.setattr(terms_index, "MANY", 20)
    async with opened(tmp_path, clock=VirtualClock()) as store:
        await filled(store, 20)
        await written(store)
        assert len(in_file(tmp_path)) == 40
        assert await terms(store) == await expected(store)


async def test_the_position_follows_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing is written that is searched for: else the log would be cut beyond it."""
    monkeypatch.setattr(terms_index, "_REVISIONS", 10)
    async with opened(tmp_path, clock=VirtualClock()) as store:
        index = cast("SQLiteStore", store)._terms
        await filled(store, 1)
        first = index._position
        for number in range(12):
            await store.create(freight(f"g{number}", alias=f"g{number}"), actor=ACTOR)
            await store.delete(ref(scheme.FREIGHT, f"g{number}"), actor=ACTOR)
        await written(store)
        assert index._position > first
        assert await terms(store) == await expected(store)
