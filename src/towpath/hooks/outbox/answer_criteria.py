"""What the expressions of an HTTP channel say of an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.clients.messaging.generic_http import HttpVerdict
from towpath.expressions import ExpressionError

if TYPE_CHECKING:
    from towpath.clients.http import Response
    from towpath.clock import Clock
    from towpath.expressions import Need
    from towpath.runtime.evaluation import Evaluations


async def _nothing(_need: Need) -> None:
    """There is no data to ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCriteria:
    """The expressions of one channel."""

    success: str
    failure: str
    evaluations: Evaluations
    clock: Clock
    caller: str

    async def judge(self, answer: Response) -> HttpVerdict:
        """Say what an answer means: a failure by its criterion before a success. Raises ExpressionError."""
        response = {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": _value(answer.body),
        }
        env = {"response": response}
        if self.failure and await self._holds("failureExpression", self.failure, env):
            return HttpVerdict.FAILURE
        if not self.success:
            is_fine = 200 <= answer.status < 300
            return HttpVerdict.SUCCESS if is_fine else HttpVerdict.NEITHER
        holds = await self._holds("successExpression", self.success, env)
        return HttpVerdict.SUCCESS if holds else HttpVerdict.NEITHER

    async def _holds(self, name: str, source: str, env: dict[str, Any]) -> bool:
        try:
            found = await self.evaluations.evaluate(
                await self.evaluations.program(source, {}, caller=self.caller),
                env,
                load=_nothing,
                now=self.clock.now(),
                caller=self.caller,
            )
        except ExpressionError as error:
            raise ExpressionError(f"spec.http.{name}: {error.message}") from error
        if not isinstance(found, bool):
            raise ExpressionError(f"spec.http.{name}: it must come to true or false")
        return found


def _value(body: bytes) -> Any:
    """Return a body as JSON if it is some, else as text; nothing is an empty object."""
    if not body.strip():
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
