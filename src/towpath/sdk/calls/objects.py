"""Objects of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, Listening, Query, described, streamed
from towpath.sdk.events import EventLines, ReceivedEvent, TextLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document


class ObjectCalls:
    """Calls that read, watch and delete objects."""

    @described
    def objects(
        self, plural: str, project: str, query: Query | None = None
    ) -> ApiCall[list[Document]]:
        """Return objects of a kind, named in the plural as paths have it: `stages`, `secrets`.

        `project` is empty for Projects themselves.
        """
        read = _freight if plural == "freight" else answers.items("items")
        return ApiCall(method="GET", path=paths.of(plural, project), query=query, read=read)

    @described
    def get(self, plural: str, project: str, name: str) -> ApiCall[Document]:
        """Return one object; a Freight by name or alias. `name` is empty for a kind that exists once."""
        return ApiCall(method="GET", path=paths.of(plural, project, name), read=answers.document)

    @streamed
    def watch(
        self,
        plural: str,
        project: str,
        name: str,
        *,
        remaining: Callable[[], float] | None = None,
    ) -> Listening[ReceivedEvent]:
        """Yield one object and then its changes, until the server ends the stream.

        `remaining` tells how many seconds are left. Raises Timeout when there are none.
        """
        return Listening(
            path=paths.of(plural, project, name),
            query={"watch": "true"},
            decoder=EventLines,
            remaining=remaining,
        )

    @streamed
    def run_log(
        self, project: str, run: str, metric: str = "", container: str = ""
    ) -> Listening[str]:
        """Yield what the Job of a metric of an AnalysisRun printed, as it comes; without a metric, of the first that has one."""
        return Listening(
            path=f"{paths.of('analysis-runs', project, run)}/logs",
            query={"metricName": metric or None, "containerName": container or None},
            decoder=TextLines,
        )

    @described
    def delete(self, plural: str, project: str, name: str) -> ApiCall[None]:
        """Delete one object."""
        return ApiCall(method="DELETE", path=paths.of(plural, project, name), read=answers.nothing)

    @described
    def refresh(self, plural: str, project: str, name: str) -> ApiCall[None]:
        """Have the controller look at an object now."""
        path = f"{paths.of(plural, project, name)}/refresh"
        return ApiCall(method="POST", path=path, read=answers.nothing)


def _freight(answer: Any) -> list[Document]:
    groups = answers.document(answers.document(answer).get("groups") or {})
    return [item for group in groups.values() for item in answers.items_of(group, "items")]
