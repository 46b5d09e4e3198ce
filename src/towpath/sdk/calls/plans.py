"""Plans: what a promotion would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers, paths
from towpath.sdk.call import Call, described

if TYPE_CHECKING:
    from towpath.resources.document import Document


class PlanCalls:
    """Calls about plans."""

    @described
    def plan(
        self,
        project: str,
        stage: str,
        *,
        freight: str = "",
        alias: str = "",
        allow_reads: bool = False,
    ) -> Call[Document]:
        """Plan a promotion; without Freight, of what the Stage would take now. Returns the plan."""
        body = {
            "stage": stage,
            "freight": freight,
            "freightAlias": alias,
            "allowReads": allow_reads,
        }
        path = paths.own(project, "plan")
        return Call(method="POST", path=path, body=body, read=answers.document)

    @described
    def planned(self, project: str, plan: str) -> Call[Document]:
        """Return a plan, and in `outdated` what has changed since it was made."""
        path = paths.own(project, "plans", plan)
        return Call(method="GET", path=path, read=answers.document)

    @described
    def planned_file(self, project: str, plan: str, file: str) -> Call[Document]:
        """Return one file of a plan: `{path, added, removed, isBinary, patch, isCut}`."""
        path = paths.own(project, "plans", plan, "files", file)
        return Call(method="GET", path=path, read=answers.document)

    @described
    def planned_object(self, project: str, plan: str, object_: str) -> Call[Document]:
        """Return one object that a plan's rendering changes: `{apiVersion, kind, namespace, name, change, patch, isCut}`."""
        path = paths.own(project, "plans", plan, "objects", object_)
        return Call(method="GET", path=path, read=answers.document)

    @described
    def promote_planned(self, project: str, plan: str) -> Call[Document]:
        """Promote what was planned. Raises Conflict for a plan that is outdated. Returns the Promotion."""
        path = paths.own(project, "plans", plan, "promote")
        return Call(method="POST", path=path, read=answers.document)
