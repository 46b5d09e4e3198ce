"""What Jira says is wrong: `{"errorMessages": […], "errors": {FIELD: TEXT}}`. Pure."""

from __future__ import annotations

from typing import Any, Final

from towpath.clients.trackers.asking import TrackerProblem

_MOST_SAID: Final = 5


def read(document: Any) -> TrackerProblem:
    """Return it, of whatever was answered."""
    if not isinstance(document, dict):
        return TrackerProblem()
    listed, by_field = document.get("errorMessages"), document.get("errors")
    said = [str(each) for each in listed[:_MOST_SAID]] if isinstance(listed, list) else []
    if not said and isinstance(document.get("message"), str):
        said = [document["message"]]
    fields = by_field if isinstance(by_field, dict) else {}
    return TrackerProblem("; ".join(said), {str(name): str(text) for name, text in fields.items()})
