"""No test sleeps, and none measures time: what is waited for is an event, and speed is for the benchmarks."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).resolve().parents[2]
ALLOWED: Final = TESTS / "support" / "waiting.py"
"""Waits for other processes; it says why."""

_CLOCKS: Final = frozenset({"time", "monotonic", "perf_counter", "process_time"})
_MODULES: Final = frozenset({"time", "asyncio", "anyio", "trio"})


def sleeps(source: str) -> list[str]:
    """Return the lines of a program that sleep or look at a clock; a turn of the event loop is no sleep."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in _MODULES:
            names = {each.name for each in node.names}
            if "sleep" in names or (node.module == "time" and names & _CLOCKS):
                found.append(f"{node.lineno}: from {node.module} import {', '.join(sorted(names))}")
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        module, name = node.func.value, node.func.attr
        if not isinstance(module, ast.Name) or module.id not in _MODULES:
            continue
        is_turn = all(isinstance(each, ast.Constant) and each.value == 0 for each in node.args)
        if (name == "sleep" and not is_turn) or (
            module.id == "time" and name in _CLOCKS - {"time"}
        ):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.slow
def test_no_test_sleeps() -> None:
    """Apart from the one helper that asks other processes again and again."""
    found = {
        str(path.relative_to(TESTS)): lines
        for path in TESTS.rglob("*.py")
        if path != ALLOWED and (lines := sleeps(path.read_text("utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "asyncio.sleep(0.01)",
        "asyncio.sleep(seconds)",
        "time.sleep(1)",
        "time.sleep(0.0001)",
        "asyncio.sleep(0 if ready else 1)",
        "from time import sleep",
        "from asyncio import sleep",
        "time.monotonic()",
        "from time import perf_counter",
    ],
)
def test_a_sleep_is_found(line: str) -> None:
    """However it is written."""
    assert sleeps(f"import asyncio, time\n{line}\n")


@pytest.mark.parametrize("line", ["asyncio.sleep(0)", "clock.sleep(10)", "time.time()"])
def test_what_is_no_sleep(line: str) -> None:
    """A turn of the loop, virtual time, and the moment for a file's date."""
    assert sleeps(f"{line}\n") == []
