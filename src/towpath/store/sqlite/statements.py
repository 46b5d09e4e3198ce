"""SQL by name: statements live in `queries/*.sql`, each under a line `-- name: the-name`."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def load(module: str) -> dict[str, str]:
    """Return the statements of `queries/<module>.sql` by name. Raises ValueError on a malformed file."""
    text = (
        resources.files("towpath.store.sqlite")
        .joinpath("queries", f"{module}.sql")
        .read_text("utf-8")
    )
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("-- name:"):
            name = line.removeprefix("-- name:").strip()
            if name in found:
                raise ValueError(f"queries/{module}.sql names {name!r} twice")
            found[name] = ""
        elif name and not line.lstrip().startswith("--"):
            found[name] += line + "\n"
        elif line.strip() and not line.lstrip().startswith("--"):
            raise ValueError(f"queries/{module}.sql has SQL before its first `-- name:` line")
    return {key: sql.strip().rstrip(";") for key, sql in found.items()}
