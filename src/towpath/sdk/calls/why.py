"""Why something does not move, what was released, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, described

if TYPE_CHECKING:
    from towpath.resources.document import Document


class WhyCalls:
    """Calls that explain."""

    @described
    def explain_stage(self, project: str, stage: str, freight: str = "") -> ApiCall[Document]:
        """Return the gates between Freight and a Stage: `{stage, freight, gates, queue}`.

        Without `freight` (a name or alias) the newest of each origin; a Stage with several origins is
        answered with `{stage, explanations: […]}`.
        """
        path = paths.own(project, "stages", stage, "explain")
        query = {"freight": freight or None}
        return ApiCall(method="GET", path=path, query={**query}, read=answers.document)

    @described
    def explain_promotion(self, project: str, promotion: str) -> ApiCall[Document]:
        """Return what a Promotion waits for: `{promotion, phase, step, waitingFor, until, wokenBy}`."""
        path = paths.own(project, "promotions", promotion, "explain")
        return ApiCall(method="GET", path=path, read=answers.document)

    @described
    def explain_warehouse(self, project: str, warehouse: str) -> ApiCall[Document]:
        """Return what is known of what a Warehouse finds: `{warehouse, explainedAt, lastLook, nextLook, freight, subscriptions, …}`."""
        path = paths.own(project, "warehouses", warehouse, "explain")
        return ApiCall(method="GET", path=path, read=answers.document)

    @described
    def look_at_warehouse(
        self, project: str, warehouse: str, trial: Document | None = None
    ) -> ApiCall[Document]:
        """Have a Warehouse looked at, and return what becomes of each candidate, as `explain_warehouse` does.

        `trial`: another manifest of it, by which it is looked at; nothing of that is stored.
        """
        path = paths.own(project, "warehouses", warehouse, "explain")
        return ApiCall(method="POST", path=path, body=trial or {}, read=answers.document)

    @described
    def attached(self, project: str, freight: str, artifact_type: str = "") -> ApiCall[Document]:
        """Return what is attached to the images of Freight (a name or alias), as their registries tell it now.

        It is `{freight, alias, images: [{repoURL, tag, digest, by, error, attached: [{kind, format, created, …}], isCut}], leftOut}`.
        """
        path = paths.own(project, "freight", freight, "attached")
        query = {"artifactType": artifact_type or None}
        return ApiCall(method="GET", path=path, query={**query}, read=answers.document)

    @described
    def explain_analysis_run(self, project: str, run: str) -> ApiCall[Document]:
        """Return how far a run is: `{analysisRun, phase, message, metrics: [{name, phase, taken, wanted, nextAt, …}], waitingFor}`."""
        path = paths.own(project, "analysis-runs", run, "explain")
        return ApiCall(method="GET", path=path, read=answers.document)

    @described
    def explain_credentials(self, project: str, url: str, type_: str) -> ApiCall[Document]:
        """Return which Secret serves a repository: `{url, type, comparedAs, serves, secrets: [{namespace, name, serves, reason}]}`."""
        path = paths.own(project, "credentials", "explain")
        query = {"url": url, "type": type_}
        return ApiCall(method="GET", path=path, query={**query}, read=answers.document)

    @described
    def compare(self, project: str, before: str, after: str, notes: str = "") -> ApiCall[Document]:
        """Return what was released: `{from, to, artifacts: [{kind, name, change, before, after, commits, …, unknown}], leftOut}`.

        Each of the two is Freight, by name or alias, or a Stage. `notes`: `text` or `markdown`, for the same in words.
        """
        path = paths.own(project, "compare")
        query = {"from": before, "to": after, "format": notes or None}
        return ApiCall(method="GET", path=path, query={**query}, read=answers.document)

    @described
    def log(self, project: str, name: str, of: str = "promotions") -> ApiCall[Document]:
        """Return what the steps of a Promotion said, or (`of` hookruns) of the run of a hook.

        It is `{lines: [{time, step, status, message}], done}`.
        """
        return ApiCall(
            method="GET", path=paths.own(project, of, name, "log"), read=answers.document
        )

    @described
    def history(
        self, project: str, stage: str, at: str = "", of: str = "freight"
    ) -> ApiCall[list[Document]]:
        """Return what was in a Stage, or what was there at a moment (RFC 3339); the Stage may have been deleted.

        Items are `{origin, freight, since, until, promotion, reference}`; of `approvals` `{freight, actor, reason,
        since, until, endedBy}`, of `verifications` `{id, freight, phase, message, actor, started, finished}`.
        """
        path = paths.own(project, "stages", stage, "history")
        query = {"at": at or None, "of": None if of == "freight" else of}
        return ApiCall(method="GET", path=path, query={**query}, read=answers.items("items"))

    @described
    def debt(self, project: str, stage: str = "", *, owed: bool = False) -> ApiCall[Document]:
        """Return what became of the verification of Freight: `{items: [{stage, freight, verdict, reason, owed, …}], since}`.

        `owed`: only what passed without the verdict that it should have. `since`: before it nothing is told.
        """
        query = {"stage": stage or None, "owed": "true" if owed else None}
        path = paths.own(project, "debt")
        return ApiCall(method="GET", path=path, query={**query}, read=answers.document)
