"""The step keeps the contract of steps, and does what its page says."""

from __future__ import annotations

import asyncio
from pathlib import Path

from shop_steps.release_note import ReleaseNote, ReleaseNoteSettings

from towpath.promotion.step import Failed, Succeeded
from towpath.testing import Conformance, Example, contents, put, run

PAGE = Path(__file__).parents[1] / "README.md"


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    """Run once, twice, and cut off."""
    example = Example(config={"path": "NEWS", "text": "1.2.0"}, files={"NEWS": "test: 1.1.0\n"})
    kit = Conformance(ReleaseNote, [example], tmp_path, page=PAGE)
    assert asyncio.run(kit.problems()) == []


def test_the_line_is_on_top(tmp_path: Path) -> None:
    """The others stay."""
    put(tmp_path, {"NEWS": "test: 1.1.0\n"})
    said = asyncio.run(run(ReleaseNote(), tmp_path, {"path": "NEWS", "text": "1.2.0"}))
    assert said == Succeeded(output={"line": "test: 1.2.0", "lines": 2}, message="noted in NEWS")
    assert contents(tmp_path) == {"NEWS": "test: 1.2.0\ntest: 1.1.0\n"}


def test_a_line_is_one_line(tmp_path: Path) -> None:
    """The message names the field."""
    said = asyncio.run(run(ReleaseNote(), tmp_path, {"path": "NEWS", "text": "a\nb"}))
    assert said == Failed(message="config.text: it is more than one line")


def test_the_operator_has_a_mark(tmp_path: Path) -> None:
    """Which the kit gives the step as a server does."""
    step = ReleaseNote(ReleaseNoteSettings(mark="- "))
    asyncio.run(run(step, tmp_path, {"path": "NEWS", "text": "1.2.0"}))
    assert contents(tmp_path) == {"NEWS": "- test: 1.2.0\n"}
    example = Example(config={"path": "NEWS", "text": "1.2.0"})
    kit = Conformance(ReleaseNote, [example], tmp_path / "kit", page=PAGE, settings={"mark": "- "})
    assert asyncio.run(kit.problems()) == []
