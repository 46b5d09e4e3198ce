"""From a fresh clone to the demo's first commit in `preprod`: what somebody waits who types `make run`.

The clone is of the repository's committed state. The first run finds no cache of packages, the second has one and an
environment, as after a Ctrl-C. Beside them the bare `python3 -m venv`, which every set-up of a Python project pays.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Report

_ROOT = Path(__file__).resolve().parents[1]
_COMMIT = re.compile(r"^  commit [0-9a-f]{7,}")
_BUDGET_SECONDS = 30


@dataclass(frozen=True, slots=True)
class _Taken:
    seconds: float
    cpu_seconds: float

    def row(self, what: str, budget: str = "") -> list[str]:
        return [what, f"{self.seconds:.1f} s", f"{self.cpu_seconds:.1f} s", budget]


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "first_commit",
        "From a fresh clone to the first commit",
        "`make run` in a fresh clone, until the demo tells of the commit that took its first image to `preprod`: "
        f"the budget is {_BUDGET_SECONDS} seconds on two cores. CPU time is that of everything that ran meanwhile; "
        "where it is far below the time that passed, the machine had something else to do or waited for the network.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as made:
        folder = Path(made)
        load = os.getloadavg()[0]
        floor = _bare(folder / "bare")
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", str(_ROOT), str(clone)], check=True)
        first, second = (_run(clone, folder / "cache") for _ in range(2))
        report.table(
            "Until the first commit",
            ["what", "time", "CPU", "budget"],
            [
                floor.row("floor: `python3 -m venv`"),
                first.row("`make run`, fresh clone, nothing cached", f"{_BUDGET_SECONDS} s"),
                second.row("`make run` again, on the data of the first"),
            ],
        )
        report.text(f"Load of the machine before (mean of a minute): {load:.1f}.")
        report.write(folder)


def _bare(target: Path) -> _Taken:
    begin, used = time.perf_counter(), _cpu()
    subprocess.run(["python3", "-m", "venv", str(target)], check=True)
    return _Taken(time.perf_counter() - begin, _cpu() - used)


def _run(clone: Path, cache: Path) -> _Taken:
    """Run the demo until it tells of a commit, and stop it as Ctrl-C does."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TOWPATH_", "VIRTUAL_ENV", "MAKE"))
    } | {"UV_CACHE_DIR": str(cache), "PIP_NO_CACHE_DIR": "1", "PYTHONUNBUFFERED": "1"}
    begin, used = time.perf_counter(), _cpu()
    # A session of its own: the signal reaches make and the demo together, as that of a terminal does.
    with subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        seconds = 0.0
        for line in process.stdout:
            print(line, end="", flush=True)
            if not seconds and _COMMIT.match(line):
                seconds = time.perf_counter() - begin
                os.killpg(process.pid, signal.SIGINT)
    if not seconds:
        raise SystemExit("first_commit: the demo ended before its first commit")
    return _Taken(seconds, _cpu() - used)


def _cpu() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
