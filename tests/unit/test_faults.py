"""Kill points: declared once, harmless until armed, deadly then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from towpath import faults

PROGRAM = """
from towpath import faults
here = faults.point("here", "in the loop")
there = faults.point("there", "never passed")
for number in range(3):
    print(number, flush=True)
    here()
"""


def run(kill_at: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a point armed."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, faults.VARIABLE: kill_at},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("kill_at", "lines"), [("here", "0"), ("here:1", "0"), ("here:3", "0 1 2")]
)
def test_an_armed_point_kills_at_the_passage_named(kill_at: str, lines: str) -> None:
    """By SIGKILL: nothing is tidied up."""
    done = run(kill_at)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == lines.split()


@pytest.mark.parametrize("kill_at", ["", "there", "her", "here:4"])
def test_any_other_passage_is_harmless(kill_at: str) -> None:
    """The program ends as it would."""
    done = run(kill_at)
    assert (done.returncode, done.stdout.split()) == (0, ["0", "1", "2"])


def test_two_points_cannot_share_a_name() -> None:
    """They could not be told apart."""
    made = faults.point("test.twice", "once")
    assert faults.points()["test.twice"] is made
    with pytest.raises(ValueError, match="twice"):
        faults.point("test.twice", "again")
    del faults._points["test.twice"]
