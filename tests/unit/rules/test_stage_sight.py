"""What of a Stage decides what a move means, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from towpath.rules import stage_sight
from towpath.rules.stage_sight import StageSight

SIGHT = StageSight(current={"Warehouse/a": "f1"}, holds={}, queue=("dev.1",), shut=())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"current": {"Warehouse/a": "f2"}}, ["current Freight: f1 then, f2 now"]),
        ({"current": {}}, ["current Freight: f1 then, none now"]),
        ({"holds": {"Warehouse/a": "f1"}}, ["hold: none then, f1 now"]),
        ({"queue": ()}, ["queue: 1 Promotions left it"]),
        ({"queue": ("dev.2", "dev.3")}, ["queue: 1 Promotions left it, 2 came"]),
        ({"shut": ("soaked",)}, ["gates: shut were none, shut are soaked"]),
        ({}, []),
    ],
)
def test_what_changed_is_told_in_words(change: dict[str, Any], told: list[str]) -> None:
    """Each by itself; nothing where all is as it was."""
    assert stage_sight.changed(SIGHT, replace(SIGHT, **change)) == told
