"""The work directory of a plan: as any other, and it knows what steps changed and rendered in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.promotion.work_directory import WorkDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.work_directory import Finished


class PlannedDirectory(WorkDirectory):
    """A work directory that is thrown away."""

    is_changed = False
    """Whether something was written or deleted since this was set to false."""

    def __init__(self, root: Path, recorder: Recorder, **how: Any) -> None:
        super().__init__(root, **how)
        self._recorder = recorder

    async def write(self, path: str, data: bytes, **how: Any) -> None:
        """Write a file."""
        self.is_changed = True
        await super().write(path, data, **how)
        self._made(path)

    async def make_directory(self, path: str, **how: Any) -> None:
        """Make a folder."""
        self.is_changed = True
        await super().make_directory(path, **how)

    async def copy(self, source: str, target: str, **how: Any) -> int:
        """Copy files."""
        self.is_changed = True
        written = await super().copy(source, target, **how)
        self._recorder.rendered.copied(self.resolve(source), self.resolve(target))
        return written

    async def move(self, source: str, target: str, **how: Any) -> None:
        """Move files."""
        self.is_changed = True
        before = self.resolve(source, follow_last=False)
        await super().move(source, target, **how)
        self._recorder.rendered.moved(before, self.resolve(target, follow_last=False))

    async def adopt(self, made: Path, path: str, **how: Any) -> None:
        """Move what was made beside."""
        self.is_changed = True
        await super().adopt(made, path, **how)
        self._made(path)

    async def delete(self, path: str, **how: Any) -> bool:
        """Delete files."""
        real = self.resolve(path, follow_last=False, is_strict=bool(how.get("is_strict")))
        there = await super().delete(path, **how)
        self.is_changed = self.is_changed or there
        self._recorder.rendered.deleted(real)
        return there

    async def run(self, argv: Any, **how: Any) -> Finished:
        """Run a program."""
        self.is_changed = self.is_changed or not how.get("only_reads")
        return await super().run(argv, **how)

    async def run_allowed(self, name: str, arguments: Any, **how: Any) -> Finished:
        """Run a program that the operator allows; what it did, nobody knows."""
        self.is_changed = True
        return await super().run_allowed(name, arguments, **how)

    def _made(self, path: str) -> None:
        """Take note of a file that was written by a step that renders."""
        if self._recorder.has_rendered:
            self._recorder.rendered.written(self.resolve(path))
