"""A Stage may have a hundred Stages above it: what is said of each Freight stays a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from towpath.resources import durations
from towpath.resources.freight import Freight
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.rules.gates import availability
from towpath.rules.gates.gate import NAMED, listed

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NAMES = [f"s{number}" for number in range(100)]


def test_a_sentence_has_the_first_names() -> None:
    """And says how many there are beside them."""
    assert listed(NAMES[:NAMED]).endswith("s8 and s9")
    assert listed(NAMES, "or") == f"{', '.join(NAMES[:NAMED])} or 90 more"


@pytest.mark.parametrize("strategy", ["OneOf", "All"])
def test_stages_that_are_not_named_cost_no_words(
    monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    """The times of the first are spoken, not of all: that was most of a pass over a large Stage."""
    spoken: list[object] = []
    say = durations.spoken_seconds

    def counted(span: object) -> str:
        spoken.append(span)
        return say(span)  # type: ignore[arg-type]

    monkeypatch.setattr(durations, "spoken_seconds", counted)
    sources = {"stages": NAMES, "requiredSoakTime": "1h", "availabilityStrategy": strategy}
    origin = {"kind": "Warehouse", "name": "main"}
    metadata = {"name": "prod", "namespace": "shop"}
    stage = view(
        Stage,
        {
            "metadata": metadata,
            "spec": {"requestedFreight": [{"origin": origin, "sources": sources}]},
        },
    )
    freight = view(Freight, {"metadata": {**metadata, "name": "f"}, "origin": origin})
    found = {gate.name: gate for gate in availability.gates(stage, freight, now=NOW)}
    assert not found["soaked"].open
    assert "s9 (0s of 1h0m0s) and 90 more" in found["soaked"].reason
    assert "90 more" in found["verified"].reason
    assert len(spoken) <= 2 * NAMED + 2
