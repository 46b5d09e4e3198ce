"""The work directory of a plan: as any other, and it knows whether a step changed something in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.promotion.work_directory import WorkDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.work_directory import Finished


class PlannedDirectory(WorkDirectory):
    """A work directory that is thrown away."""

    is_changed = False
    """Whether something was written or deleted since this was set to false."""

    async def write(self, path: str, data: bytes, **how: Any) -> None:
        """Write a file."""
        self.is_changed = True
        await super().write(path, data, **how)

    async def make_directory(self, path: str, **how: Any) -> None:
        """Make a folder."""
        self.is_changed = True
        await super().make_directory(path, **how)

    async def copy(self, source: str, target: str, **how: Any) -> int:
        """Copy files."""
        self.is_changed = True
        return await super().copy(source, target, **how)

    async def move(self, source: str, target: str, **how: Any) -> None:
        """Move files."""
        self.is_changed = True
        await super().move(source, target, **how)

    async def adopt(self, made: Path, path: str, **how: Any) -> None:
        """Move what was made beside."""
        self.is_changed = True
        await super().adopt(made, path, **how)

    async def delete(self, path: str, **how: Any) -> bool:
        """Delete files."""
        there = await super().delete(path, **how)
        self.is_changed = self.is_changed or there
        return there

    async def run(self, argv: Any, **how: Any) -> Finished:
        """Run a program."""
        self.is_changed = self.is_changed or not how.get("only_reads")
        return await super().run(argv, **how)
