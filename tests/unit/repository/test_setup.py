"""`tools/setup.sh` in a copy of the repository: what it installs, and what it says when it cannot.

What would download is played by a recorder in the place of uv; everything else is the real script and the real venv.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UV = """#!/bin/sh
echo "$@" >> {record}
[ -e {kill} ] && rm {kill} && kill -9 $PPID
exit 0
"""


class Copy:
    """As much of the repository as set-up looks at, with an installer that is there already."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.record = folder / "asked"
        self.kill = folder / "kill"
        (folder / "src").mkdir(parents=True)
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        for name in ("tools", "requirements"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for script in ("apt.sh", "programs.sh"):
            (folder / "tools" / script).write_text(f"echo {script} >> {self.record}\n")
        uv = folder / ".tools" / "installer" / "bin" / "uv"
        uv.parent.mkdir(parents=True)
        uv.write_text(UV.format(record=self.record, kill=self.kill))
        uv.chmod(0o755)
        shutil.copy(ROOT / "requirements/bootstrap.lock", uv.parents[1] / ".lock")

    def make(self, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Make a target there, with nothing of our environment but `variables`."""
        return subprocess.run(
            ["make", "--no-print-directory", target, f"PYTHON={sys.executable}"],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "HOME": str(self.root)} | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def asked(self) -> list[str]:
        """What was asked for since the last time."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        self.record.unlink(missing_ok=True)
        return lines


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy whose path has nothing special."""
    return Copy(tmp_path / "clone")


def _locks(asked: list[str]) -> list[str]:
    return [line.rsplit("requirements/", 1)[1] for line in asked if "requirements/" in line]


def test_running_installs_what_running_needs(copy: Copy) -> None:
    """Hashed, from run.lock, and Towpath itself; no tools of development, nothing of Debian. Once."""
    done = copy.make(".venv/.ready-run")
    assert done.returncode == 0, done.stderr
    asked = copy.asked
    assert _locks(asked) == ["run.lock"]
    assert all("--require-hashes" in line for line in asked if "requirements/" in line)
    assert len([line for line in asked if line.endswith("--editable .")]) == 1
    assert not {"apt.sh", "programs.sh"} & set(asked)
    assert "installing" in done.stdout
    assert copy.make(".venv/.ready-run").stdout == "make: '.venv/.ready-run' is up to date.\n"
    assert copy.asked == []


def test_set_up_for_development_adds_to_it_and_serves_running_too(copy: Copy) -> None:
    """Whoever has run the demo and goes on to develop keeps the environment; and `make run` has nothing left to do."""
    assert copy.make(".venv/.ready-run").returncode == 0
    (copy.root / ".venv" / "mine").touch()
    assert copy.make("setup").returncode == 0
    asked = copy.asked
    assert _locks(asked) == ["run.lock", "dev.lock"]
    assert {"apt.sh", "programs.sh"} <= set(asked)
    assert (copy.root / ".venv" / "mine").exists()
    assert "up to date" in copy.make(".venv/.ready-run").stdout
    assert "setup:" not in copy.make("setup").stdout


@pytest.mark.slow
def test_a_set_up_that_was_killed_is_done_again(copy: Copy) -> None:
    """Whatever it left."""
    copy.kill.touch()
    assert copy.make(".venv/.ready-run").returncode != 0
    assert not (copy.root / ".venv/.ready-run").exists()
    done = copy.make(".venv/.ready-run")
    assert done.returncode == 0, done.stderr
    (copy.root / ".venv/.ready-run").unlink()
    (copy.root / ".venv/.place").unlink()  # killed while the environment was being made
    (copy.root / ".venv/bin/python").unlink()
    assert copy.make(".venv/.ready-run").returncode == 0


def test_a_clone_that_was_moved_gets_its_environment_anew(copy: Copy) -> None:
    """The commands in it name the old place in their first line."""
    assert copy.make(".venv/.ready-run").returncode == 0
    (copy.root / ".venv" / "of-the-old-place").touch()
    moved = copy.root.with_name("moved")
    copy.root.rename(moved)
    copy.root = moved
    copy.record.parent.mkdir()  # the recorder writes where it was told to
    done = copy.make(".venv/.ready-run")
    assert done.returncode == 0, done.stderr
    assert "setup: making .venv" in done.stdout
    assert not (moved / ".venv" / "of-the-old-place").exists()
    assert "up to date" in copy.make(".venv/.ready-run").stdout


def test_a_missing_git_is_named_before_anything_is_made(copy: Copy, tmp_path: Path) -> None:
    """With what to install."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "make", "cat", "dirname", "sh", "awk", "grep"):
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    done = copy.make("run", PATH=str(programs))
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if line.startswith("setup: ")]
    assert len(said) == 1
    assert "git cannot be run" in said[0]
    assert "install git 2.38" in said[0]
    assert not (copy.root / ".venv").exists()


def test_an_old_python_is_named(copy: Copy, tmp_path: Path) -> None:
    """With its version, and how to name another."""
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", "run", f"PYTHON={old}"],
        cwd=copy.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is Python 3.9.2. Set PYTHON=" in done.stderr
    assert not (copy.root / ".venv").exists()
