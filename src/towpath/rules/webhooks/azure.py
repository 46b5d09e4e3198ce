"""Deliveries of Azure: Container Registry and DevOps, told apart by who says they send.

https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference,
https://learn.microsoft.com/azure/devops/service-hooks/events.
"""

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
    of_media_type,
)
from towpath.rules.webhooks.payload import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_REGISTRY: Final = "AzureContainerRegistry"
_DEVOPS: Final = "VSServices"


def read(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery comes to. `headers`: by names in lower case."""
    agent = headers.get("user-agent", "")
    if agent.startswith(_REGISTRY):
        return _registry(payload)
    if agent.startswith(_DEVOPS):
        return _devops(payload)
    return RefusedDeed(
        event="", said=f"user agent {agent[:50]!r}: neither {_REGISTRY} nor {_DEVOPS} sent this"
    )


def _registry(payload: Any) -> Deed:
    action = text(payload, "action")
    if action == "ping":
        return IdleDeed(event=action, said="ping event received, webhook is configured correctly")
    host, repository = text(payload, "request", "host"), text(payload, "target", "repository")
    if action != "push" or not host or not repository:
        return RefusedDeed(event=action, said=f"action {action[:50]!r} is not supported")
    return PushDeed(
        event=action,
        artifact=of_media_type(text(payload, "target", "mediaType")),
        urls=(f"{host}/{repository}",),
        tags=texts([text(payload, "target", "tag")]),
    )


def _devops(payload: Any) -> Deed:
    event = text(payload, "eventType")
    repository = text(payload, "resource", "repository", "remoteUrl")
    match event:
        case "git.push":
            updates = items(payload, "resource", "refUpdates")
            return PushDeed(
                event=event,
                artifact=PushedArtifact.COMMITS,
                urls=texts([repository]),
                refs=texts(text(each, "name") for each in updates),
            )
        case "git.pullrequest.merged" | "git.pullrequest.updated":
            status = text(payload, "resource", "status")
            if event == "git.pullrequest.updated" and status != "abandoned":
                return IdleDeed(event=event, said=f"nothing to do for status {status[:50]!r}")
            place = number(payload, "resource", "pullRequestId")
            return ClosedDeed(
                event=event,
                url=f"{repository}/pullrequest/{place}",
                repositories=texts([repository]),
                number=place,
            )
    return RefusedDeed(event=event, said=f"event type {event[:50]!r} is not supported")
