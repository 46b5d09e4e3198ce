"""What ServiceNow says is wrong: `{"error": {"message", "detail"}, "status": "failure"}`. Pure."""

from __future__ import annotations

from typing import Any

from towpath.clients.trackers.asking import TrackerProblem


def read(document: Any) -> TrackerProblem:
    """Return it, of whatever was answered."""
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, str):
        return TrackerProblem(error)
    if not isinstance(error, dict):
        return TrackerProblem()
    said = [str(error[name]) for name in ("message", "detail") if error.get(name)]
    return TrackerProblem(": ".join(said))
