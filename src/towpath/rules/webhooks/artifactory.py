"""Deliveries of JFrog Artifactory: https://jfrog.com/help/r/jfrog-platform-administration-documentation/webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import text
from towpath.rules.webhooks.deeds import Deed, PushDeed, PushedArtifact, RefusedDeed
from towpath.rules.webhooks.payload import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES: Final = ("docker", "oci")
_OF_TAG: Final = 2
"""Parts of a path that follow the name: the tag, and the manifest's file."""


def read(headers: Mapping[str, str], payload: Any, *, virtual_repository: str = "") -> Deed:
    """Return what a delivery comes to. `virtual_repository`: its name, where subscriptions name that."""
    del headers
    event = text(payload, "event_type")
    data = payload.get("data")
    kind = text(data, "image_type")
    if text(payload, "domain") != "docker" or event != "pushed":
        return RefusedDeed(
            event=event, said="only pushes of the domain docker are supported", status=501
        )
    if kind not in _TYPES:
        return RefusedDeed(
            event=event, said=f"image type {kind[:50]!r} is not supported", status=501
        )
    parts = text(data, "path").split("/")
    host = text(payload, "jpd_origin").partition("://")[2].rstrip("/")
    key = virtual_repository or text(data, "repo_key")
    if len(parts) <= _OF_TAG or not host or not key:
        return RefusedDeed(event=event, said="the delivery names no image: its path is too short")
    return PushDeed(
        event=event,
        artifact=PushedArtifact.IMAGE if kind == "docker" else PushedArtifact.IMAGE_OR_CHART,
        urls=("/".join((host, key, *parts[:-_OF_TAG])),),
        tags=texts([text(data, "tag")]),
    )
