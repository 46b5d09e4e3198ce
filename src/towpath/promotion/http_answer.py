"""What a step makes of an HTTP answer: its body as a value, and what expressions of the manifest say of it.

Pure: a long answer is judged in a process of its own, which is given `judge` by name.
"""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import expressions
from towpath.documents import encoding
from towpath.documents.json import values as json_values
from towpath.documents.yaml import values
from towpath.errors import BadRequest
from towpath.expressions import ExpressionError, gotext
from towpath.expressions.budget import Budget
from towpath.expressions.values import Failure, Function, shown
from towpath.promotion.parse import whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_JSON: Final = "application/json"
_TEXT: Final = "text/plain"
_YAML: Final = frozenset({"application/yaml", "text/yaml", "application/x-yaml"})
_SOURCE: Final = "the answer's body"
SUCCESSES: Final = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a manifest wants to know of an answer; an empty expression was not given."""

    success: str = ""
    failure: str = ""
    error: str = ""
    outputs: Sequence[tuple[str, str]] = ()
    """Names, each with its expression."""
    content_type: str = ""
    """What the body is taken for, whatever the answer says."""

    @property
    def weight(self) -> int:
        """How much work it is to read its expressions, in bytes of YAML."""
        own = (self.success, self.failure, self.error)
        given = (*own, *(expression for _, expression in self.outputs))
        return expressions.weight(each for each in given if each)

    def problem(self) -> str:
        """Return which expression cannot be read, and why; empty if all can."""
        named = (
            ("successExpression", self.success),
            ("failureExpression", self.failure),
            ("errorExpression", self.error),
            *((f"outputs: {name}", expression) for name, expression in self.outputs),
        )
        for name, expression in named:
            try:
                if expression:
                    expressions.compile(expression)
            except ExpressionError as error:
                return f"config.{name}: {error}"
        return ""


class AnswerVerdict(enum.Enum):
    """What an answer is."""

    SUCCESS = enum.auto()
    FAILURE = enum.auto()
    """By the manifest's own criterion."""
    REFUSAL = enum.auto()
    """Of a server, where the manifest has no criterion: the next answer may be another."""
    NEITHER = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an answer is, and what is put out of it."""

    kind: AnswerVerdict
    message: str = ""
    output: dict[str, Any] = field(default_factory=dict)


def judge(
    status: int,
    headers: Mapping[str, Sequence[str]],
    body: bytes,
    criteria: Criteria,
    now: datetime,
    is_light: bool,
) -> Judgement:
    """Say what an answer is: a failure by its criterion before a success, neither while both say no.

    Without criteria 2xx is success. Raises BadRequest for a body that is not what it says and for expressions that cannot be
    evaluated, and `Heavy` for those that are too much for an event loop if `is_light`.
    """
    budget = Budget(light=is_light, clock=None if is_light else time.thread_time)
    asked = _Asked(_environment(status, headers, body, criteria), now, budget)
    if criteria.failure and asked.whether("failureExpression", criteria.failure):
        said = asked.error(criteria.error)
        met = f"HTTP ({status}) response met failure criteria"
        return Judgement(kind=AnswerVerdict.FAILURE, message=f'{met}: "{said}"' if said else met)
    if criteria.success and asked.whether("successExpression", criteria.success):
        return Judgement(kind=AnswerVerdict.SUCCESS, output=asked.outputs(criteria.outputs))
    if criteria.success or criteria.failure:
        return Judgement(kind=AnswerVerdict.NEITHER)
    if status in SUCCESSES:
        return Judgement(kind=AnswerVerdict.SUCCESS, output=asked.outputs(criteria.outputs))
    return Judgement(kind=AnswerVerdict.REFUSAL, message=no_success(status))


def parsed(body: bytes, content_type: str) -> Any:
    """Return a body as a value, by its media type.

    JSON and YAML are read, plain text is a string; of any other type it is read as JSON if it is JSON, and is an empty object
    if not. Nothing is an empty object. Raises BadRequest for what says that it is JSON or YAML, and is not.
    """
    if not body.strip():
        return {}
    media = content_type.partition(";")[0].strip().lower()
    if media in _YAML:
        return values.first(_decoded(body), _SOURCE)
    if media == _TEXT:
        return body.decode("utf-8", "replace")
    try:
        return json_values.value(_decoded(body))
    except (ValueError, RecursionError, BadRequest) as error:
        if media != _JSON:
            return {}
        said = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise BadRequest(f"{_SOURCE} says that it is JSON, and cannot be read: {said}") from error


def _environment(
    status: int, headers: Mapping[str, Sequence[str]], body: bytes, criteria: Criteria
) -> dict[str, Any]:
    def header(name: Any) -> str:
        if not isinstance(name, str):
            raise Failure(f"cannot use {shown(name)} as a header's name: it must be a string")
        wanted = name.lower()
        return next((found[0] for each, found in headers.items() if each.lower() == wanted), "")

    content_type = criteria.content_type or header("Content-Type")
    response = {
        "status": status,
        "header": Function("header", header),
        "headers": {name: list(found) for name, found in headers.items()},
        "body": parsed(body, content_type),
    }
    return {"response": response}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One answer, of which expressions are asked."""

    environment: Mapping[str, Any]
    now: datetime
    budget: Budget
    """Of all of them together."""

    def value(self, expression: str) -> Any:
        program = expressions.compile(expression)
        found = program.evaluate(self.environment, now=self.now, budget=self.budget)
        return whole(gotext.plain(found))

    def whether(self, name: str, expression: str) -> bool:
        try:
            found = self.value(expression)
        except (ExpressionError, Failure) as error:
            raise BadRequest(f"config.{name}: {error}") from error
        if not isinstance(found, bool):
            raise BadRequest(f"config.{name}: it must come to true or false, not {shown(found)}")
        return found

    def error(self, expression: str) -> str:
        """Return what the server said was wrong; empty if that cannot be told."""
        try:
            found = self.value(expression) if expression else ""
        except (ExpressionError, Failure):
            return ""
        return found if isinstance(found, str) else ""

    def outputs(self, wanted: Sequence[tuple[str, str]]) -> dict[str, Any]:
        found = {}
        for name, expression in wanted:
            try:
                found[name] = self.value(expression)
            except (ExpressionError, Failure) as error:
                raise BadRequest(f"config.outputs: {name}: {error}") from error
        return found


def _decoded(body: bytes) -> str:
    return encoding.decoded(body, _SOURCE)[1]


def no_success(status: int) -> str:
    """Return what is said of an answer that is no success."""
    return f"HTTP ({status}) response is no success (2xx)"
