"""Steps of a Stage as its Promotion takes them: aliases given, tasks replaced by their steps."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.errors import FieldError, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Document = dict[str, Any]

TASK_SEPARATOR: Final = "::"
_RESERVED: Final = patterns.compile(r"^(step|task)-[0-9]+$")
_STEPS: Final = "spec.promotionTemplate.spec.steps"


def inflate(
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    tasks: Callable[[str, str], Mapping[str, Any] | None],
) -> list[Document]:
    """Return the steps of a Promotion, from those of its Stage's template.

    `variables`: the Promotion's. `tasks` finds a task by kind (empty: PromotionTask) and name. Variables of a task's
    step are, later ones winning: the task's defaults, the template step's, the inner step's own. Raises Invalid for a
    task that is not there, an input without a value, and aliases that clash.
    """
    given = {str(each["name"]) for each in variables if each.get("value")}
    made: list[Document] = []
    wrong: list[FieldError] = []
    for number, step in enumerate(steps):
        path = f"{_STEPS}[{number}]"
        reference = step.get("task")
        if not reference:
            made.append({**copy.deepcopy(dict(step)), "as": step.get("as") or f"step-{number + 1}"})
            continue
        kind, name = reference.get("kind") or "PromotionTask", reference["name"]
        task = tasks(kind, name)
        if task is None:
            wrong.append(
                FieldError(
                    f"{path}.task.name",
                    "FieldValueNotFound",
                    f'Not found: "{name}": there is no {kind} of that name; the Stage cannot be promoted to '
                    "until there is one",
                )
            )
            continue
        alias = step.get("as") or f"task-{number + 1}"
        outer = list(step.get("vars") or ())
        defaults = list(task["spec"].get("vars") or ())
        wrong += _missing(defaults, given, outer, f"{path}.vars", f"{kind} {name}")
        shared = [each for each in defaults if each.get("value") and each["name"] not in given]
        for place, inner in enumerate(task["spec"]["steps"]):
            one = copy.deepcopy(dict(inner))
            one["as"] = f"{alias}{TASK_SEPARATOR}{inner.get('as') or f'step-{place + 1}'}"
            joined = copy.deepcopy([*shared, *outer, *(inner.get("vars") or ())])
            one.pop("vars", None)
            if joined:
                one["vars"] = joined
            made.append(one)
    if wrong:
        raise Invalid.of("Promotion.kargo.akuity.io", "", wrong)
    return made


def _missing(
    defaults: Sequence[Mapping[str, Any]],
    given: set[str],
    outer: Sequence[Mapping[str, Any]],
    path: str,
    task: str,
) -> list[FieldError]:
    here = {str(each["name"]) for each in outer if each.get("value")}
    return [
        FieldError(
            path,
            "FieldValueRequired",
            f'Required value: missing value for variable "{each["name"]}": it is an input of {task} without a '
            "default; give it in the step's vars",
        )
        for each in defaults
        if not each.get("value") and each["name"] not in given | here
    ]


def step_alias_errors(steps: Sequence[Mapping[str, Any]], *, path: str) -> list[FieldError]:
    """Return what is wrong with the aliases of steps: reserved forms, and two of one name."""
    found: list[FieldError] = []
    seen: dict[str, int] = {}
    for number, step in enumerate(steps):
        alias = step.get("as") or ""
        if not alias:
            continue
        where = f"{path}[{number}].as"
        if _RESERVED.search(alias):
            found.append(
                FieldError(
                    where,
                    "FieldValueInvalid",
                    f'Invalid value: "{alias}": step-N and task-N are names of steps that have none of their own',
                )
            )
        elif alias in seen:
            found.append(
                FieldError(
                    where,
                    "FieldValueInvalid",
                    f'Invalid value: "{alias}": {path}[{seen[alias]}] has this alias already',
                )
            )
        seen.setdefault(alias, number)
    return found
