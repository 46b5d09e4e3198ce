"""Plans: what a promotion would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, described

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    ) -> ApiCall[Document]:
        """Plan a promotion; without Freight, of what the Stage would take now. Returns the plan."""
        body = {
            "stage": stage,
            "freight": freight,
            "freightAlias": alias,
            "allowReads": allow_reads,
        }
        path = paths.own(project, "plan")
        return ApiCall(method="POST", path=path, body=body, read=answers.document)

    @described
    def plan_many(self, project: str, stages: Sequence[str], freight: str) -> ApiCall[Document]:
        """Plan the promotion of Freight, by name or alias, to several Stages, as one plan: `{id, targets: [{stage, result, …}]}`."""
        body = {"stages": list(stages), "freight": freight}
        path = paths.own(project, "plan")
        return ApiCall(method="POST", path=path, body=body, read=answers.document)

    @described
    def planned(self, project: str, plan: str) -> ApiCall[Document]:
        """Return a plan, and in `outdated` what has changed since it was made."""
        path = paths.own(project, "plans", plan)
        return ApiCall(method="GET", path=path, read=answers.document)

    @described
    def planned_file(self, project: str, plan: str, file: str) -> ApiCall[Document]:
        """Return one file of a plan: `{path, added, removed, isBinary, patch, isCut}`."""
        path = paths.own(project, "plans", plan, "files", file)
        return ApiCall(method="GET", path=path, read=answers.document)

    @described
    def planned_object(self, project: str, plan: str, object_: str) -> ApiCall[Document]:
        """Return one object that a plan's rendering changes: `{apiVersion, kind, namespace, name, change, patch, isCut}`."""
        path = paths.own(project, "plans", plan, "objects", object_)
        return ApiCall(method="GET", path=path, read=answers.document)

    @described
    def promote_planned(self, project: str, plan: str) -> ApiCall[Document]:
        """Promote what was planned. Raises Conflict for a plan that is outdated. Returns the Promotion."""
        path = paths.own(project, "plans", plan, "promote")
        return ApiCall(method="POST", path=path, read=answers.document)
