"""ARCHITECTURE.md names what there is: every package has its row, and every module and path of it exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "src/towpath"
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
MAP = PAGE.partition("## Code map")[2].partition("## Entry points")[0]
NAME = re.compile(r"[a-z_][a-z0-9_/]*")
"""Of a module or a package; classes and the like have capital letters."""


def _row(line: str) -> tuple[list[str], list[str]]:
    """Return the packages of a row of the code map, and the names that it has of what is in them."""
    packages, _, text = line.removeprefix("| ").partition(" | ")
    named = re.findall(r"`([^`]+)`", text)
    return re.findall(r"`([^`]+)`", packages), [
        each.removesuffix(".py") for each in named if each != "search.db"
    ]


ROWS = [_row(line) for line in MAP.splitlines() if line.startswith("| `")]


def _is_there(folder: Path, name: str) -> bool:
    """Whether a module or a package of that name lies in a folder, or below it."""
    name = name.rstrip("/")
    return any(folder.glob(f"**/{name}.py")) or any(folder.glob(f"**/{name}/__init__.py"))


def test_every_package_has_a_row() -> None:
    """And no row is of one that is gone."""
    rows = sorted(package.rstrip("/") for packages, _ in ROWS for package in packages)
    there = {each.stem for each in SOURCES.iterdir() if each.suffix == ".py" or each.is_dir()}
    assert rows == sorted(there - {"__init__", "__pycache__"})


@pytest.mark.parametrize(("packages", "named"), ROWS, ids=[" ".join(each) for each, _ in ROWS])
def test_what_a_row_names_lies_in_its_packages(packages: list[str], named: list[str]) -> None:
    """Whoever looks for it finds it; other packages are named as they are."""
    places = [SOURCES / package for package in packages if package.endswith("/")] or [SOURCES]
    missing = [
        name
        for name in named
        if NAME.fullmatch(name)
        and not any(_is_there(place, name) for place in places)
        and not (SOURCES / name).exists()
        and not (SOURCES / f"{name}.py").exists()
    ]
    assert missing == []


def test_every_file_on_a_way_exists() -> None:
    """The entry points lead from file to file, each named by the end of its path."""
    named = set(re.findall(r"`([\w/.-]+\.(?:py|ts|tsx|sh))`", PAGE))
    assert len(named) > 40
    places = (ROOT / "src", ROOT / "ui/src", ROOT / "tools")
    there = {str(file) for place in places for file in place.glob("**/*.*")}
    assert [each for each in sorted(named) if not any(f.endswith(f"/{each}") for f in there)] == []


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs/explanation").glob("*.md")), ids=lambda p: p.stem
)
def test_every_module_that_an_explanation_names_exists(page: Path) -> None:
    """By its file, or the end of its path."""
    named = set(re.findall(r"`([\w/]+\.py)`", page.read_text("utf-8")))
    there = {str(file) for place in ("src", "tests") for file in (ROOT / place).glob("**/*.py")}
    assert [each for each in sorted(named) if not any(f.endswith(f"/{each}") for f in there)] == []
