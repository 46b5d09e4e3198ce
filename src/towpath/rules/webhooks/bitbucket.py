"""Deliveries of Bitbucket, Cloud and Data Center: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import documents, items, number, text
from towpath.rules.webhooks.deeds import ClosedDeed, Deed, PushDeed, PushedArtifact, RefusedDeed
from towpath.rules.webhooks.payload import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT: Final = "x-event-key"
_REFS: Final = {"branch": "refs/heads/", "named_branch": "refs/heads/", "tag": "refs/tags/"}


def read(headers: Mapping[str, str], payload: Any) -> Deed:
    """Return what a delivery comes to. `headers`: by names in lower case."""
    event = headers.get(EVENT, "")
    match event:
        case "repo:push":
            return PushDeed(
                event=event,
                artifact=PushedArtifact.COMMITS,
                urls=texts([text(payload, "repository", "links", "html", "href")]),
                refs=texts(_ref(each.get("new")) for each in documents(payload, "push", "changes")),
            )
        case "repo:refs_changed":
            changes = documents(payload, "changes")
            return PushDeed(
                event=event,
                artifact=PushedArtifact.COMMITS,
                urls=_clones(payload.get("repository")),
                refs=texts(text(each, "ref", "id") for each in changes),
            )
        case "pullrequest:fulfilled" | "pullrequest:rejected":
            page = text(payload, "repository", "links", "html", "href")
            request = payload.get("pullrequest")
            return ClosedDeed(
                event=event,
                url=text(request, "links", "html", "href"),
                repositories=texts([page]),
                number=number(request, "id"),
            )
        case "pr:merged" | "pr:declined":
            request = payload.get("pullRequest")
            pages = (text(each, "href") for each in items(request, "links", "self"))
            target = request.get("toRef") if isinstance(request, dict) else None
            repository = target.get("repository") if isinstance(target, dict) else None
            return ClosedDeed(
                event=event,
                url=next(pages, ""),
                repositories=_clones(repository),
                number=number(request, "id"),
            )
    return RefusedDeed(event=event, said=f"event type {event[:50]!r} is not supported")


def _ref(new: Any) -> str:
    """Return the full name of what a change of Cloud leaves; empty where it removes something."""
    prefix, name = _REFS.get(text(new, "type"), ""), text(new, "name")
    return prefix + name if prefix and name else ""


def _clones(repository: Any) -> tuple[str, ...]:
    return texts(text(each, "href") for each in items(repository, "links", "clone"))
