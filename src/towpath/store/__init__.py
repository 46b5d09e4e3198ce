"""The store: its contract, and the SQLite implementation."""
