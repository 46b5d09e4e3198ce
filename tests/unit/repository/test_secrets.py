"""There is one way to a Secret's values."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src" / "towpath"


@pytest.mark.slow
def test_one_function_opens_what_is_sealed() -> None:
    """Everybody else asks it, and so says who they are and why; the store itself passes the call on."""
    callers = []
    for path in SOURCE.rglob("*.py"):
        place = str(path.relative_to(SOURCE))
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            callers += [
                (place, function.name)
                for node in ast.walk(function)
                if isinstance(node, ast.Attribute | ast.Name)
                and "reveal" in (node.attr if isinstance(node, ast.Attribute) else node.id)
            ]
    outside = [each for each in callers if not each[0].startswith("store/")]
    assert outside == [("credentials/finder.py", "opened")]
    assert sorted(set(callers) - set(outside)) == [("store/sqlite/store.py", "reveal")]
