"""PromotionTasks and ClusterPromotionTasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules, in_turns
from towpath.admission.warnings import steps as warnings
from towpath.rules.inflation import step_alias_errors
from towpath.rules.written_patterns import step_errors
from towpath.rules.written_steps import Allowance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.errors import FieldError
    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Document


class TaskRules(KindRules):
    """Rules of tasks: the aliases of their steps."""

    def __init__(self, known_steps: Mapping[str, StepKind]) -> None:
        self._known_steps = known_steps

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with aliases, and with patterns in expressions."""
        del old
        steps, path = document["spec"].get("steps") or [], "spec.steps"
        return [*step_alias_errors(steps, path=path), *step_errors(path, steps)]

    async def warnings(self, document: Document) -> list[str]:
        """Return what Promotions that run the task would be ended for."""
        spec, allowance = document["spec"], Allowance(with_names=True)
        steps = warnings.of_steps(
            "spec.steps", spec.get("steps") or (), self._known_steps, allowance
        )
        return [
            *warnings.of_variables("spec.vars", spec.get("vars"), allowance),
            *await in_turns(steps),
        ]
