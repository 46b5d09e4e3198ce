"""A results page: what was measured, beside what, on which machine, and how to repeat it."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import apsw

RESULTS: Final = Path(__file__).with_name("results")


@dataclass(slots=True)
class Report:
    """Collects tables and writes `benchmarks/results/<name>.md`."""

    name: str
    title: str
    introduction: str
    parts: list[str] = field(default_factory=list)

    def text(self, paragraph: str) -> None:
        """Add a paragraph."""
        self.parts.append(paragraph)

    def table(self, heading: str, columns: list[str], rows: list[list[str]]) -> None:
        """Add a table, and print it while the run goes on."""
        lines = [
            f"## {heading}",
            "",
            "| " + " | ".join(columns) + " |",
            "|" + " --- |" * len(columns),
            *("| " + " | ".join(row) + " |" for row in rows),
        ]
        self.parts.append("\n".join(lines))
        print("\n".join(lines), end="\n\n", flush=True)

    def write(self, directory: Path) -> Path:
        """Write the page. `directory` is where the measured files lay; its disk's flush time is stated."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.md"
        head = [
            f"# {self.title}",
            self.introduction,
            f"Repeat with `make bench` (all) or `.venv/bin/python -m benchmarks {self.name}`.",
            machine(directory),
        ]
        path.write_text("\n\n".join([*head, *self.parts]) + "\n", encoding="utf-8")
        print(f"written: benchmarks/results/{path.name}", flush=True)
        return path


def machine(directory: Path) -> str:
    """Say what the numbers were taken on, the cost of one flush to disk among it."""
    return (
        f"Taken on {os.cpu_count()} cores ({platform.machine()}, {platform.system()}), "
        f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}; one 4 KiB append and "
        f"fdatasync on the disk used: {_flush_seconds(directory) * 1e6:.0f} µs (median of 200). "
        "Absolute numbers differ between machines; the ratios are what to compare."
    )


def _flush_seconds(directory: Path) -> float:
    path = directory / "flush"
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(200):
            begin = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begin)
    path.unlink()
    return sorted(taken)[100]


def percentile(taken: list[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the samples lie."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
