"""A Stage that looks now and then comes to the same as one that looks all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.deciding import ORIGIN, held, promotion
from tests.support.examples import examples
from towpath.resources.annotations import HOLD, RESUME
from towpath.resources.stage import StageStatus
from towpath.resources.structs import to_document
from towpath.rules import stage_status

if TYPE_CHECKING:
    from towpath.resources.promotion import Promotion

_PHASES = ("Succeeded", "Failed", "Errored", "Aborted")
_INTENTS: tuple[dict[str, str], ...] = ({}, {HOLD: ORIGIN}, {RESUME: ORIGIN})
_ENDED = st.tuples(st.sampled_from(_PHASES), st.integers(0, 3), st.sampled_from(_INTENTS))


def _made(ended: list[tuple[str, int, dict[str, str]]]) -> list[Promotion]:
    return [
        promotion(
            number,
            phase,
            of=f"f{freight}",
            annotations=annotations,
            freightCollection=held(f"f{freight}"),
        )
        for number, (phase, freight, annotations) in enumerate(ended)
    ]


@settings(max_examples=examples(60))
@given(st.lists(_ENDED, max_size=14), st.data())
def test_it_does_not_matter_when_the_stage_looked(
    ended: list[tuple[str, int, dict[str, str]]], data: st.DataObject
) -> None:
    """All at once or one after another, in any order of listing; each is taken in once, oldest first."""
    made = _made(ended)
    whole, stepwise = StageStatus(), StageStatus()
    recorded = stage_status.record_ended(whole, data.draw(st.permutations(made)))
    assert recorded == made
    taken: list[Promotion] = []
    seen = 0
    while seen < len(made):
        seen = data.draw(st.integers(seen + 1, len(made)))
        taken += stage_status.record_ended(stepwise, data.draw(st.permutations(made[:seen])))
    assert taken == made
    assert to_document(stepwise) == to_document(whole)
    succeeded = [each.spec.freight for each in made if stage_status.phase_of(each) == "Succeeded"]
    assert [each.id for each in whole.freight_history] == succeeded[::-1][:10]


@settings(max_examples=examples(60))
@given(st.lists(_ENDED, min_size=1, max_size=10), st.integers(0, 9))
def test_what_follows_one_that_has_not_ended_waits(
    ended: list[tuple[str, int, dict[str, str]]], place: int
) -> None:
    """Whatever became of it."""
    made = _made(ended)
    place = min(place, len(made) - 1)
    made[place] = promotion(place, "Running", of="f0")
    status = StageStatus()
    assert stage_status.record_ended(status, made) == made[:place]
