"""A status that would make its object too large leaves out what is kept elsewhere, and says so."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.resources import sizes
from towpath.resources.stage import StageStatus
from towpath.resources.structs import view
from towpath.resources.warehouse import WarehouseStatus
from towpath.rules import fitting

AT = "2026-01-02T03:04:05Z"
READY = {
    "type": "Ready",
    "status": "True",
    "reason": "Fine",
    "message": "it is",
    "lastTransitionTime": AT,
}


def _stage() -> dict[str, Any]:
    image = {"repoURL": "r", "tag": "1", "annotations": {"a": "x" * 3000}}
    collection = {"id": "c", "items": {"Warehouse/w": {"name": "f", "images": [image]}}}
    return {
        "conditions": [READY],
        "freightHistory": [{**collection, "id": f"c{number}"} for number in range(10)],
        "lastPromotion": {
            "name": "p",
            "status": {"phase": "Succeeded", "state": {"step-1": {"out": "x" * 9000}}},
        },
        "metadata": {"note": "x" * 500},
    }


def test_what_fits_is_left_alone() -> None:
    """Nothing is left out, nothing is said."""
    assert fitting.fitted(_stage(), 1 << 20, at=AT) == _stage()


@pytest.mark.parametrize("room", [36_000, 12_000, 5000, 4000, 3000, 1500])
def test_a_stage_keeps_what_it_holds_as_long_as_there_is_room(room: int) -> None:
    """Outputs of the last Promotion go first, what the Stage holds now goes last."""
    found = fitting.fitted(_stage(), room, at=AT)
    assert sizes.of(found) <= room
    status = view(StageStatus, found)
    note = status.conditions[-1]
    assert (note.type, note.status, note.last_transition_time) == (fitting.SHORTENED, "True", AT)
    assert "outputs of the last Promotion" in note.message
    assert status.conditions[0].type == "Ready"
    if room >= 3000:
        assert status.freight_history[0].id == "c0"
        assert status.freight_history[0].items["Warehouse/w"].name == "f"
    assert fitting.without_note(found)["conditions"] == [READY]
    assert fitting.noted_since(found) == AT


def test_a_warehouse_keeps_the_newest_of_what_it_found() -> None:
    """Annotations go before references."""
    references = [
        {"tag": str(tag), "digest": f"sha256:{tag}", "annotations": {"a": "x" * 2000}}
        for tag in range(20)
    ]
    status = {
        "conditions": [READY],
        "discoveredArtifacts": {
            "discoveredAt": AT,
            "images": [{"repoURL": "r", "references": references}],
            "git": [{"repoURL": "g", "commits": [{"id": str(n) * 40} for n in range(9)]}],
        },
    }
    without_annotations = view(WarehouseStatus, fitting.fitted(status, 20_000, at=AT))
    few = view(WarehouseStatus, fitting.fitted(status, 2200, at=AT))
    for found, count in ((without_annotations, 20), (few, 5)):
        assert found.discovered_artifacts is not None
        [image] = found.discovered_artifacts.images
        assert [each.tag for each in image.references] == [str(tag) for tag in range(count)]
        assert not any(each.annotations for each in image.references)
        assert found.discovered_artifacts.discovered_at == AT


@pytest.mark.parametrize("status", [{}, {"conditions": "none"}, {"freightHistory": {"a": [1]}}])
def test_no_status_breaks_it(status: dict[str, Any]) -> None:
    """Whatever shape it has."""
    fitting.fitted(status, 0, at=AT)
    assert fitting.without_note(status) == status
