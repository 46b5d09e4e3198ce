"""PromotionTasks and ClusterPromotionTasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules
from towpath.rules.inflation import step_alias_errors
from towpath.rules.written_patterns import step_errors

if TYPE_CHECKING:
    from towpath.errors import FieldError
    from towpath.store.contract import Document


class TaskRules(KindRules):
    """Rules of tasks: the aliases of their steps."""

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with aliases, and with patterns in expressions."""
        del old
        steps, path = document["spec"].get("steps") or [], "spec.steps"
        return [*step_alias_errors(steps, path=path), *step_errors(path, steps)]
