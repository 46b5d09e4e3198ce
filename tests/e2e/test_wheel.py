"""The wheel: built as a release is, installed into an environment of its own, and run from there.

Nothing is downloaded: what Towpath depends on is taken from the environment of the tests.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support import towpath_process
from tests.support.one_stage import OneStage

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=towpath_process.environment(folder, PYTHONPATH="", PYTHONNOUSERSITE="1"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [made] = folder.glob("towpath-*-py3-none-any.whl")
    return made


def test_all_that_it_needs_is_in_it(wheel: Path) -> None:
    """Queries, migrations, pages of help and examples as well as modules; neither tests nor bytecode."""
    with zipfile.ZipFile(wheel) as archive:
        found = set(archive.namelist())
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "towpath").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= found
    included = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    for given, place in included["targets"]["wheel"]["force-include"].items():
        for path in (ROOT / given).rglob("*"):
            if path.is_file():
                assert f"{place}/{path.relative_to(ROOT / given).as_posix()}" in found
    others = {name for name in found - wanted if not name.startswith("towpath/demo/examples/")}
    assert {Path(name).parts[0] for name in others} == {"towpath-0.1.0.dist-info"}


def test_it_runs_where_it_was_installed(wheel: Path, tmp_path: Path) -> None:
    """A server, its command line, and a Promotion, of an environment that knows nothing of this checkout."""
    place = tmp_path / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", place, folder=tmp_path)
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    options = ("--no-deps", "--offline", "--no-index", "--python", place / "bin/python")
    _run(uv, "pip", "install", *options, wheel, folder=tmp_path)
    [packages] = place.glob("lib/python3*/site-packages")
    # A line of a .pth file adds a folder; files of that kind in it, such as the checkout's, do not count.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = place / "bin/towpath"
    where = "import towpath; print(towpath.__file__)"
    assert Path(_run(place / "bin/python", "-c", where, folder=tmp_path).strip()).is_relative_to(
        place
    )
    assert "0.1.0" in _run(command, "version", folder=tmp_path)
    assert "towpath up --data" in _run(command, "up", "--help", folder=tmp_path)
    with towpath_process.up(tmp_path, command=[str(command)], PYTHONPATH="") as server:
        world = OneStage(server)
        freight = world.make([{"uses": "compose-output", "config": {"a": "${{ 1 + 1 }}"}}])
        world.reaches(world.promote(freight), "Succeeded")
