"""Receivers of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, Listing, described, listed

if TYPE_CHECKING:
    from towpath.resources.document import Document


def _path(project: str, *parts: str) -> str:
    """Return a path about the receivers of a Project; empty: about those of the ClusterConfig."""
    if project:
        return paths.own(project, "webhooks", *parts)
    return "/".join((paths.OWN, "webhooks", *map(paths.segment, parts)))


class WebhookCalls:
    """Calls about receivers. `project` is empty for those of the ClusterConfig."""

    @listed
    def webhooks(self, project: str, limit: int | None = None) -> Listing:
        """Return the receivers: `{name, type, url, problem, last, lastStatus, taken, refused, usualSeconds, silentSeconds, warning}`."""
        return Listing(path=_path(project), most=limit)

    @listed
    def webhook_receipts(self, project: str, receiver: str, limit: int | None = None) -> Listing:
        """Return what came to a receiver, the newest first: `{time, from, event, about, woken, passed, status, said, …}`."""
        return Listing(path=_path(project, receiver, "receipts"), most=limit)

    @described
    def try_webhook(
        self, project: str, receiver: str, headers: dict[str, str], body: str
    ) -> ApiCall[Document]:
        """Return what would come of a delivery: `{receipt, answer}`. Nobody is woken."""
        return ApiCall(
            method="POST",
            path=_path(project, receiver, "test"),
            body={"headers": headers, "body": body},
            read=answers.document,
            repeatable=True,
        )
