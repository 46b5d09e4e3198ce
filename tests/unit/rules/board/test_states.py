"""Every phase there is has a role: nothing that happens is without a word and a colour."""

from __future__ import annotations

from towpath.resources.promotion import PromotionPhase, VerificationPhase
from towpath.resources.stage import HealthState
from towpath.rules.board import states
from towpath.rules.board.states import Phase, StageRole, role_of


def test_no_phase_is_missing() -> None:
    """Of Promotions, verifications, health and Stages."""
    assert set(states.ROLES) == set(Phase)
    assert set(states.OF_PROMOTION) == set(PromotionPhase)
    assert set(states.OF_VERIFICATION) == set(VerificationPhase)
    assert set(states.OF_HEALTH) == set(HealthState)


def test_a_hold_shows_where_nothing_worse_does() -> None:
    """A failure stays a failure, and what runs is seen to run."""
    assert role_of(Phase.STEADY, is_held=True) is StageRole.HELD
    assert role_of(Phase.FAILED, is_held=True) is StageRole.FAIL
    assert role_of(Phase.PROMOTING, is_held=True) is StageRole.RUN
    assert role_of(Phase.STEADY) is StageRole.OK
