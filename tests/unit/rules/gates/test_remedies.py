"""Every gate that can be shut has a remedy, and one that is open has none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from towpath.rules.gates import remedies
from towpath.rules.gates.gate import Gate

_SOURCES = Path(remedies.__file__).parent
NAMES = sorted(
    {
        found
        for path in _SOURCES.glob("*.py")
        for found in re.findall(
            r'^[A-Z]+: Final = "([a-z]+)"$', path.read_text("utf-8"), re.MULTILINE
        )
    }
)
WAITING = {"carried", "turn", "hooks"}


def test_the_names_are_found() -> None:
    """As many as the reference has."""
    assert {"stage", "verified", "soaked", "hold", "warehouse"} <= set(NAMES)
    assert len(NAMES) >= 18


@pytest.mark.parametrize("name", NAMES)
def test_what_opens_it(name: str) -> None:
    """Somebody has to do something, but where what is under way opens it."""
    shut = Gate(name=name, open=False, reason="r")
    found = remedies.of(shut, "shop", "dev")
    assert found is not None
    assert (found.verb == "wait") == (name in WAITING)
    assert (found.needs is None) == (name in WAITING)
    assert remedies.of(Gate(name=name, open=True, reason="r"), "shop", "dev") is None
