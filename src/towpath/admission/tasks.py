"""PromotionTasks and ClusterPromotionTasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules
from towpath.rules.inflation import step_alias_errors

if TYPE_CHECKING:
    from towpath.errors import FieldError
    from towpath.store.contract import Document


class TaskRules(KindRules):
    """Rules of tasks: the aliases of their steps (resources.md §3)."""

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with the aliases."""
        del old
        return step_alias_errors(document["spec"].get("steps") or [], path="spec.steps")
