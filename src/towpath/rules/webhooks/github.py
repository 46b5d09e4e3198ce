"""Deliveries of GitHub: https://docs.github.com/webhooks/webhook-events-and-payloads."""

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
from towpath.rules.webhooks.payload import changed, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT: Final = "x-github-event"
_MOST_COMMITS: Final = 2048
"""That GitHub lists of one push; of more it does not tell what they change."""
_PUBLISHED: Final = ("published", "updated")


def read(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery comes to. `headers`: by names in lower case."""
    event = headers.get(EVENT, "")
    match event:
        case "ping":
            return IdleDeed(
                event=event, said="ping event received, webhook is configured correctly"
            )
        case "push":
            return _push(event, payload)
        case "package" | "registry_package":
            return _package(event, payload)
        case "pull_request":
            return pull_request(event, payload)
    return RefusedDeed(event=event, said=f"event type {event[:50]!r} is not supported")


def _push(event: str, payload: Any) -> PushDeed:
    commits = items(payload, "commits")
    told = [*commits, payload.get("head_commit")] if len(commits) < _MOST_COMMITS else []
    return PushDeed(
        event=event,
        artifact=PushedArtifact.COMMITS,
        urls=addresses(payload),
        refs=texts([payload.get("ref")]),
        changed=changed(told) if payload.get("forced") is not True else (),
        default_branch=text(payload, "repository", "default_branch"),
    )


def addresses(payload: Any) -> tuple[str, ...]:
    """Return the URLs that a repository is cloned from; Gitea writes them alike."""
    return texts(text(payload, "repository", key) for key in ("clone_url", "ssh_url"))


def _package(event: str, payload: Any) -> Deed:
    action = text(payload, "action")
    package = payload.get(event)
    version = package.get("package_version") if isinstance(package, dict) else None
    if action not in _PUBLISHED:
        return IdleDeed(event=event, said=f"nothing to do for action {action[:50]!r}")
    if text(package, "package_type").upper() != "CONTAINER":
        return IdleDeed(event=event, said="nothing to do for a package that is not a container")
    url = text(version, "package_url").removesuffix(":")
    if not url:
        return RefusedDeed(event=event, said="the package has no version with an address")
    media_type = text(version, "container_metadata", "manifest", "config", "media_type")
    return PushDeed(
        event=event,
        artifact=of_media_type(media_type),
        urls=(url,),
        tags=texts([text(version, "container_metadata", "tag", "name")]),
    )


def pull_request(event: str, payload: Any) -> Deed:
    """Return what an event of a pull request comes to; Gitea writes it alike."""
    action = text(payload, "action")
    if action != "closed":
        return IdleDeed(event=event, said=f"nothing to do for action {action[:50]!r}")
    return ClosedDeed(
        event=event,
        url=text(payload, "pull_request", "html_url"),
        repositories=(*addresses(payload), *texts([text(payload, "repository", "html_url")])),
        number=number(payload, "pull_request", "number"),
    )
