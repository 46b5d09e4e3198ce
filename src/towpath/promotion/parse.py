"""What the steps that read values out of a file have in common: `yaml-parse` and its like for other formats."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import expressions, messages
from towpath.errors import BadRequest
from towpath.expressions import ExpressionError, gotext
from towpath.expressions.budget import Budget, Heavy
from towpath.expressions.values import Failure
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.runtime.aside import LIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.promotion.step import Outcome, StepContext

_CPU_SECONDS: Final = 20.0
_MOST_TOLD: Final = 10
_EXACT: Final = 1 << 53
"""Up to here a float of JSON is the integer that it looks like."""
Reader = Callable[[bytes, str], Any]


class ParsedOutput(Struct, kw_only=True):
    """One value to put out."""

    name: Annotated[str, Field("Under which name it is put out.", min_length=1)]
    from_expression: Annotated[
        str,
        Field(
            "The expression of the value, without `${{ }}`; it sees the document's keys by their names, and all of it as `$env`.",
            min_length=1,
        ),
    ]


class ParseConfig(Struct, kw_only=True):
    """What to read from which file."""

    path: Annotated[str, Field("The file, in the work directory.", min_length=1)]
    outputs: Annotated[list[ParsedOutput], Field("The values to put out.", min_items=1)]


class Parse(BaseStep):
    """Puts out values of a file."""

    config: ClassVar[type[Struct]] = ParseConfig
    convergent: ClassVar[bool] = True
    reader: ClassVar[Reader]
    """Reads the format: a function of a module, which a process of its own can be given."""

    async def run(self, context: StepContext, config: ParseConfig) -> Outcome:
        """Read the file, and evaluate what is to be put out."""
        data = await context.directory.read(config.path)
        wanted = [(each.name, each.from_expression) for each in config.outputs]
        weight = len(data) + expressions.weight(expression for _, expression in wanted)

        async def evaluated(weight: int) -> dict[str, Any]:
            return await context.aside.run(
                evaluate,
                type(self).reader,
                data,
                config.path,
                wanted,
                context.started,
                weight <= LIGHT,
                weight=weight,
                what=f"{config.path}: reading it",
                caller=context.project,
                seconds=_CPU_SECONDS,
            )

        try:
            output = await evaluated(weight)
        except Heavy:
            output = await evaluated(LIGHT + 1)
        told = messages.first(list(output), _MOST_TOLD)
        return Succeeded(output=output, message=f"put out {told} of {config.path}")


def evaluate(
    reader: Reader,
    data: bytes,
    source: str,
    wanted: Sequence[tuple[str, str]],
    now: datetime,
    is_light: bool,
) -> dict[str, Any]:
    """Return values of a document by name. Of a large one this is done in a process of its own.

    Raises BadRequest naming the output, and `Heavy` for expressions that are too much for an event loop if `is_light`.
    """
    document = reader(data, source)
    budget = Budget(light=is_light, clock=None if is_light else time.thread_time)
    output = {}
    for name, expression in wanted:
        try:
            value = expressions.compile(expression).evaluate(document, now=now, budget=budget)
            output[name] = whole(gotext.plain(value))
        except (ExpressionError, Failure) as error:
            raise BadRequest(f"{source}: output {name!r}: {error}") from error
        except AttributeError as error:
            # The environment is the document itself: what is no object has no names to look up.
            raise BadRequest(
                f"{source}: output {name!r}: the document is no object, so it has no names; write $env for all of it"
            ) from error
    return output


def whole(value: Any) -> Any:
    """Return JSON values with floats that are integers as integers: `42`, not `42.0`."""
    match value:
        case float() if value.is_integer() and math.fabs(value) <= _EXACT:
            return int(value)
        case list():
            return [whole(item) for item in value]
        case dict():
            return {key: whole(item) for key, item in value.items()}
        case _:
            return value
