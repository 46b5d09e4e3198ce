"""Warnings about steps and expressions: what a Promotion would be ended for before it begins, and names nobody knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from towpath import expressions
from towpath.expressions import ExpressionError
from towpath.rules.inflation import input_errors, size_errors
from towpath.rules.written_steps import (
    Allowance,
    Names,
    expression_problem,
    step_problems,
    variable_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.admission.warnings.known import KnownObjects
    from towpath.rules.written_steps import StepKind

TASK: Final = "PromotionTask"
_LONGEST: Final = 16 << 10


def of_steps(
    path: str,
    steps: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, StepKind],
    allowance: Allowance,
    variables: Sequence[Mapping[str, Any]] | None = None,
) -> Iterator[list[str]]:
    """Yield what is wrong with each step; those that run a task are the task's own affair, but for their variables.

    `variables`: of the Promotion; None for the steps of a task, which do not know whose Promotion they are in.
    """
    aliases = [
        str(step.get("as") or f"{'task' if step.get('task') else 'step'}-{number + 1}")
        for number, step in enumerate(steps)
    ]
    for number, step in enumerate(steps):
        where = f"{path}[{number}]"
        before, own, later = aliases[:number], aliases[number], aliases[number + 1 :]
        if variables is None:
            names = Names(inner=before, own=own, later=later)
        else:
            names = Names(outputs=before, own=own, later=later, variables=())
            names = names.with_variables(variables)
        if step.get("task"):
            of_task = replace(names, variables=None)  # its defaults are variables as well
            yield of_variables(f"{where}.vars", step.get("vars"), allowance, of_task)
            continue
        yield [
            f"{where}.{each.field}: {each.said}{'; Promotions will end in an error' if each.is_certain else ''}"
            for each in step_problems(number, step, kinds, allowance, names)
        ]


def of_variables(
    path: str,
    variables: Sequence[Mapping[str, Any]] | None,
    allowance: Allowance,
    names: Names | None = None,
) -> list[str]:
    """Return what is wrong with the texts of variables, or of arguments; `names`: what the first can read from."""
    return [
        f"{path}[{place}].value: {said}"
        for place, said in variable_problems(variables, allowance, names)
    ]


def named_task(reference: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind and the name of the task that a step runs."""
    return reference.get("kind") or TASK, str(reference.get("name") or "")


def of_tasks(
    path: str,
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    there: Mapping[str, KnownObjects | None],
) -> Iterator[list[str]]:
    """Yield, step by step, what a Promotion with these would be refused for, of tasks that may be looked up (`there`, by kind)."""

    def find(kind: str, name: str) -> Mapping[str, Any] | None:
        known = there.get(kind)
        return None if known is None else known.found.get(name)

    for number, step in enumerate(steps):
        reference = step.get("task")
        if not reference:
            continue
        kind, name = named_task(reference)
        known = there.get(kind)
        if known is None or name not in known.wanted:
            continue
        more = f"; {known.instead(name)}" if known.lacks(name) else ""
        yield [
            f"{cause.path.replace('steps[0]', f'steps[{number}]', 1)}: {cause.detail}{more}"
            for cause in input_errors([step], variables, find, path=path)
        ]
    too_many = size_errors(steps, variables, find, path=path)
    yield [f"{cause.path}: {cause.detail}" for cause in too_many]


def of_expression(path: str, source: Any, types: Mapping[str, Any] | None = None) -> list[str]:
    """Return what is wrong with a text that is an expression as a whole."""
    if not isinstance(source, str) or not source or len(source) > _LONGEST:
        return []
    try:
        expressions.compile(source, types)
    except ExpressionError as error:
        return [f"{path}: {expression_problem(error)}"]
    return []
