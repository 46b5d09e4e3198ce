"""The log shows the context of a line, as text and as JSON."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from towpath import telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("towpath")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_context_stands_behind_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    """Quoted where it holds spaces."""
    telemetry.configure()
    logging.getLogger("towpath.x").info("it failed", extra={"fault": "ab12", "why": "no room"})
    assert capsys.readouterr().err.endswith('towpath.x: it failed fault=ab12 why="no room"\n')


def test_json_has_it_as_keys_and_libraries_warn_only(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, exceptions included."""
    telemetry.configure(form="json")
    logging.getLogger("aiohttp").info("chatter")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("towpath.x").exception("it failed", extra={"fault": "ab12"})
    [line] = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert (entry["message"], entry["fault"], entry["level"]) == ("it failed", "ab12", "error")
    assert "ZeroDivisionError" in entry["exception"]
