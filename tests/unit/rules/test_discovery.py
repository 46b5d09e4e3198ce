"""What a discovery amounts to: enough for Freight or not, and the conditions that say so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deciding import NOW
from towpath.resources import moments
from towpath.resources.meta import Condition, condition
from towpath.resources.structs import view
from towpath.resources.warehouse import DiscoveredArtifacts
from towpath.rules import discovery
from towpath.rules.discovery import Conditions, shortfall

GIT = {"repoURL": "https://git.example/a", "commits": [{"id": "1"}]}
IMAGE = {"repoURL": "r.example/a", "references": [{"tag": "1", "digest": "sha256:0"}]}
CHART = {"repoURL": "https://c.example", "name": "web", "versions": ["1.0.0"]}
OTHER = {"name": "x", "artifactReferences": [{"artifactType": "t", "version": "1"}]}


@pytest.mark.parametrize(
    ("found", "healthy", "named"),
    [
        ({}, "MissingArtifacts", "no subscription"),
        ({"git": [{**GIT, "commits": []}]}, "NoCommitsDiscovered", "https://git.example/a"),
        ({"images": [{**IMAGE, "references": []}]}, "NoImageReferencesDiscovered", "r.example/a"),
        ({"charts": [{**CHART, "versions": []}]}, "NoChartVersionsDiscovered", "web"),
        ({"results": [{**OTHER, "artifactReferences": []}]}, "NoArtifactsDiscovered", "x"),
        ({"git": [GIT], "images": [IMAGE, {**IMAGE, "references": []}]},
         "NoImageReferencesDiscovered", "r.example/a"),
    ],
)  # fmt: skip
def test_one_subscription_without_anything_is_too_little(
    found: dict[str, Any], healthy: str, named: str
) -> None:
    """The reason names the kind, the message the subscription."""
    lacking = shortfall(view(DiscoveredArtifacts, found))
    assert lacking is not None
    assert lacking.healthy == healthy
    assert lacking.ready.startswith("Missing")
    assert named in lacking.message


def test_one_of_each_is_enough() -> None:
    """Of every subscription that looked."""
    whole = {"git": [GIT], "images": [IMAGE], "charts": [CHART], "results": [OTHER]}
    assert shortfall(view(DiscoveredArtifacts, whole)) is None
    assert shortfall(view(DiscoveredArtifacts, {"images": [IMAGE]})) is None


def test_conditions_are_replaced_kept_and_dropped() -> None:
    """The time of a change is that of its status; a failure says whether it is tried again."""
    at = moments.whole_seconds(NOW)
    before = Condition(
        type="Ready",
        status="True",
        reason="x",
        message="",
        last_transition_time="2026-01-01T00:00:00Z",
        observed_generation=1,
    )
    conditions = Conditions([before], at=at, generation=4)
    conditions.put("Ready", "True", "y", "said")
    ready = condition(conditions.all, "Ready")
    assert ready is not None
    assert (ready.reason, ready.observed_generation) == ("y", 4)
    assert ready.last_transition_time == "2026-01-01T00:00:00Z"
    conditions.failed("H", "R", "why", again=True)
    ready = condition(conditions.all, "Ready")
    assert ready is not None
    assert (ready.status, ready.reason, ready.last_transition_time) == ("False", "R", at)
    for type_, status in ((discovery.HEALTHY, "False"), (discovery.RECONCILING, "True")):
        found = condition(conditions.all, type_)
        assert found is not None
        assert (found.status, found.message) == (status, "why")
    conditions.failed("H", "R", "why", again=False)
    assert condition(conditions.all, discovery.RECONCILING) is None
    conditions.drop("Ready", discovery.HEALTHY)
    assert conditions.all == []
