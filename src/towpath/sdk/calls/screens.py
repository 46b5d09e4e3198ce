"""What screens are drawn from: boards, lenses, the overview, and the stream of their changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, Listening, described, streamed
from towpath.sdk.events import ScreenEvent, ScreenLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.document import Document


class ScreenCalls:
    """Calls for compact documents, as `docs/reference/board.md` has them."""

    @described
    def board(self, project: str, at: str = "") -> ApiCall[Document]:
        """Return what is where in a Project, and what may move; `at` (RFC 3339): what was where then."""
        path = paths.own(project, "board")
        return ApiCall(method="GET", path=path, query={"at": at or None}, read=answers.document)

    @described
    def lens(self, project: str, freight: str) -> ApiCall[Document]:
        """Return what one Freight, by name or alias, means in each Stage: `{freight, stages: {NAME: [state, …]}}`."""
        path = paths.own(project, "lens")
        return ApiCall(method="GET", path=path, query={"freight": freight}, read=answers.document)

    @described
    def line(self, project: str) -> ApiCall[Document]:
        """Return how each Stage stands to a stop of the line: `{toHold, held, manual, empty, forbidden, stopped, toResume, …}`."""
        return ApiCall(method="GET", path=paths.own(project, "line"), read=answers.document)

    @described
    def overview(
        self,
        *,
        name: str = "",
        labels: str = "",
        state: str = "",
        cursor: str = "",
        limit: int = 200,
    ) -> ApiCall[Document]:
        """Return a page of all Projects that the caller may see; `cursor` is that of the page before."""
        query = {
            "q": name or None,
            "labels": labels or None,
            "state": state or None,
            "cursor": cursor or None,
            "limit": str(limit),
        }
        path = f"{paths.OWN}/overview"
        return ApiCall(method="GET", path=path, query={**query}, read=answers.document)

    @streamed
    def stream(self, topics: Sequence[str], after: int = 0) -> Listening[ScreenEvent]:
        """Yield the changes of documents: `patch`, `reset` and `beat`. `after`: the smallest `rev` of those that are known.

        To resume after an interruption give the `id` of the last event. Raises Unavailable when the connection breaks off.
        """
        query = {"topics": ",".join(topics), "after": str(after) if after else None}
        return Listening(path=f"{paths.OWN}/stream", query={**query}, decoder=ScreenLines)
