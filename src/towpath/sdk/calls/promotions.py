"""Promotions, Freight and verifications: what moves releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.sdk import answers, paths
from towpath.sdk.call import ApiCall, described

if TYPE_CHECKING:
    from towpath.resources.document import Document


@dataclass(frozen=True, slots=True)
class DownstreamPromotions:
    """Promotions that were made downstream of a Stage."""

    promotions: list[Document]
    error: str
    """Why not every downstream Stage got one; empty if each did."""


class PromotionCalls:
    """Calls that move releases, one at a time, as Kargo's API has them; see `moves` for many."""

    @described
    def promote(
        self, project: str, stage: str, *, freight: str = "", alias: str = "", origin: str = ""
    ) -> ApiCall[Document]:
        """Promote to a Stage one of: Freight by name, Freight by alias, the newest of an origin.

        `origin` reads `Warehouse/NAME`. Returns the Promotion.
        """
        body = {"freight": freight, "freightAlias": alias, "origin": origin}
        path = f"{paths.of('stages', project, stage)}/promotions"
        return ApiCall(method="POST", path=path, body=body, read=answers.document)

    @described
    def promote_downstream(
        self, project: str, stage: str, *, freight: str = "", alias: str = ""
    ) -> ApiCall[DownstreamPromotions]:
        """Promote Freight to every Stage right after a Stage."""
        body = {"freight": freight, "freightAlias": alias}
        path = f"{paths.of('stages', project, stage)}/promotions/downstream"
        return ApiCall(method="POST", path=path, body=body, read=_downstream)

    @described
    def retry(self, project: str, promotion: str, from_step: str = "") -> ApiCall[Document]:
        """Try a Promotion again, from a step on or where it failed; return the new one."""
        path = paths.own(project, "promotions", promotion, "retry")
        return ApiCall(
            method="POST", path=path, body={"fromStep": from_step}, read=answers.document
        )

    @described
    def abort(self, project: str, promotion: str) -> ApiCall[None]:
        """Ask for the end of a Promotion; nothing happens to one that has ended."""
        path = f"{paths.of('promotions', project, promotion)}/abort"
        return ApiCall(method="POST", path=path, read=answers.nothing)

    @described
    def approve(self, project: str, freight: str, stage: str) -> ApiCall[None]:
        """Approve Freight, by name or alias, for a Stage."""
        path = f"{paths.of('freight', project, freight)}/approve"
        return ApiCall(method="POST", path=path, query={"stage": stage}, read=answers.nothing)

    @described
    def rename(self, project: str, freight: str, alias: str) -> ApiCall[None]:
        """Give Freight, by name or alias, another alias."""
        path = f"{paths.of('freight', project, freight)}/alias"
        return ApiCall(method="PATCH", path=path, query={"newAlias": alias}, read=answers.nothing)

    @described
    def verify(self, project: str, stage: str) -> ApiCall[None]:
        """Have what is in a Stage verified again."""
        path = f"{paths.of('stages', project, stage)}/verification"
        return ApiCall(method="POST", path=path, read=answers.nothing)

    @described
    def abort_verification(self, project: str, stage: str) -> ApiCall[None]:
        """Give up the verification of what is in a Stage."""
        path = f"{paths.of('stages', project, stage)}/verification/abort"
        return ApiCall(method="POST", path=path, read=answers.nothing)


def _downstream(answer: Any) -> DownstreamPromotions:
    found = answers.document(answer)
    return DownstreamPromotions(
        answers.items_of(found, "promotions"), str(found.get("errors") or "")
    )
