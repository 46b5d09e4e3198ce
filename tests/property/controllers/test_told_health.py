"""Each change of a Stage's health is told once, whatever cuts passes off and whatever else is written of the Stage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from towpath.controllers.stage.tidings import noted, tidings, told
from towpath.resources import scheme
from towpath.resources.annotations import HEALTH_TOLD
from towpath.resources.kinds import Ref
from towpath.resources.stage import Health, PromotionReference, StageStatus
from towpath.resources.structs import to_document, view
from towpath.rules.told_health import told_health
from towpath.store.contract import Stored

_HEALTHS = st.sampled_from(["Healthy", "Unhealthy", "Progressing", "Unknown"])
_PASSES = st.lists(st.tuples(_HEALTHS, st.booleans(), st.integers(0, 2)), max_size=12)
"""Health, whether a Promotion is under way, and how often the pass is cut off between telling and writing."""


@given(_PASSES)
def test_each_change_is_told_once(passes: list[tuple[str, bool, int]]) -> None:
    """Where a change is what others hear of: while a Promotion runs, nobody knows the health."""
    events: dict[str, tuple[str, str]] = {}
    expected, known, stored, revision = [], "Healthy", StageStatus(), 1
    for health, is_promoted, cuts in passes:
        if not is_promoted and health != known:
            expected.append((known, health))
            known = health
        status = stored
        for _ in range(cuts + 1):
            revision += 1  # somebody writes an annotation
            status = view(StageStatus, to_document(stored))
            before = told(status)
            status.health = Health(status="Unknown" if is_promoted else health)
            status.current_promotion = PromotionReference(name="p") if is_promoted else None
            document = Stored(Ref(scheme.STAGE, "shop", "dev"), "u", revision, b"{}")
            for each in tidings(document, before, status):
                found = (each.payload["stage-health-before"], each.payload["stage-health"])
                assert events.setdefault(each.key, found) == found
            noted(before, status)
        stored = status
    assert list(events.values()) == expected


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_whatever_somebody_else_wrote_there_is_read(kept: object) -> None:
    """As is what is nearly right."""
    for note in (kept, {"health": kept, "changes": kept}):
        found = told_health(StageStatus(metadata={HEALTH_TOLD: note}))
        assert isinstance(found.health, str)
        assert found.health
        assert found.changes >= 0
