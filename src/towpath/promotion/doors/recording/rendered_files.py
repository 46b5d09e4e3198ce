"""Which files of a work directory were rendered, wherever they were copied since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class RenderedFiles:
    """Files that were rendered, by their real paths."""

    _paths: set[Path] = field(default_factory=set)

    def written(self, path: Path) -> None:
        """Take note of a file that a step has rendered to."""
        self._paths.add(path)

    def copied(self, source: Path, target: Path) -> None:
        """Take note that a file, or all that is in a folder, is at another place as well."""
        self._paths |= {target / path.relative_to(source) for path in self._below(source)}

    def moved(self, source: Path, target: Path) -> None:
        """Take note that a file or a folder is at another place now."""
        self.copied(source, target)
        self.deleted(source)

    def deleted(self, path: Path) -> None:
        """Take note that a file or a folder is gone."""
        self._paths -= self._below(path)

    def below(self, folder: Path) -> frozenset[str]:
        """Return the files in a folder, by their paths in it."""
        return frozenset(path.relative_to(folder).as_posix() for path in self._below(folder))

    def _below(self, place: Path) -> set[Path]:
        return {path for path in self._paths if path == place or place in path.parents}
