"""What a provider's answer comes to: a measurement as the run's status records it.

Providers are code of others. Whatever one answers or raises, a measurement comes out of it, masked and of bounded size.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import TowpathError
from towpath.expressions import weight
from towpath.expressions.budget import Heavy
from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase, Measurement
from towpath.rules.analysis import conditions
from towpath.runtime.aside import LIGHT
from towpath.verification.provider import InFlight, Judged, Measured

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from towpath.resources.analysis_template import Metric
    from towpath.rules.analysis.conditions import Worth
    from towpath.runtime.aside import Aside
    from towpath.verification.known_secrets import KnownSecrets

LONGEST_REST_SECONDS: Final = 3600.0
"""After which a measurement in flight is looked at, whatever its provider says."""
_HEAVY: Final = 1 << 30
_CONDITION_SECONDS: Final = 5.0


_UNSAID: Final = (
    "could not evaluate the conditions: one of them holds a secret value, and what is wrong with it would show a part of it; "
    "compare with a value that is none"
)


async def worth(
    metric: Metric, value: Any, *, aside: Aside, caller: str, known: KnownSecrets
) -> Worth:
    """Return what a value is worth to a metric; what takes long is found out in a process of its own.

    `caller`: whose it is, a Project. Raises what `Aside.run` does where that fails.
    """
    found = await _judged(metric, value, aside=aside, caller=caller)
    if found.message and any(
        known.masked(each) != each for each in (metric.success_condition, metric.failure_condition)
    ):
        # Put into an expression, a value is read as one, and errors name its parts.
        return replace(found, message=_UNSAID)
    return found


async def _judged(metric: Metric, value: Any, *, aside: Aside, caller: str) -> Worth:
    # Reading conditions is work, too, and they may be long.
    if weight([metric.success_condition, metric.failure_condition]) <= LIGHT:
        with contextlib.suppress(Heavy):
            return conditions.judged(metric, value, light=True)
    return await aside.run(
        conditions.judged,
        metric,
        value,
        weight=_HEAVY,
        what=f"the conditions of metric {metric.name}",
        caller=caller,
        seconds=_CONDITION_SECONDS,
    )


async def measurement(
    answer: object,
    *,
    begun: str,
    now: datetime,
    known: KnownSecrets,
    judge: Callable[[Any], Any],
) -> Measurement:
    """Return the measurement that an answer comes to. `begun`: its `startedAt`; `judge`: see `worth`, of the metric."""
    match answer:
        case Measured():
            found: Worth = await judge(answer.value)
            return _finished(
                found.phase, found.message, answer.shown, answer.metadata, begun, now, known
            )
        case Judged() if answer.phase in tuple(AnalysisPhase) and answer.phase.is_terminal:
            return _finished(
                answer.phase, answer.message, answer.shown, answer.metadata, begun, now, known
            )
        case Judged():
            said = f"the provider answered the phase {answer.phase!r}, which is no end"
            return error(said, begun=begun, now=now, known=known)
        case InFlight():
            return _in_flight(answer, begun, now, known)
        case _:
            said = f"the provider answered {type(answer).__name__}, which is no answer"
            return error(said, begun=begun, now=now, known=known)


def error(said: str, *, begun: str, now: datetime, known: KnownSecrets) -> Measurement:
    """Return a measurement that could not be taken."""
    return _finished(AnalysisPhase.ERROR, said, "", {}, begun, now, known)


def told(fault: BaseException) -> str:
    """Return what an exception that a provider raised says to people."""
    if isinstance(fault, TowpathError):
        return fault.message
    return f"{type(fault).__name__}: {fault}"


def _finished(
    phase: AnalysisPhase,
    message: object,
    shown: object,
    metadata: object,
    begun: str,
    now: datetime,
    known: KnownSecrets,
) -> Measurement:
    return Measurement(
        phase=phase,
        message=known.message(str(message)),
        started_at=begun,
        finished_at=moments.written(now),
        value=known.value(str(shown)),
        metadata=known.metadata(metadata if isinstance(metadata, dict) else {}),
    )


def _in_flight(answer: InFlight, begun: str, now: datetime, known: KnownSecrets) -> Measurement:
    """Return a measurement that goes on. What it needs to go on has to be kept as it is."""
    noted = dict(answer.metadata) if isinstance(answer.metadata, dict) else {}
    kept = known.metadata(noted)
    if kept != noted:
        said = "the provider's note of a measurement in flight holds a secret, or is too large, or is not made of texts"
        return error(said, begun=begun, now=now, known=known)
    seconds: Any = answer.resume_seconds
    if not isinstance(seconds, int | float) or not math.isfinite(seconds):
        said = f"the provider answered to be asked again after {seconds!r} seconds"
        return error(said, begun=begun, now=now, known=known)
    rest = timedelta(seconds=min(max(0.0, seconds), LONGEST_REST_SECONDS))
    return Measurement(
        phase=AnalysisPhase.RUNNING,
        started_at=begun,
        metadata=kept,
        resume_at=moments.written(moments.later(now, rest)),
    )
