"""The table of mutations: a page for each part, in `tables/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
_TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One small fault and the tests that must notice it."""

    part: str
    """The page it stands on: `rules`."""
    fault: str
    """What is wrong then, in words."""
    file: str
    """Path in the repository."""
    old: str
    """Text that stands once in the file."""
    new: str
    tests: tuple[str, ...]
    """What pytest is given."""

    def applied(self, text: str) -> str:
        """Return a file's text with the fault. Raises ValueError unless the old text stands there exactly once."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(
                f"{self.part}: {self.fault}: the old text stands {found} times in {self.file}; put the mutation right"
            )
        return text.replace(self.old, self.new)


def mutations() -> list[Mutation]:
    """Return all mutations, in the order of the pages."""
    return [
        Mutation(
            part=page.stem,
            fault=entry["fault"],
            file=entry["file"],
            old=entry["old"],
            new=entry["new"] or "",
            tests=tuple(entry["tests"]),
        )
        for page in sorted(_TABLES.glob("*.yaml"))
        for entry in yaml.safe_load(page.read_text("utf-8"))
    ]
