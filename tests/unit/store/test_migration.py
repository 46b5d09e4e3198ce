"""Migrations: in order, all or nothing, after a copy was kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.support.stores import ACTOR, config_map, opened
from towpath import __version__, errors
from towpath.store.sqlite import backup, database, migration
from towpath.store.sqlite.data_directory import DataDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.sqlite.migration import Migration


def numbered(*statements: str) -> tuple[Migration, ...]:
    """Return migrations made of statements."""
    return tuple(
        migration.Migration(number, f"{number}", sql) for number, sql in enumerate(statements)
    )


def tables(connection: apsw.Connection) -> list[str]:
    """Return the names of all tables."""
    return [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY 1")]


def test_what_is_due_is_applied_in_order() -> None:
    """And the second time nothing is."""
    connection = apsw.Connection(":memory:")
    before: list[int] = []
    first = numbered("CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y; CREATE TABLE b (x)")
    assert migration.apply(connection, first, before=before.append) == 2
    assert migration.apply(connection, first, before=before.append) == 0
    more = (*first, migration.Migration(2, "2", "DROP TABLE b"))
    assert migration.apply(connection, more, before=before.append) == 1
    assert tables(connection) == ["a"]
    assert before == [0, 2]


def test_a_migration_that_fails_leaves_the_file_as_it_was() -> None:
    """Also what the ones before it did."""
    connection = apsw.Connection(":memory:")
    broken = numbered("CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)")
    with pytest.raises(apsw.SQLError):
        migration.apply(connection, broken, before=lambda _: None)
    assert tables(connection) == []
    assert migration.version_of(connection) == 0
    assert not connection.in_transaction


def test_the_packages_migrations_are_numbered_without_gap(tmp_path: Path) -> None:
    """A gap or a second file of a number is a mistake that does not ship."""
    assert [found.number for found in migration.load()] == list(range(len(migration.load())))
    (tmp_path / "0000_a.sql").write_text("")
    (tmp_path / "0002_b.sql").write_text("")
    with pytest.raises(ValueError, match="without gap"):
        migration.load(tmp_path)


async def test_an_older_program_refuses_a_newer_file(tmp_path: Path) -> None:
    """Naming both versions; the file is not touched."""
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
    path = tmp_path / "data" / "towpath.db"
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        known = connection.pragma("user_version")
        connection.pragma("user_version", known + 1)
        connection.execute("UPDATE meta SET value = '9.9.9' WHERE name = 'writer'")
    before = path.read_bytes()
    with pytest.raises(
        errors.Unavailable,
        match=rf"Towpath 9\.9\.9 \(schema {known + 1}\).*{__version__}.*up to {known}",
    ):
        async with opened(tmp_path):
            pass
    assert path.read_bytes() == before


async def test_an_upgrade_keeps_a_copy_and_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy can be restored; the last three are kept."""
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
    known = list(migration.load())
    for extra in range(5):
        known.append(migration.Migration(len(known), f"x{extra}", f"CREATE TABLE extra{extra} (x)"))
        monkeypatch.setattr(migration, "load", lambda: tuple(known))
        async with opened(tmp_path) as store:
            assert store.revision() == 1
    copies = sorted((tmp_path / "data" / "backups").iterdir())
    assert len(copies) == 3
    with contextlib.closing(apsw.Connection(str(copies[-1]))) as connection:
        assert connection.pragma("user_version") == len(known) - 1
        assert "extra3" in tables(connection)
        assert "extra4" not in tables(connection)


async def test_an_upgrade_that_fails_leaves_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start, with the program as it was, finds everything."""
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
    broken = (*migration.load(), migration.Migration(99, "x", "CREATE TABLE meta (x)"))
    with monkeypatch.context() as patched:
        patched.setattr(migration, "load", lambda: broken)
        with pytest.raises(errors.Unavailable, match="meta"):
            async with opened(tmp_path):
                pass
    async with opened(tmp_path) as store:
        assert store.revision() == 1


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.46.1", "3.51.2"])
def test_a_sqlite_that_can_lose_data_is_refused(version: str) -> None:
    """Both versions are named, and what to install."""
    with pytest.raises(errors.Unavailable, match=rf"{version}, and versions before 3\.51\.3"):
        database.refuse_unsound_sqlite(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.54.1", "4.0.0"])
def test_a_sound_sqlite_is_accepted(version: str) -> None:
    """From the first version with the fix on."""
    database.refuse_unsound_sqlite(version)


def test_the_sqlite_at_hand_is_sound() -> None:
    """The wheel of apsw brings its own."""
    database.refuse_unsound_sqlite(apsw.sqlite_lib_version())


async def test_the_connections_flush_every_commit(tmp_path: Path) -> None:
    """WAL, FULL, foreign keys, overwritten content erased, files for the owner only."""
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        connection = store._writer._connection  # type: ignore[attr-defined]  # of the implementation
        said = {
            name: connection.pragma(name)
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "trusted_schema",
            )
        }
        assert said == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
            "trusted_schema": 0,
        }
        files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert len(files) >= 3
        assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_kept_copies_are_the_newest(tmp_path: Path) -> None:
    """Taking copies when there is nothing to copy from is an error, not an empty copy."""
    directory = DataDirectory.open(tmp_path / "data")
    try:
        with pytest.raises(apsw.CantOpenError):
            backup.before_migration(directory, 1)
        assert list(directory.backups.iterdir()) == []
    finally:
        directory.release()


async def test_starts_that_were_killed_over_a_copy_leave_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each leaves as much as the database is large, and whoever restarts a server by itself kills many."""
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
    directory = DataDirectory.open(tmp_path / "data")
    try:
        directory.backups.mkdir()
        cut_off = []

        def killed(source: Path, target: Path) -> None:
            del source
            cut_off.append(target)
            target.write_bytes(b"half")
            raise KeyboardInterrupt

        for _ in range(2):
            with monkeypatch.context() as patch:
                patch.setattr(backup, "copy", killed)
                with pytest.raises(KeyboardInterrupt):
                    backup.before_migration(directory, 1)
            cut_off[-1].write_bytes(b"half")  # as nobody takes it away where the process is killed
        kept = backup.before_migration(directory, 1)
        assert list(directory.backups.iterdir()) == [kept]
    finally:
        directory.release()
