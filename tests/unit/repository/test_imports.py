"""Inside a package imports run one way as well, those for types alone included."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "src"
TESTS = ROOT / "tests"


def _modules(root: Path) -> dict[str, Path]:
    """Return the modules below a folder by their dotted names."""
    found = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imports(path: Path, modules: dict[str, Path]) -> set[str]:
    """Return which of the modules a file imports, wherever in it."""
    named: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            named += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{each.name}" for each in node.names]
            named += [each if each in modules else node.module for each in inner]
    return {each for each in named if each in modules}


def circles(root: Path) -> dict[str, list[str]]:
    """Return, for each package in whose parts imports go round, one such circle."""
    modules = _modules(root)
    graphs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, path in modules.items():
        for imported in _imports(path, modules):
            ours, theirs = name.split("."), imported.split(".")
            shared = 0
            while shared < min(len(ours), len(theirs)) and ours[shared] == theirs[shared]:
                shared += 1
            if shared < min(len(ours), len(theirs)):
                graphs[".".join(ours[:shared])][ours[shared]].add(theirs[shared])
    found = {}
    for package, graph in graphs.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            found[package] = error.args[1]
    return found


@pytest.mark.slow
def test_imports_of_no_package_go_round() -> None:
    """What two parts of a package need of each other belongs into a third, or behind a protocol."""
    assert circles(SOURCES) == {}


@pytest.mark.parametrize(
    "back", ["from pack.one import A", "if TYPE_CHECKING:\n    from pack import one"]
)
def test_a_circle_is_found(tmp_path: Path, back: str) -> None:
    """Also one that type checking alone goes round."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "one.py").write_text("from pack.two import B\n")
    (tmp_path / "pack" / "two.py").write_text("B = 1\n")
    assert circles(tmp_path) == {}
    (tmp_path / "pack" / "two.py").write_text(f"{back}\n")
    assert list(circles(tmp_path)) == ["pack"]


@pytest.mark.slow
def test_tests_are_strangers_to_one_another() -> None:
    """What several need lies in `tests/support`: a module of tests is imported by pytest alone."""
    modules = {f"tests.{name}": path for name, path in _modules(TESTS).items()}
    tests = {name for name in modules if name.rpartition(".")[2].startswith("test_")}
    among = {name: sorted(_imports(path, modules) & tests) for name, path in modules.items()}
    assert {name: found for name, found in among.items() if found} == {}
