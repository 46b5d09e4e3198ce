"""An Application is read whatever it holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications import EARLIER, ENDED, LATER, ONE, application, document, state
from towpath.rules.argocd.application import read


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "x",
        {},
        {"metadata": [], "spec": "x", "status": 3, "operation": "y"},
        {"metadata": {"annotations": {"a": 1, "b": "c"}, "labels": None, "name": 7}},
        {"spec": {"sources": [None, "x", {"repoURL": 5}], "source": {"repoURL": "z"}}},
        {"status": {"conditions": [None, "x", {"type": 3}], "sync": {"revisions": [None, 4]}}},
        {
            "status": {
                "operationState": {"operation": {"info": [None, {"name": 1}, 3]}, "phase": []}
            }
        },
        {
            "status": {
                "operationState": {"finishedAt": "yesterday", "syncResult": {"revisions": "x"}}
            }
        },
        {"status": {"reconciledAt": "2026-13-45T00:00:00Z", "summary": {"images": "x"}}},
    ],
)
def test_nothing_it_may_hold_raises(given: Any) -> None:
    """Nor does what is asked of it then."""
    found = read(given)
    assert (found.key, found.is_stale, found.is_refreshing) == (found.key, False, False)
    assert found.said


def test_places_of_sources_stay() -> None:
    """Also of those that cannot be read: revisions belong to sources by position."""
    found = application(spec={"sources": [None, {"repoURL": "b"}]})
    assert [each.repo_url for each in found.sources] == ["", "b"]
    assert found.is_multi


@pytest.mark.parametrize(
    ("looked", "is_stale"), [(None, True), (EARLIER, True), (ENDED, False), (LATER, False)]
)
def test_a_look_from_before_the_end_is_stale(looked: str | None, is_stale: bool) -> None:
    """One within the same second came after."""
    found = application(status={**state(), "reconciledAt": looked})
    assert found.is_stale is is_stale


def test_revisions_of_several_sources_win() -> None:
    """Over the field for one."""
    sync = {"status": "Synced", "revision": "x", "revisions": [ONE]}
    assert application(status={"sync": sync}).compared == (ONE,)
    assert read(document(status={"sync": {"revision": "x"}})).compared == ("x",)


def test_a_null_among_an_operations_information_hides_nothing() -> None:
    """The Promotion's name is found after it."""
    operation = {"info": [None, {"name": "kargo.akuity.io/promotion", "value": "p"}]}
    found = application(status={"operationState": {"operation": operation, "phase": "Running"}})
    assert found.state is not None
    assert found.state.operation.promotion == "p"
