"""StageHooks, and the runs that come of them (docs/reference/kinds/stagehook.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.admission import quotas
from towpath.admission.kind_rules import KindRules, annotations_of, in_turns
from towpath.admission.requester import asked
from towpath.admission.warnings import steps as warnings
from towpath.admission.warnings.surroundings import Surroundings
from towpath.errors import FieldError, Forbidden
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, requested
from towpath.resources.meta import Resource
from towpath.resources.stage_hook import StageHook
from towpath.resources.structs import view
from towpath.rules import hook_conditions
from towpath.rules.inflation import step_alias_errors
from towpath.rules.label_selectors import selector_errors
from towpath.rules.named_selectors import selects
from towpath.rules.written_patterns import step_errors
from towpath.rules.written_steps import Allowance, Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.resources.meta import NamedSelector
    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Document, Store, Stored

_STEPS: Final = "spec.steps"


class StageHookRules(KindRules):
    """Rules of StageHooks: as of the steps of a Stage, and the condition."""

    def __init__(
        self, store: Store, authorizer: Authorizer, known_steps: Mapping[str, StepKind]
    ) -> None:
        self._store = store
        self._authorizer = authorizer
        self._known_steps = known_steps

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with the selector, the condition and the steps."""
        if old is None:
            await quotas.refuse_more(self._store, scheme.STAGE_HOOK, document)
        spec = document["spec"]
        found = selector_errors(spec.get("stageSelector") or {}, "spec.stageSelector")
        wrong = hook_conditions.problem(str(spec.get("when") or ""))
        if wrong:
            found.append(FieldError("spec.when", "FieldValueInvalid", f"Invalid value: {wrong}"))
        steps = spec.get("steps") or []
        found += step_alias_errors(steps, path=_STEPS)
        found += step_errors(_STEPS, steps)
        for number, step in enumerate(steps):
            if bool(step.get("uses")) == bool(step.get("task")):
                said = "Invalid value: exactly one of uses and task says what the step does"
                found.append(FieldError(f"{_STEPS}[{number}]", "FieldValueInvalid", said))
            found += [
                FieldError(
                    f"{_STEPS}[{number}].{field}",
                    "FieldValueForbidden",
                    f"Forbidden: a step that runs a task has no {field}; put it on the task's steps",
                )
                for field in ("if", "config")
                if "task" in step and field in step
            ]
        return found

    async def warnings(self, document: Document) -> list[str]:
        """Return what its runs would be ended for."""
        spec, allowance = document["spec"], Allowance(with_names=True)
        variables = spec.get("vars") or ()
        steps = warnings.of_steps(
            _STEPS, spec.get("steps") or (), self._known_steps, allowance, variables
        )
        names = Names(outputs=(), variables=())
        return [
            *warnings.of_variables("spec.vars", variables, allowance, names),
            *await in_turns(steps),
        ]

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return tasks that are not there, and that no Stage is selected."""
        spec = document["spec"]
        around = Surroundings(
            self._store, self._authorizer, requester, document["metadata"]["namespace"]
        )
        named: dict[str, list[str]] = {}
        for step in spec.get("steps") or ():
            if step.get("task"):
                kind, name = warnings.named_task(step["task"])
                named.setdefault(kind, []).append(name)
        there = {
            kind.name: await around.known(kind, named[kind.name])
            for kind in (scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK)
            if kind.name in named
        }
        said = await in_turns(
            warnings.of_tasks(_STEPS, spec.get("steps") or (), list(spec.get("vars") or ()), there)
        )
        wanted = view(StageHook, document).spec.stage_selector
        selected = await around.each(scheme.STAGE, lambda stage: _is_selected(wanted, stage))
        if selected is not None and not any(selected):
            said.append("spec.stageSelector: it selects none of the Stages that there are")
        return said


class HookRunRules(KindRules):
    """Rules of HookRuns: they are made when something happens, and what they run is fixed."""

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Note who asks for a run to be ended. Raises Forbidden for who wants to make one."""
        if old is None and not requester.is_controller:
            raise Forbidden(
                f"{scheme.HOOK_RUN.resource} is forbidden: HookRuns are made when something happens; to have steps run, "
                "write a StageHook"
            )
        found = annotations_of(document)
        before: dict[str, Any] = ((old or {}).get("metadata") or {}).get("annotations") or {}
        value = found.get(ABORT)
        if isinstance(value, str) and value and value != before.get(ABORT):
            found[ABORT] = asked(requested(value, "action"), requester)
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with an update: what is run is fixed."""
        if old is None or document.get("spec") == old.get("spec"):
            return []
        return [FieldError("spec", "FieldValueInvalid", "Invalid value: a HookRun's spec is fixed")]


def _is_selected(wanted: NamedSelector, stage: Stored) -> bool:
    found = stage.view(Resource).metadata
    return selects(wanted, found.name, found.labels)
