"""What rows of the table of kinds are made of."""

from __future__ import annotations

from typing import Final

from towpath.resources.kinds import Index, PrinterColumn

READY: Final = PrinterColumn("Ready", '.status.conditions[?(@.type=="Ready")].status')
STATUS: Final = PrinterColumn("Status", '.status.conditions[?(@.type=="Ready")].message')


def columns(**paths: str) -> tuple[PrinterColumn, ...]:
    """Return columns by their names."""
    return tuple(PrinterColumn(name, path) for name, path in paths.items())


def indexes(*paths: str) -> tuple[Index, ...]:
    """Return indexes of the values at these paths."""
    return tuple(Index(path) for path in paths)
