"""What a database file says about itself: `key_id`, `created`, `writer`, `clean`, `scrub`, `identity`."""

from __future__ import annotations

import uuid
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


def identity(connection: apsw.Connection) -> str:
    """Return what tells the database from others, its copies aside; made where there is none yet."""
    found = read(connection, "identity")
    if found is None:
        found = uuid.uuid4().hex
        write(connection, "identity", found)
    return found
