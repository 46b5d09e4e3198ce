"""The store in one SQLite file: `open_store` is the way in."""

from towpath.store.sqlite.store import SQLiteStore, open_store

__all__ = ["SQLiteStore", "open_store"]
