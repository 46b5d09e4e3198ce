"""How well a Stage is by an Application, beyond what every state comes to; and whether something else is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications import ONE, THREE, TWO, application, operation, state
from towpath.resources.stage import HealthState
from towpath.rules.argocd.drift import drift
from towpath.rules.argocd.health import health, missing
from towpath.rules.argocd.revision_match import Related, Relation
from towpath.rules.argocd.status_summary import summary

SOURCES = {"sources": [{"repoURL": "a"}, {"repoURL": "b"}, {"repoURL": "c"}]}


def _several(*revisions: str, **more: Any) -> dict[str, Any]:
    return {**state(), "sync": {"status": "Synced", "revisions": list(revisions)}, **more}


@pytest.mark.parametrize(
    ("desired", "observed", "state_"),
    [
        ([ONE, TWO], [ONE, TWO, THREE], HealthState.HEALTHY),
        ([ONE, TWO], [ONE, THREE, TWO], HealthState.HEALTHY),
        ([ONE, TWO], [THREE, ONE, TWO], HealthState.HEALTHY),
        ([ONE, TWO], [TWO, ONE, THREE], HealthState.UNHEALTHY),
        ([ONE, TWO], [ONE, TWO], HealthState.UNKNOWN),
        ([ONE, TWO, THREE, ""], [ONE, TWO, THREE], HealthState.UNKNOWN),
    ],
)
def test_a_source_that_was_added_is_no_reason_to_doubt(
    desired: list[str], observed: list[str], state_: HealthState
) -> None:
    """One that was taken away is, and revisions that are of another number of sources."""
    assert health(application(spec=SOURCES, status=_several(*observed)), desired).state is state_


def test_each_error_is_told() -> None:
    """One text for each."""
    conditions = [
        {"type": "ComparisonError", "message": "a"},
        {"type": "SyncError", "message": "b"},
    ]
    found = health(application(status={**state(), "conditions": conditions}), [])
    assert len(found.issues) == 2
    assert "condition SyncError: b" in found.issues[1]


def test_what_is_not_there_is_unknown() -> None:
    """With its name, and why."""
    found = missing("web", "argocd")
    assert found.state is HealthState.UNKNOWN
    assert 'Application "web" in namespace "argocd" does not exist' in found.issues[0]


def test_nothing_drifts_where_all_is_as_promoted() -> None:
    """Also where a tag stands for a digest, and a later commit has the same folders."""
    status = {
        **state(revision=TWO),
        "summary": {"images": ["docker.io/library/nginx:1.25@sha256:1", "r/x:2"]},
    }
    known = {(0, ONE, TWO): Related(Relation.SAME_TREES)}
    assert drift(application(status=status), [ONE], {"nginx": ["1.25", "sha256:1"]}, known) == []


def test_what_drifts() -> None:
    """Revision and image, each with what is there and what was promoted."""
    history = [{"revision": ONE}, {"revision": TWO}]
    status = {**state(), "history": history, "summary": {"images": ["h:5000/app:1", "other:9"]}}
    found = drift(application(status=status), [ONE], {"h:5000/app": ["2"]}) or []
    assert [(each.promoted, each.live) for each in found] == [(ONE, TWO), ("2", "1")]
    assert found[1].said == "argocd/web: image h:5000/app: 1 is there, 2 was promoted"


def test_the_cluster_may_differ_from_its_sources() -> None:
    """Somebody has changed objects by hand, and nothing heals it."""
    status = {**state(), "sync": {"status": "OutOfSync", "revision": ONE}}
    [found] = drift(application(status=status), [ONE], {}) or []
    assert "objects in the cluster" in found.said


@pytest.mark.parametrize(
    "more",
    [
        {"operation": operation()},
        {"status": state("Running", finished=None)},
        {"status": {**state(), "reconciledAt": None}},
    ],
)
def test_while_it_is_about_to_change_nothing_drifts(more: dict[str, Any]) -> None:
    """What is there now says nothing."""
    assert drift(application(**more), [TWO], {}) is None


def test_what_a_stage_keeps_of_an_application() -> None:
    """The known fields, without times that tick at every look."""
    status = {
        **state(message="done", startedAt="2026-05-01T11:59:00Z", retryCount=2),
        "conditions": [
            {"type": "SyncError", "message": "m", "lastTransitionTime": "2026-05-01T11:59:00Z"}
        ],
        "resources": [{"kind": "Pod"}],
        "history": [{"revision": ONE}],
    }
    found = summary(application(status=status))
    assert found == {
        "Namespace": "argocd",
        "Name": "web",
        "health": {"status": "Healthy"},
        "sync": {"status": "Synced", "revision": ONE},
        "conditions": [{"type": "SyncError", "message": "m"}],
        "operationState": {
            "operation": {**operation(), "retry": {}},
            "phase": "Succeeded",
            "message": "done",
            "syncResult": {"revision": ONE, "source": {"repoURL": ""}},
            "finishedAt": "2026-05-01T12:00:00Z",
        },
    }
