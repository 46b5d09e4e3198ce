"""One name stands for one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[3] / "src" / "towpath"
OF_THE_WIRE = frozenset({"DeleteOptions", "Event", "Health", "TargetStatus"})
"""Kubernetes and Kargo name them so; what is ours has another name."""
SAME_THING = frozenset({"GitCommit"})
"""A step's class is named as the step is, an artifact of Freight as Kargo names it."""


@pytest.mark.slow
def test_no_two_classes_have_one_name() -> None:
    """Whoever reads a class name in a trace or a review knows which one it is; private ones are their module's affair."""
    places = defaultdict(list)
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(SOURCES)))
    doubles = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in doubles.items() if name not in SAME_THING} == {}
