"""What a Promotion that ended has asked Argo CD for: taken back where it was not begun, told where it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications import PROJECT, PROMOTION, STAGE, document, operation, state
from towpath.promotion.doors.argocd import NoInstallations
from towpath.promotion.doors.withdrawal import withdrawn
from towpath.testing.argocd import InMemoryArgoCD

NOTE = [{"connection": "in-memory", "namespace": "argocd", "name": "web"}]
OURS = operation()


async def _said(there: Any, note: Any = NOTE) -> list[str]:
    return await withdrawn(there, PROJECT, STAGE, PROMOTION, note)


@pytest.mark.parametrize(
    ("more", "said", "is_changed"),
    [
        ({"operation": OURS}, "was taken back", True),
        ({"operation": OURS, "status": state("Failed", promotion="other")}, "was taken back", True),
        ({"operation": OURS, "status": state("Running", finished=None)}, "goes on", False),
        ({"operation": operation(None)}, "", False),
        ({"status": state()}, "", False),
        ({}, "", False),
    ],
)
async def test_what_becomes_of_it(more: dict[str, Any], said: str, is_changed: bool) -> None:
    """Nobody else's is touched."""
    there = InMemoryArgoCD([document(**more)])
    found = await _said(there)
    assert [each for each in found if said in each] == found
    assert bool(found) == bool(said)
    assert there.changed() == ({"argocd/web": {"operation": None}} if is_changed else {})


async def test_others_may_be_faster() -> None:
    """Then it is read again, as often as is sensible."""
    faults = {"conflicts": {"argocd/web": 2}}
    assert (
        "was taken back"
        in (await _said(InMemoryArgoCD([document(operation=OURS)], faults=faults)))[0]
    )
    faults = {"conflicts": {"argocd/web": 3}}
    assert (
        "could not be taken back"
        in (await _said(InMemoryArgoCD([document(operation=OURS)], faults=faults)))[0]
    )


@pytest.mark.parametrize(
    "faults", [{"forbidden": ["argocd/web"]}, {"unreadable": ["argocd/web"]}, {"discovery": 1}]
)
async def test_what_cannot_be_taken_back_is_told(faults: dict[str, Any]) -> None:
    """It may be carried out later."""
    [said] = await _said(InMemoryArgoCD([document(operation=OURS)], faults=faults))
    assert "may be carried out later" in said


async def test_without_its_connection_it_is_told() -> None:
    """The Stage may have another one now."""
    [said] = await _said(NoInstallations())
    assert "may be carried out later" in said
    there = InMemoryArgoCD([document(operation=OURS)])
    [said] = await _said(there, [{**NOTE[0], "connection": "east"}])
    assert "connection east" in said
    assert there.changed() == {}


@pytest.mark.parametrize("note", [None, {}, "x", [3, None], []])
async def test_a_note_that_is_not_ours_says_nothing(note: Any) -> None:
    """Whatever it holds."""
    assert await _said(InMemoryArgoCD(), note) == []


async def test_an_application_that_is_gone_needs_nothing() -> None:
    """Its operation went with it."""
    assert await _said(InMemoryArgoCD()) == []
