"""Deliveries of Docker Hub, Harbor and Quay, each of a few words.

https://docs.docker.com/docker-hub/repos/manage/webhooks/, https://goharbor.io/docs/working-with-projects/project-configuration/configure-webhooks/,
https://docs.redhat.com/documentation/red_hat_quay (Repository notifications).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import items, text
from towpath.rules.webhooks.deeds import Deed, PushDeed, PushedArtifact, RefusedDeed, of_media_type
from towpath.rules.webhooks.payload import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_HARBOR_PUSH: Final = "PUSH_ARTIFACT"


def docker_hub(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery of Docker Hub comes to."""
    del headers
    name = text(payload, "repository", "repo_name")
    if not name:
        return RefusedDeed(event="", said="the delivery names no repository")
    return PushDeed(
        event="push",
        artifact=of_media_type(text(payload, "push_data", "media_type")),
        urls=(name,),
        tags=texts([text(payload, "push_data", "tag")]),
    )


def harbor(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery of Harbor, in its own format, comes to."""
    del headers
    event = text(payload, "type")
    if event != _HARBOR_PUSH:
        return RefusedDeed(event=event, said=f"event type {event[:50]!r} is not supported")
    resources = items(payload, "event_data", "resources")
    url = text(resources[0], "resource_url") if resources else ""
    if not url:
        return RefusedDeed(event=event, said="the delivery names no repository")
    return PushDeed(
        event=event,
        artifact=PushedArtifact.IMAGE_OR_CHART,
        urls=(url,),
        tags=texts(text(each, "tag") for each in resources),
    )


def quay(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery of Quay comes to; builds and scans tell of a repository without tags."""
    del headers
    url = text(payload, "docker_url")
    if not url:
        return RefusedDeed(event="", said="the delivery names no repository")
    return PushDeed(
        event="repo_push" if "updated_tags" in payload else "",
        artifact=PushedArtifact.IMAGE_OR_CHART,
        urls=(url,),
        tags=texts(items(payload, "updated_tags")),
    )
