"""May a Promotion begin at all: asked once, before its first step, so that no push is made for a step that cannot run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from towpath.rules.written_steps import Allowance, step_problems, variable_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.rules.written_steps import StepKind

_MOST: Final = 20
"""Problems that are told; the first ones are mended first."""


async def problems(
    steps: Sequence[Mapping[str, Any]],
    variables: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, StepKind],
) -> list[str]:
    """Return what is wrong with a Promotion of these steps, some more than is told at most; none: it may begin.

    Every step counts, also one that an `if` may skip and one whose failure would be let pass: what is wrong with it is
    wrong in the manifest, and is mended there.
    """
    allowance = Allowance()
    said = [
        f"variable {str(variables[place].get('name'))!r}: {problem}"
        for place, problem in variable_problems(variables, allowance)
    ]
    for number, step in enumerate(steps):
        if len(said) > _MOST:
            break
        await asyncio.sleep(0)  # others have their turn between large steps
        alias, uses = str(step.get("as") or f"step-{number + 1}"), str(step.get("uses") or "")
        said += [
            f'step {number + 1} "{alias}" ({uses or "no step"}): {problem.field}: {problem.said}'
            for problem in step_problems(number, step, kinds, allowance)
            if problem.is_certain
        ]
    return said


def refusal(said: Sequence[str]) -> str:
    """Return why a Promotion of which these problems are known is not to begin; empty if there are none."""
    if not said:
        return ""
    more = "\nand more" if len(said) > _MOST else ""
    return "nothing was run: " + "\n".join(said[:_MOST]) + more
