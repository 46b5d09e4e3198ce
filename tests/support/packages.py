"""Packages of the examples: installed into a folder of their own, and their own tests run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_INSTALL = ("uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation")


def install(example: Path, folder: Path) -> Path:
    """Install a copy of a package, with nothing else; return the folder that goes into `PYTHONPATH`."""
    source = shutil.copytree(
        example, folder / "source", ignore=shutil.ignore_patterns("__pycache__")
    )
    site = folder / "site"
    into = ("--python", sys.executable, "--target", str(site), str(source))
    done = subprocess.run(
        [sys.executable, "-m", *_INSTALL, *into],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return site


def own_tests(example: Path, site: Path, folder: Path) -> str:
    """Run the tests of a package that is installed, in a copy; return what pytest says, once all have passed."""
    tests = shutil.copytree(example / "tests", folder / "tests")
    shutil.copy(example / "README.md", folder)
    quiet = ("-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(tests))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
