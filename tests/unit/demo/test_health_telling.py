"""The demo tells how a Stage is when that changes, and again for each version."""

from __future__ import annotations

from typing import Any

from towpath.demo.health_telling import HealthTelling


def _stage(health: str, promotion: str, *issues: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "preprod"},
        "status": {
            "health": {"status": health, "issues": list(issues)},
            "lastPromotion": {"name": promotion},
        },
    }


def test_what_is_told() -> None:
    """Not what passes; once for each version; what is wrong, and where to look."""
    told: list[str] = []
    telling = HealthTelling(told.append)
    telling.tell([{"metadata": {"name": "preprod"}}, _stage("Progressing", "a")])
    assert told == []
    assert not telling.is_told("preprod")
    telling.tell([_stage("Healthy", "a")])
    telling.tell([_stage("Healthy", "a")])
    assert told == ["", "preprod is Healthy: Argo CD has brought the commit to the cluster."]
    telling.tell([_stage("Healthy", "b")])
    assert len(told) == 4
    telling.tell([_stage("Unhealthy", "b", "web is Degraded")])
    assert told[5:7] == ["preprod is Unhealthy:", "  web is Degraded"]
    assert "  towpath explain prod" in told
