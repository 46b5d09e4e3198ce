"""Steps of a Stage as its Promotion takes them: aliases given, tasks replaced by their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.errors import FieldError, Invalid
from towpath.resources import sizes
from towpath.resources.copying import copied
from towpath.resources.validation.counts import MOST_STEP_VALUES, MOST_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Document = dict[str, Any]
    Tasks = Callable[[str, str], Mapping[str, Any] | None]

TASK_SEPARATOR: Final = "::"
_RESERVED: Final = patterns.compile(r"^(step|task)-[0-9]+$")
_STEPS: Final = "spec.promotionTemplate.spec.steps"
_MOST_TOLD: Final = 100
"""Faults of one kind."""
_LONGEST_NAME: Final = 253
_IN_VAIN: Final = "the Stage cannot be promoted to"


def alias_of(step: Mapping[str, Any], index: int) -> str:
    """Return the alias of a step of a Promotion, by its place from 0."""
    return str(step.get("as") or f"step-{index + 1}")


def inflate(
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    tasks: Tasks,
    *,
    path: str = _STEPS,
) -> list[Document]:
    """Return the steps of a Promotion, from those of its Stage's template, which stand at a path.

    `variables`: the Promotion's. `tasks` finds a task by kind (empty: PromotionTask) and name. Variables of a task's
    step are, later ones winning: the task's defaults, the template step's, the inner step's own. Raises Invalid for a
    task that is not there, an input without a value, and more than a Promotion may hold.
    """
    wrong = faults(steps, variables, tasks, path=path)
    if wrong:
        raise Invalid.of("Promotion.kargo.akuity.io", "", wrong)
    given = _given(variables)
    made: list[Document] = []
    for number, step in enumerate(steps):
        task = _task(step, tasks)
        if task is None:
            made.append({**copied(dict(step)), "as": step.get("as") or f"step-{number + 1}"})
            continue
        alias = step.get("as") or f"task-{number + 1}"
        shared = [*_shared(task, given), *(step.get("vars") or ())]
        for place, inner in enumerate(task["spec"]["steps"]):
            one = copied(dict(inner))
            one["as"] = f"{alias}{TASK_SEPARATOR}{inner.get('as') or f'step-{place + 1}'}"
            joined = copied([*shared, *(inner.get("vars") or ())])
            one.pop("vars", None)
            if joined:
                one["vars"] = joined
            made.append(one)
    return made


def faults(
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    tasks: Tasks,
    *,
    path: str = _STEPS,
) -> list[FieldError]:
    """Return why no Promotion can be made of steps; parameters as of `inflate`. Outlines of tasks will do."""
    wrong = input_errors(steps, variables, tasks, path=path)
    return wrong or size_errors(steps, variables, tasks, path=path)


def input_errors(
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    tasks: Tasks,
    *,
    path: str = _STEPS,
) -> list[FieldError]:
    """Return which tasks are not there, and which of their inputs have no value: the first, should they be very many.

    A few steps of a task with many inputs are tens of thousands.
    """
    given = _given(variables)
    wrong: list[FieldError] = []
    for number, step in enumerate(steps):
        if len(wrong) >= _MOST_TOLD:
            return wrong[:_MOST_TOLD]
        where = f"{path}[{number}]"
        reference = step.get("task")
        if not reference:
            continue
        kind, name = _named(reference)
        task = tasks(kind, name)
        if task is None:
            wrong.append(
                FieldError(
                    f"{where}.task.name",
                    "FieldValueNotFound",
                    f'Not found: "{name}": there is no {kind} of that name; '
                    f"{_IN_VAIN if path == _STEPS else 'nothing can be run'} until there is one",
                )
            )
            continue
        defaults, outer = list(task["spec"].get("vars") or ()), list(step.get("vars") or ())
        wrong += _missing(defaults, given, outer, f"{where}.vars", f"{kind} {name}")
    return wrong[:_MOST_TOLD]


def size_errors(
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    tasks: Tasks,
    *,
    path: str = _STEPS,
) -> list[FieldError]:
    """Return that a Promotion would hold more steps, or more in them, than one may; tasks that are not there count nothing.

    It is counted before anything is copied, and no further than the bound: a few steps that run large tasks would
    otherwise become millions of values.
    """
    given = _given(variables)
    count = held = 0
    for step in steps:
        task = _task(step, tasks)
        if task is None:
            count, held = count + 1, held + _values(step)
        else:
            inner = task["spec"]["steps"]
            shared = _values(_shared(task, given)) + _values(step.get("vars"))
            count, held = count + len(inner), held + shared * len(inner)
            for each in inner:
                if held > MOST_STEP_VALUES:
                    break
                held += _values(each)
        if count > MOST_STEPS or held > MOST_STEP_VALUES:
            break
    if count > MOST_STEPS:
        what, most = "steps", MOST_STEPS
    elif held > MOST_STEP_VALUES:
        what, most = "values in its steps", MOST_STEP_VALUES
    else:
        return []
    return [
        FieldError(
            path,
            "FieldValueTooMany",
            f"Too many: with the steps of its tasks put in, a Promotion would have more than {most:,} {what}; let the "
            "Stage, or its tasks, have fewer",
        )
    ]


@dataclass(frozen=True, slots=True)
class OutlinedStep:
    """A step of a task of which only the size is known."""

    values: int


def outline(task: Mapping[str, Any]) -> Document:
    """Return of a task what says whether Promotions can be made of it: small, however large the task is.

    A variable with an endless name is left out: what is asked for may be missed, nothing is asked for in vain.
    """
    spec = task.get("spec") or {}
    variables = [
        {
            **dict.fromkeys(each, ""),
            "name": each["name"],
            "value": "set" if each.get("value") else "",
        }
        for each in spec.get("vars") or ()
        if len(each["name"]) <= _LONGEST_NAME
    ]
    return {
        "spec": {
            "vars": variables,
            "steps": [OutlinedStep(_values(each)) for each in spec.get("steps") or ()],
        }
    }


def _values(value: Any) -> int:
    if isinstance(value, OutlinedStep):
        return value.values
    return sizes.values(value, MOST_STEP_VALUES)


def _named(reference: Mapping[str, Any]) -> tuple[str, str]:
    return reference.get("kind") or "PromotionTask", reference["name"]


def _task(step: Mapping[str, Any], tasks: Tasks) -> Mapping[str, Any] | None:
    reference = step.get("task")
    return tasks(*_named(reference)) if reference else None


def _given(variables: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names of the Promotion's variables that have a value: they stand before a task's defaults."""
    return {str(each["name"]) for each in variables if each.get("value")}


def _shared(task: Mapping[str, Any], given: set[str]) -> list[Mapping[str, Any]]:
    """Return the defaults of a task that each of its steps gets."""
    found = task["spec"].get("vars") or ()
    return [each for each in found if each.get("value") and each["name"] not in given]


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
