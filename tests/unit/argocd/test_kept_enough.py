"""What is kept of an Application is all that Stages are judged by: the rules find the same in it as in the whole."""

from __future__ import annotations

import json

from tests.support.applications import (
    ENDED,
    ONE,
    PROMOTION,
    REPOSITORY,
    TWO,
    document,
    operation,
    state,
)
from towpath.argocd.kept_fields import kept
from towpath.rules.argocd.application import read
from towpath.rules.argocd.drift import drift
from towpath.rules.argocd.health import health
from towpath.rules.argocd.source_paths import GENERATE_PATHS, paths
from towpath.rules.argocd.status_summary import summary

HELM = {"valueFiles": ["../../common.yaml", "$vals/uat.yaml"], "releaseName": "r", "values": "a: 1"}
WHOLE = document(
    metadata={"annotations": {GENERATE_PATHS: "/base", "team": "x"}, "resourceVersion": "7"},
    spec={
        "sources": [
            {"repoURL": REPOSITORY, "path": "env/uat", "targetRevision": "main", "helm": HELM},
            {"repoURL": REPOSITORY, "ref": "vals", "targetRevision": "main"},
        ]
    },
    operation=operation(None),
    status={
        **state(message="m", startedAt=ENDED, resources=[{"kind": "Pod"}]),
        "conditions": [{"type": "SyncError", "message": "m", "lastTransitionTime": ENDED}],
        "history": [{"revision": TWO, "id": 3}],
        "summary": {"images": ["r/app:1"]},
        "resources": [{"kind": "Pod", "name": f"p{number}"} for number in range(50)],
    },
)


def test_the_rules_find_the_same() -> None:
    """Health, drift, what a Stage shows, and the files that have to be the same."""
    small = kept(json.dumps(WHOLE).encode()).document
    assert len(small) < len(json.dumps(WHOLE)) / 2
    whole, part = read(WHOLE), read(json.loads(small))
    for wanted in ([ONE, ""], [TWO, ""], []):
        assert health(part, wanted) == health(whole, wanted)
    assert summary(part) == summary(whole)
    assert [paths(part, place) for place in (0, 1)] == [paths(whole, place) for place in (0, 1)]
    at_rest = {key: value for key, value in WHOLE.items() if key != "operation"}
    small = kept(json.dumps(at_rest).encode()).document
    images = {"r/app": ["2"]}
    assert drift(read(json.loads(small)), [ONE], images) == drift(read(at_rest), [ONE], images)
    assert read(json.loads(small)).state is not None
    assert PROMOTION in small.decode()
