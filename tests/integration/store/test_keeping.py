"""Backup, restore, rotation, and that a Secret's value is nowhere to be found."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import logging
import os
import urllib.parse
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.support.invariants import violations
from tests.support.stores import ACTOR, config_map, opened, ref, secret, take
from towpath import errors
from towpath.clock import VirtualClock
from towpath.local import keeping
from towpath.resources import scheme
from towpath.store.contract import EventType, Query
from towpath.store.sqlite import database, restore
from towpath.store.sqlite.keyring import Keyring

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4nary!Ä/+?& value that nobody may find"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MAPS = Query(kind=scheme.CONFIG_MAP)


def forms(value: str) -> list[bytes]:
    """Return how a value might show: as it is, in base64 at each alignment, URL-encoded, JSON-escaped."""
    raw = value.encode()
    found = [raw, urllib.parse.quote(value).encode(), urllib.parse.quote_plus(value).encode()]
    found += [raw.decode().encode("unicode_escape"), raw.hex().encode()]
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        inner = encoded[4 if shift else 0 :].rstrip(b"=")[:-2]
        found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return found


async def test_a_secret_is_found_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not in database, WAL, backup, or logs, after creating, changing, failing, watching and deleting it."""
    caplog.set_level(logging.DEBUG)
    encoded = base64.b64encode(CANARY.encode()).decode()
    manifest = f'{{"stringData":{{"k":"{CANARY}"}},"data":{{"k":"{encoded}"}}}}'
    async with opened(tmp_path) as store:
        made = await store.create(
            secret("s", encoded, stringData={"k": CANARY}, annotations={LAST_APPLIED: manifest}),
            actor=ACTOR,
        )
        await store.update(secret("s", encoded, more=CANARY), actor=ACTOR)
        with pytest.raises(errors.AlreadyExists) as raised:
            await store.create(secret("s", encoded), actor=ACTOR)
        shown = [await store.get(made.ref), *(await store.list(Query(kind=scheme.SECRET))).items]
        shown += [
            event.object
            for event in await take(store.watch(Query(kind=scheme.SECRET), since=0), 2)
            if event.object
        ]
        await store.backup(tmp_path / "data" / "copy.db")
        files = {
            path.name: path.read_bytes()
            for path in (tmp_path / "data").rglob("*")
            if path.is_file()
        }
        await store.delete(made.ref, actor=ACTOR)
    assert {"towpath.db", "towpath.db-wal", "copy.db"} <= set(files)
    files |= {
        f"{path.name} closed": path.read_bytes()
        for path in (tmp_path / "data").rglob("*")
        if path.is_file()
    }
    files["log"] = caplog.text.encode()
    files["error"] = str(raised.value).encode()
    files |= {f"shown {number}": stored.raw for number, stored in enumerate(shown)}
    found = [
        (name, form) for name, content in files.items() for form in forms(CANARY) if form in content
    ]
    # `more` is no value under `data` or `stringData`: readers see it, and it is sealed at rest all the same.
    assert [(name, form) for name, form in found if not name.startswith("shown")] == []
    assert {name for name, _ in found} <= {"shown 0", "shown 1", "shown 3"}


def test_the_search_for_the_canary_finds_one() -> None:
    """Each form is found where it is."""
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + CANARY.encode() + b"yz")
        assert any(form in text for form in forms(CANARY))
    assert all(any(form in whole for form in forms(CANARY)) for whole in forms(CANARY))


async def test_a_backup_is_one_moment_while_writing_goes_on(tmp_path: Path) -> None:
    """It holds exactly the objects of its revision, and restoring it gives them back."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with opened(tmp_path) as store:
        for number in range(300):
            await store.create(config_map(f"c{number}", "x" * 5_000), actor=ACTOR)
        stop = asyncio.Event()

        async def write() -> None:
            number = 300
            while not stop.is_set():
                await store.create(config_map(f"c{number}", "y" * 5_000), actor=ACTOR)
                number += 1

        writing = asyncio.create_task(write())
        made = await store.backup(tmp_path / "b.db")
        stop.set()
        await writing
        assert made.objects == made.revision >= 300
        assert store.revision() > made.revision or made.revision >= 300
        with pytest.raises(errors.AlreadyExists):
            await store.backup(tmp_path / "b.db")
    assert violations(tmp_path / "b.db") == []
    assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".b.db*"))
    await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", data, key)
    async with opened(tmp_path) as store:
        assert await store.count(MAPS) == made.objects
    assert violations(data / "towpath.db") == []


async def test_after_a_restore_watches_and_lists_begin_anew(tmp_path: Path) -> None:
    """Revisions go on beyond those given out, and who was under way is told Expired."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        await store.backup(tmp_path / "b.db")
        for number in range(5):
            await store.update(config_map("a", str(number)), actor=ACTOR)
        last = store.revision()
    await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", data, key)
    async with opened(tmp_path) as store:
        for since in range(last + 1):
            with pytest.raises(errors.Expired):
                await take(store.watch(MAPS, since=since), 1)
        changed = await store.update(config_map("a", "new"), actor=ACTOR)
        assert changed.revision > last
        [added, _] = await take(store.watch(MAPS), 2)
        assert added.type is EventType.ADDED


@pytest.mark.parametrize("is_killed", [False, True])
async def test_a_file_system_without_links_is_restored_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_killed: bool
) -> None:
    """The database that was there is kept; where the restore is cut off meanwhile, no revision is given out twice."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"

    def link(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    def killed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", link)
    async with opened(tmp_path) as store:
        await store.create(config_map("a", "old"), actor=ACTOR)
        await store.backup(tmp_path / "b.db")
        last = (await store.update(config_map("a", "new"), actor=ACTOR)).revision
    if is_killed:
        with monkeypatch.context() as patch:
            patch.setattr(restore, "DURING_SWITCH", killed)
            with pytest.raises(KeyboardInterrupt):
                keeping.put_back(tmp_path / "b.db", data, key)
        assert not (data / "towpath.db").exists()
        with pytest.raises(errors.Unavailable, match="run the same `towpath restore` again"):
            async with opened(tmp_path):
                pass
    done = await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", data, key)
    [kept] = data.glob("towpath.db.before-restore-*")
    assert done.replaced == (None if is_killed else kept)
    async with opened(tmp_path) as store:
        changed = await store.update(config_map("a", "again"), actor=ACTOR)
        assert changed.revision > last


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser gives files away")
@pytest.mark.parametrize("is_lost", [False, True])
async def test_a_restore_by_the_superuser_leaves_the_database_to_its_owner(
    tmp_path: Path, *, is_lost: bool
) -> None:
    """Else the server, which is somebody else, does not start: also where the database was lost."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        await store.backup(tmp_path / "b.db")
    for each in (data, data / "towpath.db"):
        os.chown(each, 4711, 4712)
    if is_lost:
        for name in ("towpath.db", "lock"):
            (data / name).unlink()
        (data / "admin-token").touch()
    await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", data, key)
    for name in ("towpath.db", "lock"):
        found = (data / name).stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (4711, 4712, 0o600)


async def test_times_do_not_go_back_over_a_restore(tmp_path: Path) -> None:
    """Also when the machine's clock was set back meanwhile."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("a"), actor=ACTOR)
        await store.backup(tmp_path / "b.db")
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", data, key)
    before = clock.now()
    clock.set_wall(before.replace(year=2001))
    async with opened(tmp_path, clock=clock) as store:
        made = await store.create(config_map("b"), actor=ACTOR)
        [entry] = await store.log(after=made.revision - 1)
        assert entry.time >= before


async def test_what_is_no_database_is_no_backup(tmp_path: Path) -> None:
    """It is not called damaged: somebody named the wrong file."""
    async with opened(tmp_path):
        (tmp_path / "README.md").write_text("# Towpath\n" * 50)
    key = tmp_path / "keys" / "key"
    with pytest.raises(errors.Unavailable, match=r"README\.md: it is no backup of Towpath's"):
        await asyncio.to_thread(keeping.put_back, tmp_path / "README.md", tmp_path / "data", key)


async def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    """The database stays as it is."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        await store.create(secret("s", "MQ=="), actor=ACTOR)
        await store.backup(tmp_path / "b.db")
    with contextlib.closing(apsw.Connection(str(tmp_path / "b.db"))) as connection:
        connection.execute("UPDATE objects SET body = zeroblob(60) WHERE sealed = 1")
    for file, words in (
        (tmp_path / "b.db", "sealed value"),
        (tmp_path / "none.db", "no such file"),
    ):
        with pytest.raises(errors.TowpathError, match=words):
            await asyncio.to_thread(keeping.put_back, file, data, key)
    async with opened(tmp_path) as store:
        assert store.revision() == 2
    assert sorted(path.name for path in data.iterdir()) == ["lock", "towpath.db"]


ENDLESS = "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT n FROM x"
CHANGED = {
    "trigger": ["CREATE TRIGGER t AFTER INSERT ON objects BEGIN DELETE FROM log; END"],
    "endless view": [
        "ALTER TABLE log_state RENAME TO other",
        f"CREATE VIEW log_state AS SELECT n AS one, n AS floor, n AS bytes FROM ({ENDLESS})",
    ],
    "table": ["CREATE TABLE more (a)"],
    "index": ["CREATE INDEX more ON objects (abs(kind))"],
    "column": ["ALTER TABLE meta ADD COLUMN more TEXT AS (1)"],
    "less": ["DROP TABLE accesses"],
    "no schema": ["PRAGMA user_version = 0"],
    "negative schema": ["PRAGMA user_version = -1"],
    "older schema": ["PRAGMA user_version = 1"],
    "revision": ["UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'log'"],
    "time": ["UPDATE history_time SET latest = 9223372036854775807"],
    "no state": ["DELETE FROM log_state"],
    "state": ["UPDATE log_state SET floor = 9223372036854775807"],
}


@pytest.mark.parametrize("statements", CHANGED.values(), ids=CHANGED)
async def test_a_backup_that_somebody_changed_is_not_restored(
    tmp_path: Path, statements: list[str]
) -> None:
    """What its tables are is the program's to say: a trigger would go on working in the restored database."""
    file = tmp_path / "copy.db"
    async with opened(tmp_path) as store:
        await store.create(config_map("a"), actor=ACTOR)
        await store.backup(file)
    key = tmp_path / "keys" / "key"
    before = (tmp_path / "data" / "towpath.db").read_bytes()
    with contextlib.closing(apsw.Connection(str(file))) as connection:
        for statement in statements:
            connection.execute(statement)

    with pytest.raises(errors.Unavailable, match=r"changed|no backup of Towpath"):
        keeping.put_back(file, tmp_path / "data", key)

    assert (tmp_path / "data" / "towpath.db").read_bytes() == before
    assert not [left.name for left in (tmp_path / "data").iterdir() if "copying" in left.name]


async def test_a_backup_needs_the_key_it_was_made_with(tmp_path: Path) -> None:
    """Its id is named; with the key added to the file it can be restored."""
    async with opened(tmp_path / "one") as store:
        await store.create(secret("s", "MQ=="), actor=ACTOR)
        await store.backup(tmp_path / "b.db")
    async with opened(tmp_path / "two"):
        pass
    ours, theirs = (tmp_path / name / "keys" / "key" for name in ("two", "one"))
    with pytest.raises(errors.Unavailable, match="put the key that belongs to this backup"):
        await asyncio.to_thread(
            keeping.put_back, tmp_path / "b.db", tmp_path / "two" / "data", ours
        )
    ours.write_text(ours.read_text() + theirs.read_text())
    await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", tmp_path / "two" / "data", ours)
    async with opened(tmp_path / "two") as store:
        opened_ = await store.reveal(ref(scheme.SECRET, "s"), actor="a", reason="r")
        assert opened_["data"] == {"password": "MQ=="}


async def test_after_a_rotation_nothing_is_sealed_with_the_old_key(tmp_path: Path) -> None:
    """Neither objects nor log nor free pages hold its id; values and revisions are as before."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with opened(tmp_path) as store:
        made = await store.create(secret("s", "MQ=="), actor=ACTOR)
        await store.update(secret("s", "Mg=="), actor=ACTOR)
        await store.create(secret("gone", "Mw=="), actor=ACTOR)
        await store.delete(ref(scheme.SECRET, "gone"), actor=ACTOR)
        revision = store.revision()
    done = await asyncio.to_thread(keeping.rotate, data, key)
    assert done.values == 3
    old = b"\x01" + bytes.fromhex(done.old_key)
    assert old not in (data / "towpath.db").read_bytes()
    assert b"\x01" + bytes.fromhex(done.new_key) in (data / "towpath.db").read_bytes()
    async with opened(tmp_path) as store:
        assert store.revision() == revision
        assert (await store.reveal(made.ref, actor="a", reason="r"))["data"] == {"password": "Mg=="}
        assert len(await take(store.watch(Query(kind=scheme.SECRET), since=0), 4)) == 4
    assert violations(data / "towpath.db") == []


async def test_a_rotation_that_finds_no_room_at_its_end_keeps_no_store_from_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is written anew, which takes as much again; until there is room for that, the new key is in use all the same."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with opened(tmp_path) as store:
        made = await store.create(secret("s", "MQ=="), actor=ACTOR)

    def full(_: object) -> None:
        raise apsw.FullError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(database, "scrub", full)
        with pytest.raises(errors.Unavailable, match="the disk is full"):
            await asyncio.to_thread(keeping.rotate, data, key)
        async with opened(tmp_path) as store:
            await store.create(secret("t", "Mg=="), actor=ACTOR)
        assert "may still be in the file" in caplog.text
    old = b"\x01" + bytes.fromhex(Keyring.load(key).ids[0])
    async with opened(tmp_path) as store:
        assert (await store.reveal(made.ref, actor="a", reason="r"))["data"] == {"password": "MQ=="}
    assert old not in (data / "towpath.db").read_bytes()


async def test_what_is_no_data_directory_is_not_made_one(tmp_path: Path) -> None:
    """A mistyped --data is an error for backup and rotation."""
    for call in (
        lambda: keeping.back_up(tmp_path / "x", tmp_path / "key", tmp_path / "b.db"),
        lambda: keeping.rotate(tmp_path / "x", tmp_path / "key"),
    ):
        with pytest.raises(errors.NotFound, match="no data directory"):
            await asyncio.to_thread(call)
    assert not (tmp_path / "x").exists()


async def test_reveals_are_recorded(tmp_path: Path) -> None:
    """Who opened which Secret, at which revision, and why."""
    async with opened(tmp_path) as store:
        made = await store.create(secret("s", "MQ=="), actor=ACTOR)
        await store.reveal(made.ref, actor="controller:promotion", reason="git-push of shop/prod")
    with contextlib.closing(apsw.Connection(str(tmp_path / "data" / "towpath.db"))) as connection:
        found = list(
            connection.execute("SELECT actor, reason, namespace, name, revision FROM accesses")
        )
    assert found == [("controller:promotion", "git-push of shop/prod", "shop", "s", 1)]
