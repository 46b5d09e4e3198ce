"""Answers as JSON: read aside where they are large, with floats for all numbers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeVar

from towpath import messages
from towpath.documents.json import values
from towpath.errors import Unavailable
from towpath.runtime.aside import JSON_BYTES
from towpath.verification.request import said_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.verification.provider import HttpAnswer, MeasureContext

ResultT = TypeVar("ResultT")

CPU_SECONDS: Final = 5.0
"""For one answer."""
LOOKED_AT: Final = 2
"""So many times what it costs to read JSON: numbers become floats, and a path looks at it."""
_SHORT_PATH: Final = 64
"""Characters of a JSONPath that are no more work than the body itself."""
_BOM: Final = b"\xef\xbb\xbf"


class NoJson(Unavailable):
    """A body is not JSON."""


def value(body: bytes) -> Any:
    """Return what a body says: all numbers are floats. Raises NoJson, with the beginning of what came."""
    if not body.strip():
        raise NoJson("the answer is empty, where JSON is wanted")
    try:
        return values.value(body.removeprefix(_BOM).decode("utf-8", "replace"))
    except RecursionError as error:
        raise NoJson("the answer is JSON that is nested too deep to be read") from error
    except ValueError as error:
        said = messages.cut(said_by(body), 200)
        raise NoJson(f"the answer is no JSON ({error}); it begins: {said}") from error


def cost_of_path(characters: int) -> int:
    """Return the `cost` of following JSONPaths of so many characters: each few of them may look at all of the body once more."""
    return LOOKED_AT * (1 + characters // _SHORT_PATH)


async def read(
    context: MeasureContext,
    answer: HttpAnswer,
    reading: Callable[..., ResultT],
    *given: Any,
    what: str,
    cost: int = LOOKED_AT,
) -> ResultT:
    """Return what a function makes of the body of an answer and what else it is given.

    `cost`: how many times what it costs to read JSON of that size, at most.
    A function of a module, which is called in a process of its own where the body is large. `what` names the request. Raises what
    it raises, with `what` before it, and Timeout, TooLarge and Unavailable for work that is too much.
    """
    return await context.aside.run(
        functools.partial(_named, reading, what),
        answer.body,
        *given,
        weight=cost * len(answer.body) // JSON_BYTES,
        what=f"{what}: reading the answer",
        caller=context.project,
        seconds=CPU_SECONDS,
    )


def _named(reading: Callable[..., ResultT], what: str, body: bytes, *given: Any) -> ResultT:
    from towpath.errors import TowpathError

    try:
        return reading(body, *given)
    except TowpathError as error:
        raise Unavailable(f"{what}: {error.message}") from error
