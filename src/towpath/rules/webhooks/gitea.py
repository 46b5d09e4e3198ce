"""Deliveries of Gitea and Forgejo: https://docs.gitea.com/usage/webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import items, number, text
from towpath.rules.webhooks.deeds import Deed, PushDeed, PushedArtifact, RefusedDeed
from towpath.rules.webhooks.github import pull_request
from towpath.rules.webhooks.payload import changed, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT: Final = "x-gitea-event"


def read(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery comes to. `headers`: by names in lower case."""
    event = headers.get(EVENT, "")
    match event:
        case "push":
            commits = items(payload, "commits")
            is_whole = number(payload, "total_commits") == len(commits)
            return PushDeed(
                event=event,
                artifact=PushedArtifact.COMMITS,
                urls=texts([text(payload, "repository", "clone_url")]),
                refs=texts([payload.get("ref")]),
                changed=changed(commits) if is_whole else (),
                default_branch=text(payload, "repository", "default_branch"),
            )
        case "pull_request":
            return pull_request(event, payload)
    return RefusedDeed(event=event, said=f"event type {event[:50]!r} is not supported", status=501)
