"""The earliest moment that all surfaces tell: what time opens, what the way through the Stages before takes, or that nobody knows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.deciding import NOW
from towpath.rules.gates.gate import Bars, Gate
from towpath.rules.gates.soonest import soonest

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)


def _gate(name: str, bars: Bars = Bars.PROMOTION, **more: object) -> Gate:
    return Gate(name=name, reason="", bars=bars, **{"open": False, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gates", "arrives", "wanted"),
    [
        ([], LATER, None),
        ([_gate("verified", open=True)], LATER, None),
        ([_gate("soaked", opens_at=SOON)], LATER, SOON),
        ([_gate("soaked", opens_at=SOON), _gate("other", opens_at=LATER)], None, LATER),
        ([_gate("verified"), _gate("soaked")], LATER, LATER),
        ([_gate("verified"), _gate("soaked", opens_at=SOON)], LATER, LATER),
        ([_gate("verified")], None, None),
        ([_gate("verified")], NOW, None),
        ([_gate("quarantine")], LATER, None),
        ([_gate("quarantine"), _gate("soaked", opens_at=SOON)], LATER, None),
        ([_gate("hold", Bars.AUTO_PROMOTION, opens_at=SOON)], NOW, SOON),
        ([_gate("hold", Bars.AUTO_PROMOTION)], LATER, None),
        (
            [
                _gate("hold", Bars.AUTO_PROMOTION, opens_at=SOON),
                _gate("policy", Bars.AUTO_PROMOTION),
            ],
            LATER,
            None,
        ),
        (
            [
                _gate("soaked", opens_at=SOON),
                _gate("hold", Bars.AUTO_PROMOTION, opens_at=LATER),
            ],
            None,
            SOON,
        ),
        ([_gate("turn", Bars.START, opens_at=SOON)], NOW, None),
    ],
)
def test_the_earliest_moment(gates: list[Gate], arrives: object, wanted: object) -> None:
    """By hand where that is kept from it, by itself where only that is."""
    assert soonest(gates, arrives, NOW) == wanted  # type: ignore[arg-type]
