"""How long who waits is left alone."""

from __future__ import annotations

from towpath.rules.slackening import pause


def _pauses(waited: float, usual: float = 30.0, longest: float = 120.0) -> list[float]:
    return [pause(usual, longest, waited=waited, whose=f"shop/{each}") for each in range(200)]


def test_it_grows_with_the_wait_and_is_bounded() -> None:
    """From the usual pause on, by a tenth of the time that has passed, to the longest; a fifth is drawn on top."""
    for waited, least in ((0, 30), (300, 30), (600, 60), (1200, 120), (1e9, 120), (-5, 30)):
        found = _pauses(waited)
        assert least <= min(found) < least * 1.02
        assert least * 1.18 < max(found) <= least * 1.2
    assert min(_pauses(1e9, usual=300.0)) >= 300, "what is asked for is never cut short"


def test_no_two_are_in_step() -> None:
    """Nor do two looks of one have the same pause; and one look has one, whoever asks."""
    assert len(set(_pauses(0))) == 200
    assert _pauses(60) == _pauses(60)
