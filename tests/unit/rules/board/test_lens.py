"""What one Freight means in a Stage, as the forecast of its way has it: nothing is foretold that somebody must do first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from towpath.resources.freight import Freight
from towpath.resources.stage import Stage
from towpath.rules import forecast
from towpath.rules.board import facts, lens
from towpath.rules.forecast import Took

_NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
_SINCE = "2026-11-30T10:00:00Z"
_NAME = "a" * 40
_ORIGIN = {"kind": "Warehouse", "name": "web"}


def _stage(
    name: str, sources: dict[str, Any], status: dict[str, Any] | None = None
) -> facts.StageFacts:
    document = {
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "requestedFreight": [{"origin": _ORIGIN, "sources": sources}],
            "promotionTemplate": {"spec": {"steps": [{"uses": "compose-output"}]}},
        },
        "status": status or {},
    }
    return facts.of_stage(msgspec.convert(document, Stage))


def _holding(name: str, *verdicts: str) -> dict[str, Any]:
    """Return the status of a Stage that holds Freight, with its verifications, the newest first."""
    held = {"Warehouse/web": {"name": name, "origin": _ORIGIN}}
    past = [{"id": f"v{number}", "phase": phase} for number, phase in enumerate(verdicts)]
    return {"freightHistory": [{"id": "c", "items": held, "verificationHistory": past}]}


def _freight(*verified: str) -> facts.FreightFacts:
    document = {
        "metadata": {"name": _NAME, "namespace": "shop", "creationTimestamp": _SINCE},
        "origin": _ORIGIN,
        "images": [{"repoURL": "registry.example.com/web", "tag": "1"}],
        "status": {"verifiedIn": {name: {"verifiedAt": _SINCE} for name in verified}},
    }
    return facts.of_freight(msgspec.convert(document, Freight))


def _leg(
    stage: facts.StageFacts, freight: facts.FreightFacts, *, has_failed: bool = False
) -> forecast.Leg:
    of = lens.standing(stage, freight, (), queue=(), has_failed=has_failed)
    found = lens.leg(stage, freight, of, Took())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("verdicts", "is_foretold"),
    [
        ((), True),
        (("Running",), True),
        (("Running", "Failed"), True),  # somebody has had it verified again
        (("Failed",), False),
        (("Error",), False),
        (("Aborted",), False),
        (("Inconclusive",), False),
    ],
)
def test_what_was_found_wanting_goes_no_further(
    verdicts: tuple[str, ...], is_foretold: bool
) -> None:
    """Freight whose verification ended without success comes nowhere until somebody acts; no moment is told."""
    dev = _stage("dev", {"direct": True}, _holding(_NAME, *verdicts))
    prod = forecast.Leg(stage="prod", up=("dev",))
    assert ("prod" in forecast.arrivals([_leg(dev, _freight()), prod], _NOW)) is is_foretold


@pytest.mark.parametrize("verified", [(), ("dev",)])
def test_what_has_left_goes_on_only_where_it_was_verified(verified: tuple[str, ...]) -> None:
    """Else somebody has to bring it back first."""
    before = _holding(_NAME)["freightHistory"]
    now = _holding("b" * 40)["freightHistory"]
    dev = _stage("dev", {"direct": True}, {"freightHistory": [*now, *before]})
    prod = forecast.Leg(stage="prod", up=("dev",))
    found = forecast.arrivals([_leg(dev, _freight(*verified)), prod], _NOW)
    assert ("prod" in found) is bool(verified)


def test_a_stage_that_takes_freight_by_itself_says_until_when() -> None:
    """Not while it is held, and not for what has failed there: nobody knows when somebody will promote it."""
    takes = {"autoPromotionEnabled": True}
    by = {"freightName": "b" * 40, "origin": _ORIGIN, "createdAt": _SINCE}
    hold = {"autoPromotionHolds": {"Warehouse/web": by}}
    dev, held = (_stage("dev", {"direct": True}, each) for each in (takes, takes | hold))
    assert held.holds
    assert _leg(dev, _freight()).is_asked_for
    assert not _leg(held, _freight()).is_asked_for
    assert not _leg(dev, _freight(), has_failed=True).is_asked_for
