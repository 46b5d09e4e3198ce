"""The gates of what a Promotion would run: the tasks it is made from, and what is known against its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.errors import Invalid
from towpath.rules import inflation
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Bars, Gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.errors import FieldError
    from towpath.resources.stage import Stage

    Document = dict[str, Any]

TASKS: Final = "tasks"
STEPS: Final = "steps"
_TOLD: Final = 5
"""Problems that a reason names."""
_REASON_BYTES: Final = 512
"""Of one of them."""


@dataclass(frozen=True, slots=True)
class InflatedTemplate:
    """What Promotions to a Stage are made from: its promotion template with the tasks put in."""

    variables: Sequence[Document] = ()
    steps: Sequence[Document] = ()
    """What a Promotion would run; empty where it cannot be made."""
    faults: Sequence[FieldError] = ()
    """Why no Promotion can be made."""


def template(
    stage: Document, tasks: Callable[[str, str], Mapping[str, Any] | None]
) -> InflatedTemplate:
    """Return what Promotions to a Stage, given as a document, are made from. `tasks` finds a task by kind and name."""
    found = (stage["spec"].get("promotionTemplate") or {}).get("spec") or {}
    variables = [*(stage["spec"].get("vars") or ()), *(found.get("vars") or ())]
    try:
        return InflatedTemplate(
            variables, inflation.inflate(found.get("steps") or [], variables, tasks)
        )
    except Invalid as error:
        return InflatedTemplate(variables, (), error.causes)


def faults(
    stage: Document, tasks: Callable[[str, str], Mapping[str, Any] | None]
) -> InflatedTemplate:
    """Return why no Promotion to a Stage can be made, without what one would be made from; outlines of tasks will do."""
    found = (stage["spec"].get("promotionTemplate") or {}).get("spec") or {}
    variables = [*(stage["spec"].get("vars") or ()), *(found.get("vars") or ())]
    return InflatedTemplate(faults=inflation.faults(found.get("steps") or [], variables, tasks))


def tasks(stage: Stage, made_from: InflatedTemplate) -> Gate:
    """Return whether a Promotion can be made: its tasks are there, and have what they need."""
    if not made_from.faults:
        return Gate(name=TASKS, open=True, reason="what its steps are made from is there")
    name = stage.metadata.name
    return Gate(
        name=TASKS,
        open=False,
        reason="; ".join(dict.fromkeys(str(fault) for fault in made_from.faults)),
        opens_by=(
            "who may create the task that is missing",
            f"who may change Stage {name}, by naming another task or giving its variables",
        ),
        command=commands.names(stage, "promotiontasks"),
    )


def ready(stage: Stage, problems: Sequence[str]) -> Gate:
    """Return whether a Promotion would begin with its first step. `problems`: what is wrong with its steps."""
    if not problems:
        reason = "nothing is known against its steps"
        return Gate(name=STEPS, open=True, reason=reason, bars=Bars.SUCCESS)
    told = [messages.cut(each, _REASON_BYTES) for each in problems[:_TOLD]]
    if len(problems) > _TOLD:
        told.append("and more")
    name = stage.metadata.name
    return Gate(
        name=STEPS,
        open=False,
        reason="; ".join(told),
        bars=Bars.SUCCESS,
        opens_by=(
            f"who may change Stage {name} or its tasks",
            "where a step is missing, the operator: by installing the package that has it",
        ),
        command=commands.show(stage, "stage", name),
    )
