"""What became of Freight's verification above, and that the gate `verified` says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.deciding import NOW, ago, freight, held, request, stage
from towpath.rules.gates import availability
from towpath.rules.gates.listing import Move, Snapshot, everything
from towpath.rules.gates.sources import Origins
from towpath.rules.verifying.verdict import verdict

if TYPE_CHECKING:
    from towpath.resources.stage import Stage


def _run(phase: str, message: str = "") -> dict[str, Any]:
    return {"id": "v1", "phase": phase, "message": message}


def _upstream(*collections: dict[str, Any], **status: Any) -> Stage:
    return stage(name="test", freightHistory=list(collections), **status)


PROGRESSING = {
    "health": {"status": "Progressing"},
    "lastPromotion": {
        "name": "p1",
        "finishedAt": ago(minutes=1),
        "status": {"phase": "Succeeded"},
    },
}


@pytest.mark.parametrize(
    ("upstream", "said"),
    [
        (_upstream(), ""),
        (_upstream(held("f2")), ""),
        (_upstream(held("f1", runs=[_run("Successful")])), ""),
        (_upstream(held("f1", runs=[_run("Failed", "500")])), "its verification ended Failed: 500"),
        (_upstream(held("f1", runs=[_run("Aborted")])), "its verification ended Aborted"),
        (_upstream(held("f1", runs=[_run("Running")])), "its verification is under way"),
        (
            _upstream(held("f1", runs=[_run("Running"), _run("Failed")])),
            "its verification is under way",
        ),
        (_upstream(held("f2"), held("f1")), "it left the Stage without a verdict"),
        (_upstream(held("f1")), "what is in the Stage is to be verified"),
    ],
)
def test_what_became_of_a_verification(upstream: Stage, said: str) -> None:
    """Of the newest time that the Freight was there; nothing where there is nothing to say."""
    assert verdict(upstream, "f1", NOW) == said


def test_a_verification_that_waits_for_health_says_until_when() -> None:
    """As the condition Verified of the Stage has it."""
    said = verdict(_upstream(held("f1"), **PROGRESSING), "f1", NOW)
    assert said.startswith("verification begins once the health is Healthy")
    assert said.endswith("it is Progressing")


def test_the_gate_says_why_it_is_shut() -> None:
    """A failed test above stands in the list, and nothing is added to a gate that is open."""
    asked = stage(request(stages=["test", "uat"]))
    origins = Origins(verdicts={"test": "its verification ended Failed: 500", "uat": ""})

    def above(**status: Any) -> str:
        move = Move(now=NOW, stage=asked, origin="Warehouse/main", freight=freight(**status))
        found = everything(Snapshot(move=move, origins=origins))
        return next(gate.above for gate in found if gate.name == availability.VERIFIED)

    assert above() == "test: its verification ended Failed: 500"
    assert above(verifiedIn={"uat": {}}) == ""
