"""What measurements come to: the phase of each metric, and that of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase, AnalysisRunStatus, RunSummary
from towpath.rules.analysis import counting, definition, schedule

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.analysis_run import MetricResult
    from towpath.resources.analysis_template import Metric
    from towpath.rules.analysis.definition import AnalysisDefinition

RUN_TERMINATED: Final = "Run Terminated"
_FROM_BEST_TO_WORST: Final = (
    AnalysisPhase.SUCCESSFUL,
    AnalysisPhase.INCONCLUSIVE,
    AnalysisPhase.ERROR,
    AnalysisPhase.FAILED,
)


def begun() -> AnalysisRunStatus:
    """Return the status of a run that nobody has looked at yet."""
    return AnalysisRunStatus(phase=AnalysisPhase.PENDING)


def refused(status: AnalysisRunStatus | None, message: str) -> AnalysisRunStatus:
    """Return the status of a run that cannot be run, or cannot go on: Error at once, without `completedAt`."""
    return msgspec.structs.replace(status or begun(), phase=AnalysisPhase.ERROR, message=message)


def assessed(
    known: AnalysisDefinition, status: AnalysisRunStatus, now: datetime
) -> AnalysisRunStatus:
    """Return a status with the phases that its measurements come to.

    To be asked once all that `schedule.due` named at this moment is recorded: a run that terminates ends with this, whatever
    is in flight. What is complete stays as it is.
    """
    if AnalysisPhase(status.phase).is_terminal:
        return status
    terminating = schedule.is_terminating(known, status)
    begun_at = (moments.read(status.started_at) and status.started_at) or moments.written(now)
    results = {each.name: each for each in status.metric_results}
    verdict = _Verdict(RUN_TERMINATED if known.is_terminated else "")
    for metric in known.metrics:
        is_dry = metric.name in known.dry
        verdict.summary(is_dry).count += 1
        result = results.get(metric.name)
        if result is None:
            verdict.is_over = False
            continue
        result = _judged(metric, result, terminating)
        if AnalysisPhase(result.phase).is_terminal:
            result = verdict.take(metric, result, is_dry=is_dry)
        else:
            verdict.is_over = False
        results[metric.name] = result
    phase, message = verdict.of_the_run(terminating)
    changed = AnalysisPhase(status.phase) is not phase
    after = msgspec.structs.replace(
        status,
        phase=phase,
        message=message if changed else status.message,
        metric_results=list(results.values()),
        started_at=begun_at,
        completed_at=moments.written(now) if phase.is_terminal else None,
        run_summary=verdict.counting,
        dry_run_summary=verdict.dry,
    )
    return counting.trimmed(known, after)


def metric_phase(metric: Metric, result: MetricResult, *, terminating: bool) -> AnalysisPhase:
    """Return the phase of a metric that was measured. Once complete it never changes."""
    before = AnalysisPhase(result.phase)
    last = schedule.last_of(result)
    if before.is_terminal:
        return before
    if last is None:
        return AnalysisPhase.SUCCESSFUL if terminating else AnalysisPhase.PENDING
    if schedule.is_in_flight(last):
        return AnalysisPhase.RUNNING
    phase, _ = reason(metric, result)
    if phase is not None:
        return phase
    limits = definition.limits(metric)
    if 0 < limits.consecutive_success <= result.consecutive_success:
        return AnalysisPhase.SUCCESSFUL
    if limits.count is not None and result.count >= limits.count:
        return _used_up(limits)
    return AnalysisPhase.SUCCESSFUL if terminating else AnalysisPhase.RUNNING


def reason(metric: Metric, result: MetricResult) -> tuple[AnalysisPhase | None, str]:
    """Return the bad phase that a metric's counters mean by a limit that they exceed, and the text of it.

    All three limits are looked at, and a later one wins. (None, "") if none is exceeded.
    """
    limits = definition.limits(metric)
    found: tuple[AnalysisPhase | None, str] = (None, "")
    if limits.failed >= 0 and result.failed > limits.failed:
        found = (AnalysisPhase.FAILED, f"failed ({result.failed}) > failureLimit ({limits.failed})")
    if result.inconclusive > limits.inconclusive:
        found = (
            AnalysisPhase.INCONCLUSIVE,
            f"inconclusive ({result.inconclusive}) > inconclusiveLimit ({limits.inconclusive})",
        )
    if result.consecutive_error > limits.consecutive_error:
        text = f"consecutiveErrors ({result.consecutive_error})"
        text += f" > consecutiveErrorLimit ({limits.consecutive_error})"
        found = (AnalysisPhase.ERROR, text)
    return found


def is_worse(phase: AnalysisPhase, than: AnalysisPhase) -> bool:
    """Whether one phase that is an end is worse than another."""
    return _FROM_BEST_TO_WORST.index(phase) > _FROM_BEST_TO_WORST.index(than)


def _used_up(limits: definition.MetricLimits) -> AnalysisPhase:
    """Return the phase of a metric whose measurements are all taken, and no limit decided."""
    if limits.consecutive_success <= 0:
        return AnalysisPhase.SUCCESSFUL
    return AnalysisPhase.INCONCLUSIVE if limits.failed >= 0 else AnalysisPhase.FAILED


def _judged(metric: Metric, result: MetricResult, terminating: bool) -> MetricResult:
    phase = metric_phase(metric, result, terminating=terminating)
    if AnalysisPhase(result.phase) is phase:
        return result
    last = schedule.last_of(result)
    message = result.message if last is None else last.message
    return msgspec.structs.replace(result, phase=phase, message=message)


class _Verdict:
    """What the metrics that were looked at so far come to together."""

    def __init__(self, message: str) -> None:
        self.counting = RunSummary()
        self.dry = RunSummary()
        self.is_over = True
        self._worst: AnalysisPhase | None = None
        self._message = message

    def summary(self, is_dry: bool) -> RunSummary:
        return self.dry if is_dry else self.counting

    def take(self, metric: Metric, result: MetricResult, *, is_dry: bool) -> MetricResult:
        """Count a metric that is complete; return its result, which for dry-run ones says why."""
        phase = AnalysisPhase(result.phase)
        why, text = reason(metric, result)
        _count(self.summary(is_dry), why)
        if is_dry:
            self._worst = self._worst or AnalysisPhase.SUCCESSFUL
            if text:
                text = f"Metric assessed {phase} due to {text}"
                return msgspec.structs.replace(result, message=text)
            return result
        if self._worst is None or is_worse(phase, self._worst):
            self._worst = phase
            if text:
                self._message = f'Metric "{metric.name}" assessed {phase} due to {text}'
                if result.message:
                    self._message += f': "Error Message: {result.message}"'
        return result

    def of_the_run(self, terminating: bool) -> tuple[AnalysisPhase, str]:
        if terminating:
            return self._worst or AnalysisPhase.SUCCESSFUL, self._message
        if not self.is_over or self._worst is None:
            return AnalysisPhase.RUNNING, ""
        return self._worst, self._message


def _count(summary: RunSummary, why: AnalysisPhase | None) -> None:
    """Count by the limit that was exceeded: whatever has another reason counts as successful, as in Argo Rollouts."""
    match why:
        case AnalysisPhase.ERROR:
            summary.error += 1
        case AnalysisPhase.FAILED:
            summary.failed += 1
        case AnalysisPhase.INCONCLUSIVE:
            summary.inconclusive += 1
        case _:
            summary.successful += 1
