"""The hot lists walk an index: no whole table is read, and nothing is sorted that an index has in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, freight, opened
from towpath.resources import scheme
from towpath.store.contract import FieldTerm, Order, Query, Requirement
from towpath.store.sqlite import cursor as cursors
from towpath.store.sqlite import listing, statements

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import apsw

FREIGHT = scheme.FREIGHT
UP, DOWN = Order(path="discoveredAt"), Order(path="discoveredAt", descending=True)
UP_PART = Order(path="discoveredAt", between=("3", "7"))
DOWN_PART = Order(path="discoveredAt", descending=True, between=("3", "7"))
ORIGIN = (FieldTerm("origin.name", "x"),)
LABEL = (Requirement("l", "In", frozenset({"1", "2"})),)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[apsw.Connection]:
    """Yield a connection to a store with some Freight and SQLite's statistics of it."""
    async with opened(tmp_path) as store:
        for number in range(30):
            labels = {"l": str(number % 3)}
            wanted = freight(f"f{number}", "xyz"[number % 3], "abc"[number % 3], labels=labels)
            await store.create(wanted | {"discoveredAt": str(number)}, actor=ACTOR)
        yield store._reader._connection  # type: ignore[attr-defined]  # of the implementation


def plan(connection: apsw.Connection, sql: str, bindings: list[object]) -> str:
    """Return SQLite's plan, one step to a line."""
    rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
    return "\n".join(str(row[3]) for row in rows)


@pytest.mark.parametrize("after", [False, True], ids=["first", "next"])
@pytest.mark.parametrize("namespace", [None, "a"])
@pytest.mark.parametrize(
    "order",
    [None, UP, DOWN, UP_PART, DOWN_PART],
    ids=["name", "up", "down", "up-part", "down-part"],
)
@pytest.mark.parametrize(
    ("fields", "labels"), [((), ()), (ORIGIN, ()), ((), LABEL)], ids=["all", "field", "label"]
)
def test_a_page_is_one_walk_along_an_index(
    connection: apsw.Connection,
    after: bool,
    namespace: str | None,
    order: Order | None,
    fields: tuple[FieldTerm, ...],
    labels: tuple[Requirement, ...],
) -> None:
    """Tables are searched, never scanned; only ties of a descending order may be sorted."""
    query = Query(kind=FREIGHT, namespace=namespace, fields=fields, labels=labels)
    behind = None
    if after:
        behind = cursors.after(query, order, revision=300, value="5", namespace="a", name="f5")
    number = connection.execute("SELECT id FROM kinds WHERE resource = ?", (FREIGHT.resource,)).get
    statement = listing.page(query, order, number, revision=300, after=behind, limit=201)
    steps = plan(connection, statement.text, statement.bindings)
    assert not [
        line for line in steps.splitlines() if line.startswith("SCAN") and "json_each" not in line
    ], steps
    if order in (DOWN, DOWN_PART):
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps, steps
    elif order is not None:
        assert "TEMP B-TREE" not in steps, steps


@pytest.mark.parametrize("namespace", [None, "a"])
def test_one_value_is_counted_in_the_index(
    connection: apsw.Connection, namespace: str | None
) -> None:
    """No object is looked at."""
    query = Query(kind=FREIGHT, namespace=namespace, fields=ORIGIN)
    statement = listing.count(query, 1)
    steps = plan(connection, statement.text, statement.bindings)
    assert steps.startswith("SEARCH s USING"), steps
    assert len(steps.splitlines()) == 1, steps


@pytest.mark.parametrize(
    "name", ["get", "replaced-since", "changes", "log", "log-of-object", "newest"]
)
def test_single_look_ups_search(connection: apsw.Connection, name: str) -> None:
    """No statement of the reader reads a whole table, but for the one row of log_state."""
    sql = statements.load("read")[name]
    steps = plan(connection, sql, [1] * sql.count("?"))
    scans = [line for line in steps.splitlines() if line.startswith("SCAN")]
    assert set(scans) <= {"SCAN log_state", "SCAN CONSTANT ROW", "SCAN sqlite_sequence"}, steps


@pytest.mark.parametrize("name", ["in-stage", "of-freight"])
def test_history_as_of_a_moment_searches(connection: apsw.Connection, name: str) -> None:
    """By Stage and by Freight."""
    steps = plan(connection, statements.load("history")[name], ["p", "s", 1])
    assert not [line for line in steps.splitlines() if line.startswith("SCAN")], steps
