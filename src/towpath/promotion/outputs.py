"""What the steps of a Promotion put out: `status.state`, by alias, and how much of it there may be. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.expressions.values import Unknown
from towpath.resources import sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.promotion import PromotionStatus

MOST_OUTPUT_BYTES: Final = 256 << 10
"""Of JSON, that one step may put out."""
MOST_STATE_BYTES: Final = 768 << 10
"""Of JSON, that all steps of a Promotion may. The object has 1 MiB for all: steps, Freight and what is said are in it too."""

DEEPEST: Final = 200
"""That objects and lists may lie in one another in an output, as in a manifest."""


def of(status: PromotionStatus) -> dict[str, Any]:
    """Return the outputs of the steps that have ended, by alias."""
    return status.state if isinstance(status.state, dict) else {}


def with_one_more(
    status: PromotionStatus, alias: str, output: dict[str, Any] | None, *, is_task_output: bool
) -> dict[str, Any]:
    """Return the outputs of all steps with that of one more."""
    state = {**of(status), alias: output}
    task, separator, _ = alias.partition("::")
    if is_task_output and separator and output:
        before = state.get(task)
        state[task] = {**(before if isinstance(before, dict) else {}), **output}
    return state


def too_large(state: Mapping[str, Any], output: Mapping[str, Any] | None, room: int) -> str:
    """Return why an output is not kept, empty if it is."""
    if not output:
        return ""
    if sizes.is_deeper(output, DEEPEST):
        return f"its output is nested more than {DEEPEST} levels deep; put out what is needed of it"
    try:
        size = len(msgspec.json.encode(output, enc_hook=_planned))
        if size > MOST_OUTPUT_BYTES:
            return (
                f"its output takes {size:,} bytes of JSON, and at most {MOST_OUTPUT_BYTES:,} of one step are kept; put out "
                "less, and pass what is large on in a file of the work directory"
            )
        size = len(msgspec.json.encode(state, enc_hook=_planned))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return f"its output is no JSON: {error}"
    most = max(0, min(MOST_STATE_BYTES, room))
    if size > most:
        return (
            f"the outputs of the Promotion's steps would take {size:,} bytes of JSON, and at most {most:,} are "
            "kept; put out less, and pass what is large on in a file of the work directory"
        )
    return ""


def _planned(value: Any) -> str:
    """Return the text of what only a plan has: a value that is not known yet."""
    if isinstance(value, Unknown):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
