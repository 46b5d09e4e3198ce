"""Deliveries of GitLab: https://docs.gitlab.com/user/project/integrations/webhook_events/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import items, number, text
from towpath.rules.webhooks.deeds import (
    ClosedDeed,
    Deed,
    IdleDeed,
    PushDeed,
    PushedArtifact,
    RefusedDeed,
)
from towpath.rules.webhooks.payload import changed, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT: Final = "x-gitlab-event"
_ENDS: Final = ("close", "merge")


def read(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery comes to. `headers`: by names in lower case."""
    event = headers.get(EVENT, "")
    match event:
        case "Push Hook":
            commits = items(payload, "commits")
            is_whole = number(payload, "total_commits_count") == len(commits)
            return _pushed(event, payload, changed(commits) if is_whole else ())
        case "Tag Push Hook":
            return _pushed(event, payload, ())
        case "Merge Request Hook":
            action = text(payload, "object_attributes", "action")
            if action not in _ENDS:
                return IdleDeed(event=event, said=f"nothing to do for action {action[:50]!r}")
            return ClosedDeed(
                event=event,
                url=text(payload, "object_attributes", "url"),
                repositories=(*_addresses(payload), *texts([text(payload, "project", "web_url")])),
                number=number(payload, "object_attributes", "iid"),
            )
    return RefusedDeed(event=event, said=f"event type {event[:50]!r} is not supported")


def _pushed(event: str, payload: Any, files: tuple[str, ...]) -> PushDeed:
    return PushDeed(
        event=event,
        artifact=PushedArtifact.COMMITS,
        urls=_addresses(payload),
        refs=texts([payload.get("ref")]),
        changed=files,
        default_branch=text(payload, "project", "default_branch"),
    )


def _addresses(payload: Any) -> tuple[str, ...]:
    places = (
        ("repository", "git_http_url"),
        ("repository", "git_ssh_url"),
        ("project", "git_http_url"),
        ("project", "git_ssh_url"),
    )
    return texts(text(payload, *place) for place in places)
