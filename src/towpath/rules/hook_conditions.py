"""The condition `when` of a hook: what it can see, and what may be wrong with it before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import expressions
from towpath.expressions import ExpressionError
from towpath.expressions.registered import ALWAYS
from towpath.rules.written_steps import expression_problem

if TYPE_CHECKING:
    from towpath.resources.happening import Happening

SEEN: Final = "ctx"
"""All that it sees: it decides whether anything is run, so nothing has been opened or looked up yet."""


def problem(text: str) -> str:
    """Return what is wrong with a condition as it is written; empty if nothing is."""
    if not text:
        return ""
    if "${" not in text:
        return "it must be an expression that is true or false: write it as ${{ … }}"
    try:
        read = expressions.template(text)
    except ExpressionError as error:
        return expression_problem(error)
    unknown = sorted({path[0] for path in read.reads if path and path[0] not in (SEEN, *ALWAYS)})
    if unknown:
        return f"it reads {', '.join(unknown)}, and sees ctx alone, such as ctx.event.freight"
    return ""


def context(*, project: str, stage: str, hook: str, happened: Happening) -> dict[str, Any]:
    """Return what of `ctx` is the same for a condition and for the steps."""
    return {
        "project": project,
        "stage": stage,
        "promotion": happened.promotion,
        "hook": hook,
        "event": seen(happened),
    }


def seen(happened: Happening) -> dict[str, Any]:
    """Return what happened as `ctx.event`: every field is there, also where it is empty."""
    return {
        "name": happened.name,
        "type": happened.type,
        "event": happened.event,
        "project": happened.project,
        "stage": happened.stage,
        "promotion": happened.promotion,
        "freight": happened.freight,
        "actor": happened.actor,
        "message": happened.message,
        "time": happened.time,
        "payload": dict(happened.payload),
    }
