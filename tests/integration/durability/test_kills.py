"""SIGKILL: what was acknowledged is there, nothing is half done, no watch skips or repeats.

`make kill` does 200 kills at random moments; `make test` does 20. The moments are seeded.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.invariants import violations
from tests.support.stores import ACTOR, config_map, opened, secret
from towpath import app, errors, faults
from towpath.local import keeping
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

KILLS = int(os.environ.get("TOWPATH_KILLS", "20"))
ROOT = Path(__file__).resolve().parents[3]

WORKING = (
    "store.after-commit",
    "store.before-answer",
    "store.before-commit",
    "store.collect.before-step",
    "watch.after-delivery",
    "watch.before-delivery",
)
OPENING = ("store.migrate.after-commit", "store.migrate.before-commit")
BACKING_UP = ("store.backup.before-name",)
RESTORING = (
    "store.restore.after-switch",
    "store.restore.before-switch",
    "store.restore.during-switch",
)
SEARCHED = ("store.terms.after-commit", "store.terms.before-commit")
"""Killed at in `tests/integration/store/test_terms_index.py`."""
ROTATING = ("store.rotate.after-commit", "store.rotate.after-key", "store.rotate.before-commit")


def child(what: str, folder: Path, since: int = 0, *, kill_at: str = "") -> subprocess.Popen[str]:
    """Start a process that works on the store in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.store_child", what, folder, str(since)],
        cwd=ROOT,
        env={**os.environ, faults.VARIABLE: kill_at},
        stdout=subprocess.PIPE,
        text=True,
    )


@dataclass
class Told:
    """What the processes that were killed had told."""

    wrote: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Last acknowledged count and revision, by object."""
    deleted: set[str] = field(default_factory=set)
    saw: list[int] = field(default_factory=list)

    def line(self, line: str) -> None:
        """Note a line; the last one of a killed process may be cut."""
        match line.split() if line.endswith("\n") else []:
            case ["wrote", name, count, revision]:
                self.wrote[name] = (int(count), int(revision))
            case ["deleted", name]:
                self.deleted.add(name)
            case ["saw", revision]:
                self.saw.append(int(revision))

    @property
    def last_seen(self) -> int:
        """The revision to resume the watch from."""
        return self.saw[-1] if self.saw else 0


async def check(folder: Path, told: Told) -> None:
    """Hold the store that was left to what was told."""
    assert violations(folder / "data" / "towpath.db") == []
    async with opened(folder) as store:
        for name, (count, revision) in told.wrote.items():
            found = await store.get(Ref(scheme.CONFIG_MAP, "shop", name))
            assert int(found.document["data"]["v"]) >= count
            assert found.revision >= revision
        for name in told.deleted:
            with pytest.raises(errors.NotFound):
                await store.get(Ref(scheme.CONFIG_MAP, "shop", name))
        await store.collected()
        left = await store.list(Query(kind=scheme.CONFIG_MAP))
        parents = {item.ref.name for item in left.items}
        assert not [name for name in parents if name[0] == "c" and "p" + name[1:] not in parents]
        written = {
            entry.revision
            for entry in await store.log(limit=1_000_000)
            if entry.ref.kind is scheme.CONFIG_MAP
        }
    assert told.saw == sorted(set(told.saw)), "a revision was seen twice, or out of order"
    missed = {revision for revision in written if revision <= told.last_seen} - set(told.saw)
    assert not missed, "the watch skipped revisions"
    assert set(told.saw) <= written, "the watch saw what was never written"


def run_until_killed(process: subprocess.Popen[str], told: Told, lines: int | None = None) -> None:
    """Read what a process tells; kill it after so many lines, or let its kill point do it."""
    with process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            told.line(line)
            if number == lines:
                process.kill()
    assert process.returncode == -signal.SIGKILL


def test_killed_at_random_moments_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """One store, killed again and again; each process goes on where the last one died."""
    moments, told = random.Random(20261123), Told()
    for kill in range(KILLS):
        process = child("work", tmp_path, told.last_seen)
        run_until_killed(process, told, lines=moments.randrange(400))
        if kill % 10 == 9 or kill == KILLS - 1:
            asyncio.run(check(tmp_path, told))
    assert len(told.saw) > KILLS * 20


@pytest.mark.parametrize("point", WORKING)
def test_killed_at_a_point_of_writing_nothing_acknowledged_is_lost(
    tmp_path: Path, point: str
) -> None:
    """The first passage, and a later one, when much is under way."""
    told = Told()
    for passage in (1, 40):
        run_until_killed(
            child("work", tmp_path, told.last_seen, kill_at=f"{point}:{passage}"), told
        )
        asyncio.run(check(tmp_path, told))


@pytest.mark.parametrize("point", OPENING)
def test_killed_while_a_new_store_is_made_it_is_made_at_the_next_start(
    tmp_path: Path, point: str
) -> None:
    """Half a database is never taken for a whole one."""
    run_until_killed(child("work", tmp_path, kill_at=point), Told())
    asyncio.run(fill(tmp_path, "MQ=="))
    asyncio.run(check(tmp_path, Told()))


async def fill(folder: Path, value: str) -> None:
    """Put a ConfigMap and a Secret with a value into the store."""
    async with opened(folder) as store:
        await store.create(config_map("a", value), actor=ACTOR)
        await store.create(secret("s", value), actor=ACTOR)


async def held(folder: Path) -> str:
    """Return the value that both hold."""
    async with opened(folder) as store:
        plain = (await store.get(Ref(scheme.CONFIG_MAP, "shop", "a"))).document["data"]["v"]
        opened_ = await store.reveal(Ref(scheme.SECRET, "shop", "s"), actor="test", reason="test")
        assert opened_["data"]["password"] == plain
        return str(plain)


@pytest.mark.parametrize("point", BACKING_UP)
def test_killed_while_backing_up_there_is_no_backup(tmp_path: Path, point: str) -> None:
    """A backup has its name only when it is complete."""
    asyncio.run(fill(tmp_path, "MQ=="))
    run_until_killed(child("backup", tmp_path, kill_at=point), Told())
    assert not (tmp_path / "new.db").exists()
    [left] = tmp_path.glob(".new.db.*")
    os.utime(left, (0, 0))
    keeping.back_up(tmp_path / "data", tmp_path / "keys" / "key", tmp_path / "new.db")
    assert not left.exists(), "as large as the database, and of no use to anybody"
    assert asyncio.run(held(tmp_path)) == "MQ=="


@pytest.mark.parametrize("point", [*RESTORING, "disk.before-name"])
def test_killed_while_restoring_it_is_the_old_store_or_the_new(tmp_path: Path, point: str) -> None:
    """Or one that asks for the restore to be run again, and then has the backup's state."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    asyncio.run(fill(tmp_path, "MQ=="))
    keeping.back_up(data, key, tmp_path / "good.db")

    async def change() -> None:
        async with opened(tmp_path) as store:
            await store.update(config_map("a", "Mg=="), actor=ACTOR)
            await store.update(secret("s", "Mg=="), actor=ACTOR)

    asyncio.run(change())
    run_until_killed(child("restore", tmp_path, kill_at=point), Told())
    if point == "store.restore.during-switch":
        with pytest.raises(errors.Unavailable, match="run the same `towpath restore` again"):
            asyncio.run(held(tmp_path))
    else:
        expected = {"store.restore.after-switch": "MQ=="}
        assert asyncio.run(held(tmp_path)) == expected.get(point, "Mg==")
        left = [each.name for each in data.iterdir() if "copying" in each.name]
        assert left == [], "as large as the database, and of no use to anybody"
    keeping.put_back(tmp_path / "good.db", data, key)
    assert asyncio.run(held(tmp_path)) == "MQ=="
    assert violations(data / "towpath.db") == []


@pytest.mark.parametrize("point", ROTATING)
def test_killed_while_rotating_the_store_opens(tmp_path: Path, point: str) -> None:
    """With the key file as it then is; rotating again works."""
    asyncio.run(fill(tmp_path, "MQ=="))
    run_until_killed(child("rotate", tmp_path, kill_at=point), Told())
    assert asyncio.run(held(tmp_path)) == "MQ=="
    keeping.rotate(tmp_path / "data", tmp_path / "keys" / "key")
    assert asyncio.run(held(tmp_path)) == "MQ=="
    assert violations(tmp_path / "data" / "towpath.db") == []


def test_every_kill_point_has_a_scenario() -> None:
    """A point that nobody kills at proves nothing; importing the application declares them all."""
    assert app.serve is not None
    tried = {*WORKING, *OPENING, *BACKING_UP, *RESTORING, *ROTATING, *SEARCHED}
    declared = {name for name in faults.points() if name.startswith(("store.", "watch."))}
    assert declared == tried
