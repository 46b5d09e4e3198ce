"""One bare mirror per repository and credential: made, fetched, locked, measured."""
