"""What keeps Freight from a Stage that only controls the flow is told by what it lets through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from towpath.resources.freight import Freight
from towpath.resources.stage import Stage
from towpath.rules.board import facts
from towpath.rules.board.coming import coming, gates

_NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
_SINCE = "2026-11-30T10:00:00Z"


def _gate(**more: Any) -> facts.StageFacts:
    document = {
        "metadata": {"name": "gate", "namespace": "shop", **more},
        "spec": {
            "requestedFreight": [
                {
                    "origin": {"kind": "Warehouse", "name": "web"},
                    "sources": {"stages": ["test"], "requiredSoakTime": "6h"},
                }
            ]
        },
    }
    return facts.of_stage(msgspec.convert(document, Stage))


def _freight() -> Freight:
    document = {
        "metadata": {"name": "a" * 40, "namespace": "shop", "creationTimestamp": _SINCE},
        "origin": {"kind": "Warehouse", "name": "web"},
        "images": [{"repoURL": "registry.example.com/web", "tag": "1"}],
        "status": {
            "currentlyIn": {"test": {"since": _SINCE}},
            "verifiedIn": {"test": {"verifiedAt": _SINCE}},
        },
    }
    return msgspec.convert(document, Freight)


def test_what_soaks_before_a_stage_without_steps_says_until_when() -> None:
    """Not that nobody can promote to it, which nobody ever wants to."""
    line = {"Warehouse/web": [facts.of_freight(_freight())]}
    found = coming(_gate(), line, now=_NOW)
    assert found.blocker is not None
    assert (found.behind, found.blocker.name) == (1, "soaked")
    assert found.blocker.opens_at == datetime(2026, 11, 30, 16, tzinfo=UTC)


def test_what_has_soaked_is_let_through() -> None:
    """Nothing is shut: its controller passes it on."""
    found = gates(_gate(), _freight(), now=_NOW + timedelta(hours=5))
    assert all(each.open for each in found)


def test_a_stage_that_is_going_still_says_so() -> None:
    """Though it has no steps."""
    going = _gate(deletionTimestamp=_SINCE)
    assert "being deleted" in next(
        each.reason for each in gates(going, _freight(), now=_NOW) if not each.open
    )


def test_freight_that_is_gone_leaves_no_stage_behind() -> None:
    """Another Stage holds it still, so it is shown there; nobody can promote it to this one."""
    gone = facts.of_gone_freight("b" * 40, "Warehouse/web", ())
    line = {"Warehouse/web": [facts.of_freight(_freight()), gone]}
    assert coming(_gate(), line, now=_NOW).behind == 1
