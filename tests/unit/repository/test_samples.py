"""What the page of components shows is what a server would send."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

from towpath.rules.gates import telling
from towpath.rules.gates.gate import Bars, Gate

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = (ROOT / "ui/src/features/components/samples.ts").read_text("utf-8")
SHOWN = re.findall(
    r'\{ name: "(\w+)", open: (true|false)(?:, bars: "([^"]+)", means: "([^"]+)")?', SAMPLES
)


def _gates() -> set[str]:
    """Return the names of all gates: constants that a Gate is made with."""
    found = set()
    for path in (ROOT / "src/towpath/rules/gates").glob("*.py"):
        module = importlib.import_module(f"towpath.rules.gates.{path.stem}")
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Gate":
                names = [each.value for each in call.keywords if each.arg == "name"]
                found |= {
                    getattr(module, each.id, "") for each in names if isinstance(each, ast.Name)
                }
    return found


def test_gates_that_are_shown_exist() -> None:
    """By their names, as `docs/reference/gates.md` has them."""
    assert len(SHOWN) >= 3
    assert {name for name, *_ in SHOWN} <= _gates()


def test_gates_that_are_shown_mean_what_they_bar() -> None:
    """In the words that the API says."""
    for name, is_open, bars, means in SHOWN:
        gate = Gate(name=name, open=is_open == "true", reason="", bars=Bars(bars or "promotion"))
        assert telling.meaning(gate) == means
