"""Reading rows. The tables are STRICT, so a column's type is known from its table; apsw cannot know it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import apsw


def each(connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
    """Yield the rows of a query as tuples; the cursor stays open until the last is taken."""
    return iter(connection.execute(sql, bindings))


@contextmanager
def some(
    connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()
) -> Iterator[Iterator[Any]]:
    """Yield the rows of a query, of which not all may be taken: those that are left are given up."""
    cursor = connection.execute(sql, bindings)
    try:
        yield iter(cursor)
    finally:
        cursor.close(True)


def all_of(connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
    """Return every row of a query as tuples."""
    return connection.execute(sql, bindings).fetchall()


def first(connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()) -> Any:
    """Return the first row as a tuple, or None if there is none."""
    return connection.execute(sql, bindings).fetchone()


def value(connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()) -> Any:
    """Return the only column of the only row, such as a count; None if there is no row."""
    return connection.execute(sql, bindings).get
