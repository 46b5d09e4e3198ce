"""Reading history walks indexes, however long the history is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import apsw
import pytest

from towpath.resources import scheme
from towpath.store import history
from towpath.store.history import HistorySelection
from towpath.store.sqlite import history as sqlite_history
from towpath.store.sqlite import migration, statements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2026, 1, 1, tzinfo=UTC)
SELECTIONS = {
    "project": HistorySelection(project="shop"),
    "stage": HistorySelection(project="shop", stage="s1"),
    "freight": HistorySelection(project="shop", freight="f7"),
    "freight-alone": HistorySelection(freight="f7"),
    "times": HistorySelection(since=START + timedelta(hours=1), until=START + timedelta(hours=2)),
    "all": HistorySelection(),
}


def stage(number: int) -> dict[str, object]:
    """Return a Stage that holds a Freight which was verified."""
    run = {"id": f"r{number}", "phase": "Successful"}
    item = {"name": f"f{number}"}
    held = {"id": "c", "items": {"Warehouse/main": item}, "verificationHistory": [run]}
    about = {"uid": f"u{number % 4}", "namespace": "shop", "name": f"s{number % 4}"}
    return {"metadata": about, "status": {"freightHistory": [held]}}


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    """Yield a database with a history of some hundred changes, a minute apart."""
    with apsw.Connection(":memory:") as opened:
        for one in migration.load():
            opened.execute(one.sql)
        before: dict[str, object] | None = None
        for number in range(300):
            after = stage(number)
            changes = history.derive(scheme.STAGE, before, after, actor="a")
            time = round((START + timedelta(minutes=number)).timestamp() * 1000)
            sqlite_history.record(opened, changes, revision=number, time=time)
        yield opened


def plan(connection: apsw.Connection, sql: str, bindings: list[object]) -> str:
    """Return SQLite's plan, one step to a line."""
    return "\n".join(
        str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
    )


@pytest.mark.parametrize("cursor", [None, "1767225600000-50"], ids=["first", "next"])
@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize("table", ["promotions", "verifications", "occupancies", "approvals"])
def test_a_list_is_one_walk_from_the_newest(
    connection: apsw.Connection,
    tmp_path: Path,
    table: str,
    selection: HistorySelection,
    cursor: str | None,
) -> None:
    """Nothing is sorted but the few runs of one Freight; the only scan is of a list of everything."""
    behind = None if cursor is None else f"{table}-{cursor}"
    reading = sqlite_history.SQLiteHistory(connection, tmp_path)
    sql, bindings = reading._listing(table, selection, 101, behind)
    steps = plan(connection, sql, bindings)
    if selection.freight is None:
        assert "TEMP B-TREE" not in steps, steps
    if selection != HistorySelection():
        assert "SCAN" not in steps, steps


def test_what_ended_before_a_moment_is_not_read_for_it(connection: apsw.Connection) -> None:
    """A Stage's past is skipped in the index by its end."""
    steps = plan(connection, statements.load("history")["in-stage"], ["shop", "s1", 1])
    assert steps.count("occupancies_by_end (project=? AND stage=? AND ended") == 2, steps
    assert "SCAN occupancies" not in steps, steps


def test_where_a_freight_was_reads_that_freight_alone(connection: apsw.Connection) -> None:
    """Not all that happened in its Project."""
    steps = plan(connection, statements.load("history")["of-freight"], ["shop", "f7", 1])
    assert "occupancies_by_freight (freight=? AND project=? AND recorded<?)" in steps, steps


async def test_times_and_cursor_select_together(
    connection: apsw.Connection, tmp_path: Path
) -> None:
    """Parts of a list between two times are what the whole list has between them."""
    reading = sqlite_history.SQLiteHistory(connection, tmp_path)
    whole = (await reading.occupancies(HistorySelection(), limit=1000)).items
    since, until = START + timedelta(minutes=90), START + timedelta(minutes=120)
    selection, cursor, found = (
        HistorySelection(since=since, until=until),
        None,
        list[history.Occupancy](),
    )
    while True:
        part = await reading.occupancies(selection, limit=7, cursor=cursor)
        found += part.items
        if (cursor := part.cursor) is None:
            break
    assert found == [one for one in whole if since <= one.began < until]
    assert len(found) == 30
