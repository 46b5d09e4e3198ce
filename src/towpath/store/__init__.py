"""The store: its contract, and the SQLite implementation (docs/explanation/store.md)."""
