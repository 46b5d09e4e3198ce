"""When something went wrong is told by when it did, not by how long the Freight has been there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from towpath.resources.stage import Stage
from towpath.resources.warehouse import Warehouse
from towpath.rules.board import facts
from towpath.rules.board.cells import CellContext, cell, lane
from towpath.rules.board.coming import Coming
from towpath.rules.board.layout import GridPlace
from towpath.rules.board.summary import summary

_LATER = "2026-11-29T15:00:00Z"


def _stage(**status: Any) -> Stage:
    freight = {"name": "a" * 40, "origin": {"kind": "Warehouse", "name": "web"}}
    document = {
        "metadata": {"name": "prod", "namespace": "shop"},
        "spec": {"requestedFreight": []},
        "status": {
            "freightHistory": [
                {"id": "1", "items": {"Warehouse/web": freight}, **status.pop("held", {})}
            ],
            **status,
        },
    }
    return msgspec.convert(document, Stage)


_FAILED = {
    "lastPromotion": {
        "name": "p",
        "finishedAt": _LATER,
        "status": {"phase": "Failed", "message": "no", "finishedAt": _LATER},
    }
}
_UNVERIFIED = {
    "held": {
        "verificationHistory": [
            {"id": "v", "phase": "Failed", "message": "no", "finishTime": _LATER}
        ]
    }
}
_UNHEALTHY = {
    "health": {"status": "Unhealthy", "issues": ["no"]},
    "conditions": [
        {
            "type": "Healthy",
            "status": "False",
            "reason": "Unhealthy",
            "message": "no",
            "lastTransitionTime": _LATER,
        }
    ],
}


@pytest.mark.parametrize(
    "status", [_FAILED, _UNVERIFIED, _UNHEALTHY], ids=["promotion", "verification", "health"]
)
def test_trouble_has_the_time_at_which_it_began(status: dict[str, Any]) -> None:
    """A Promotion that failed, a verification that did, and Applications that are ill: the Freight came long before."""
    around = CellContext(place=GridPlace(0, 0, 0), coming=Coming(), promotions=(), since=7)
    found = cell(facts.of_stage(_stage(**status)), around)
    failed = facts.seconds(_LATER)
    assert (found["since"], found["failed"]) == (7, failed)
    told = summary("shop", labels={}, columns=["prod"], cells=[found], versions={}, lanes=())
    assert told["trouble"][0][4] == failed


def test_trouble_names_the_promotion_that_failed() -> None:
    """Whoever reads that it failed is one step from what it said; of what is ill there is none to name."""
    around = CellContext(place=GridPlace(0, 0, 0), coming=Coming(), promotions=(), since=7)
    cells = [cell(facts.of_stage(_stage(**each)), around) for each in (_FAILED, _UNHEALTHY)]
    told = summary("shop", labels={}, columns=["prod"], cells=cells, versions={}, lanes=())
    assert [each[5] for each in told["trouble"]] == ["p", ""]


def test_what_is_well_did_not_fail() -> None:
    """A Stage in which something is, and nothing is wrong, says no time of a failure."""
    around = CellContext(place=GridPlace(0, 0, 0), coming=Coming(), promotions=(), since=7)
    assert "failed" not in cell(facts.of_stage(_stage()), around)


def _warehouse(status: str) -> Warehouse:
    ready = {
        "type": "Ready",
        "status": status,
        "reason": "DiscoveryFailed",
        "message": "401",
        "lastTransitionTime": _LATER,
    }
    document = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"subscriptions": []},
        "status": {"conditions": [ready]},
    }
    return msgspec.convert(document, Warehouse)


def test_a_warehouse_that_cannot_look_says_since_when() -> None:
    """Its age stands beside its error in the overview, as that of a Stage does."""
    found = lane(facts.of_warehouse(_warehouse("False")), 0)
    began = facts.seconds(_LATER)
    assert found == {"name": "web", "error": "DiscoveryFailed: 401", "failed": began}
    told = summary("shop", labels={}, columns=[], cells=[], versions={}, lanes=[found])
    assert told["trouble"] == [
        ["warehouse/web", "fail", "Error", "DiscoveryFailed: 401", began, ""]
    ]


def test_a_warehouse_that_looks_did_not_fail() -> None:
    """The time of its condition is when it was mended, and is no trouble."""
    assert lane(facts.of_warehouse(_warehouse("True")), 5) == {"name": "web", "next": 5}
