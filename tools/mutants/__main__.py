"""Run every mutation, or those whose words hold what is given: `python -m tools.mutants [WORD…]`.

Each is put into a copy of the repository, never into the work tree, and the tests that are named for it run there.
Exit 0: each was noticed. 1: some lived, or the table is out of date.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mutants.table import ROOT, mutations

if TYPE_CHECKING:
    from tools.mutants.table import Mutation

_PATIENCE_SECONDS = 120.0
"""A mutation that makes its tests hang is noticed as well, but not waited for."""
_ALL_SECONDS = 1_800.0
"""For the tests of all mutations, on all cores, before there is any."""
_FAILED, _PASSED = 1, 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mutation."""

    mutation: Mutation
    noticed: bool
    why: str
    seconds: float


def copied(place: Path) -> Path:
    """Copy what git knows of the repository, changes included, to a place of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, place / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return place


def told_by(
    place: Path,
    tests: tuple[str, ...],
    *options: str,
    patience_seconds: float = _PATIENCE_SECONDS,
) -> tuple[int | None, str]:
    """Return pytest's exit code and last lines; None if it was not done in time."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(place / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(place / ".hypothesis"),
    }
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
        *("--hypothesis-seed=0", "--no-header", "--tb=line"),
        *options,
        *tests,
    ]
    process = subprocess.Popen(
        command,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=patience_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return None, ""
    return process.returncode, said[-2_000:]


def tried(place: Path, mutation: Mutation) -> Outcome:
    """Put one mutation into a copy, run its tests, and take it out again."""
    path = place / mutation.file
    whole = path.read_text("utf-8")
    begin = time.monotonic()
    try:
        path.write_text(mutation.applied(whole), "utf-8")
        code, said = told_by(place, mutation.tests)
    except ValueError as error:
        return Outcome(mutation, False, str(error), 0.0)
    finally:
        path.write_text(whole, "utf-8")
    seconds = time.monotonic() - begin
    if code in (None, _FAILED):
        return Outcome(mutation, True, "hung" if code is None else "", seconds)
    why = "its tests pass" if code == _PASSED else f"its tests did not run (exit {code}):\n{said}"
    return Outcome(mutation, False, why, seconds)


def main(words: list[str]) -> int:
    """Run the mutations that are asked for, as many at a time as there are processors."""
    wanted = [
        each
        for each in mutations()
        if not words or any(word in f"{each.part} {each.fault} {each.file}" for word in words)
    ]
    waiting: queue.SimpleQueue[Mutation] = queue.SimpleQueue()
    for each in wanted:
        waiting.put(each)
    outcomes: list[Outcome] = []
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as base:
        if (beside := ROOT.parent / "shared").is_dir():
            Path(base, "shared").symlink_to(beside)  # else tests that need its data are skipped
        places = [copied(Path(base, str(n))) for n in range(min(os.cpu_count() or 1, len(wanted)))]
        everything = tuple(sorted({test for each in wanted for test in each.tests}))
        how = ("-n", "auto", "--dist", "loadfile")
        code, said = (
            told_by(places[0], everything, *how, patience_seconds=_ALL_SECONDS)
            if places
            else (_PASSED, "")
        )
        if code != _PASSED:
            what = "do not pass" if code is not None else f"take over {_ALL_SECONDS:g} s"
            print(f"the tests {what} without any mutation (exit {code}):\n{said}")
            return 1

        def work(place: Path) -> None:
            while True:
                try:
                    mutation = waiting.get_nowait()
                except queue.Empty:
                    return
                outcome = tried(place, mutation)
                outcomes.append(outcome)
                mark = "noticed" if outcome.noticed else "LIVES  "
                print(
                    f"{mark} {outcome.seconds:5.1f} s  {mutation.part}: {mutation.fault}",
                    f"({outcome.why})" if outcome.why else "",
                    flush=True,
                )

        threads = [threading.Thread(target=work, args=(place,)) for place in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    alive = [each for each in outcomes if not each.noticed]
    spent = os.times()
    print(
        f"{len(outcomes)} mutations, {len(alive)} not noticed, {time.monotonic() - begin:.0f} s "
        f"({spent.children_user + spent.children_system:.0f} s of processors)",
        *(f"\n  {each.mutation.part}: {each.mutation.fault}: {each.why}" for each in alive),
    )
    return 1 if alive or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
