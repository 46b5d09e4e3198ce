"""Who one is, what waits for one, and what is found by a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, Listing, described, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.document import Document

_VIEWS: Final = f"{paths.OWN}/me/views"


class MeCalls:
    """Calls about the caller, and about what the caller may see, as `docs/reference/asking.md` has them."""

    @described
    def me(self) -> ApiCall[Document]:
        """Return who the caller is: `{actor, user, groups, admin}`."""
        return ApiCall(method="GET", path=f"{paths.OWN}/me", read=answers.document)

    @described
    def can(self, project: str) -> ApiCall[Document]:
        """Return what the caller may do to each Stage: `{words, default, stages: {NAME: bits}}`."""
        path = f"{paths.OWN}/me/can"
        return ApiCall(method="GET", path=path, query={"project": project}, read=answers.document)

    @listed
    def inbox(self, project: str = "", limit: int | None = None) -> Listing:
        """Return what waits for the caller, `{kind, project, stage, since, …}` each; in one Project, or in all."""
        query = {"project": project or None}
        return Listing(path=f"{paths.OWN}/me/inbox", query={**query}, most=limit)

    @listed
    def views(self, limit: int | None = None) -> Listing:
        """Return the views of the web UI that the caller saved, `{name, screen, project, search, saved}` each."""
        return Listing(path=_VIEWS, most=limit)

    @described
    def save_view(
        self, name: str, screen: str, *, project: str = "", search: Mapping[str, str] | None = None
    ) -> ApiCall[Document]:
        """Save a view in the place of the former one of that name.

        `screen` is `overview`, `board` (of `project`) or `history`; `search` is what its address says, such as `{"q": "prod"}`.
        """
        body = {
            "screen": screen,
            **({"project": project} if project else {}),
            "search": dict(search or {}),
        }
        path = f"{_VIEWS}/{paths.segment(name)}"
        return ApiCall(method="PUT", path=path, body=body, read=answers.document)

    @described
    def delete_view(self, name: str) -> ApiCall[None]:
        """Delete one of the views that the caller saved."""
        path = f"{_VIEWS}/{paths.segment(name)}"
        return ApiCall(method="DELETE", path=path, read=answers.nothing)

    @described
    def search(self, text: str) -> ApiCall[Document]:
        """Return what is called so, or holds what is: `{hits: [{kind, project, name, alias, version, term}], more}`."""
        path = f"{paths.OWN}/search"
        return ApiCall(method="GET", path=path, query={"q": text}, read=answers.document)

    @listed
    def past(
        self,
        *,
        project: str = "",
        stage: str = "",
        freight: str = "",
        actor: str = "",
        kind: str = "",
        result: str = "",
        since: str = "",
        until: str = "",
        limit: int | None = None,
    ) -> Listing:
        """Return what happened, the newest first: `{at, project, stage, kind, freight, result, actor, …}` each.

        `since` and `until` are RFC 3339 or seconds since 1970.
        """
        query = {
            "project": project or None,
            "stage": stage or None,
            "freight": freight or None,
            "actor": actor or None,
            "kind": kind or None,
            "result": result or None,
            "from": since or None,
            "to": until or None,
        }
        return Listing(path=f"{paths.OWN}/history", query={**query}, most=limit)
