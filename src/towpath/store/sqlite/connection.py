"""How every connection to the database file is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import apsw

if TYPE_CHECKING:
    from pathlib import Path

_BUSY_MILLISECONDS: Final = 5_000
_CACHE_KIB: Final = 16 << 10
"""Per connection. The operating system caches the file besides."""


def connect(path: Path, *, read_only: bool = False) -> apsw.Connection:
    """Return a connection: write-ahead log, every commit flushed, nothing in the file trusted."""
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
    connection = apsw.Connection(str(path), flags=flags)
    try:
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        if not read_only:
            connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("foreign_keys", True)
        connection.pragma("secure_delete", True)
        connection.pragma("trusted_schema", False)
        connection.pragma("cache_size", -_CACHE_KIB)
        connection.pragma("temp_store", "memory")
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    except BaseException:
        connection.close()
        raise
    return connection
