"""The data directory: who may use it, and where things are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from towpath.disk.holding import HeldFolder, Purpose

if TYPE_CHECKING:
    from pathlib import Path

_DATABASE: Final = "towpath.db"
_PURPOSE: Final = Purpose(
    name="data directory",
    option="--data",
    # The token is there from the first start on: a directory whose database was lost can be restored to. The copy of a
    # restore that was interrupted may lie where the database is on its way out.
    marks=frozenset({_DATABASE, f"{_DATABASE}.restoring", "admin-token"}),
)


class DataDirectory(HeldFolder):
    """A data directory that this process holds. Use `open`."""

    @property
    def database(self) -> Path:
        """The database file."""
        return self.path / _DATABASE

    @property
    def terms(self) -> Path:
        """The index of search terms: whoever removes it has it made anew."""
        return self.path / "search.db"

    @property
    def backups(self) -> Path:
        """Where automatic backups are kept."""
        return self.path / "backups"

    @classmethod
    def open(cls, path: Path, *, command: str = "towpath") -> Self:
        """Create the directory if need be (0700), and take it for this process. Raises as `HeldFolder.take` does."""
        return cls.take(path, _PURPOSE, command=command)
