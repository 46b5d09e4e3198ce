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


def _rows(section: str) -> list[tuple[list[str], list[str]]]:
    return [_row(line) for line in section.splitlines() if line.startswith("| `")]


ROWS = _rows(MAP.partition("### ")[0])
CLIENTS = SOURCES / "clients"
ROWS_OF_CLIENTS = _rows(MAP.partition("### The outside world")[2])


def _is_there(folder: Path, name: str) -> bool:
    """Whether a module or a package of that name lies in a folder, or below it."""
    name = name.rstrip("/")
    return any(folder.glob(f"**/{name}.py")) or any(folder.glob(f"**/{name}/__init__.py"))


@pytest.mark.parametrize(
    ("folder", "rows"), [(SOURCES, ROWS), (CLIENTS, ROWS_OF_CLIENTS)], ids=["towpath", "clients"]
)
def test_every_package_has_a_row(folder: Path, rows: list[tuple[list[str], list[str]]]) -> None:
    """And no row is of one that is gone."""
    named = sorted(package.rstrip("/") for packages, _ in rows for package in packages)
    there = {each.stem for each in folder.iterdir() if each.suffix == ".py" or each.is_dir()}
    assert named == sorted(there - {"__init__", "__pycache__"})


def test_every_controller_is_named() -> None:
    """By its kind, or as a module."""
    row = next(line for line in MAP.splitlines() if line.startswith("| `controllers/`"))
    there = {each.stem for each in (SOURCES / "controllers").iterdir()}
    words = {each: each.replace("_", "") for each in there - {"__init__", "__pycache__"}}
    words["project_config"] = "configuration"
    assert [each for each, word in words.items() if word not in row.lower()] == []


ALL_ROWS = ROWS + [
    ([f"clients/{each}" for each in packages], named) for packages, named in ROWS_OF_CLIENTS
]


@pytest.mark.parametrize(
    ("packages", "named"), ALL_ROWS, ids=[" ".join(each) for each, _ in ALL_ROWS]
)
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
