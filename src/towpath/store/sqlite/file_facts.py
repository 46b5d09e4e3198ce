"""What a database file says about itself: `key_id`, `created`, `writer`, `clean`, `scrub`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.store.sqlite import statements

if TYPE_CHECKING:
    import apsw

_SQL = statements.load("meta")


def read(connection: apsw.Connection, name: str) -> str | None:
    """Return a value; None if it was never written, or the file has no such table yet."""
    if not connection.table_exists(None, "meta"):
        return None
    value: str | None = connection.execute(_SQL["read"], (name,)).get
    return value


def write(connection: apsw.Connection, name: str, value: str) -> None:
    """Record a value."""
    connection.execute(_SQL["write"], (name, value))
