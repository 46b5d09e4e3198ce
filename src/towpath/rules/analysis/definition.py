"""What a run is to measure: its metrics with the arguments put in, as numbers and spans, or why it cannot be run at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import patterns
from towpath.errors import Invalid
from towpath.resources import durations
from towpath.rules.analysis import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from towpath.resources.analysis_run import AnalysisRunSpec
    from towpath.resources.analysis_template import (
        DryRun,
        MeasurementRetention,
        Metric,
        MetricProvider,
    )

ERRORS_TOLERATED: Final = 4
"""In a row, where the metric does not say."""
UNLIMITED: Final = -1
"""Of `failureLimit`: failed measurements are no reason to end."""
MOST_KEPT: Final = 10
"""Measurements of a metric that the status keeps, where no rule says otherwise."""
MOST_KEPT_BY_RULE: Final = 1_000
"""Whatever a rule says: a status must remain an object that can be stored."""
_LARGEST: Final = (1 << 31) - 1
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")
_RETENTION: Final = "measurementRetention"


@dataclass(frozen=True, slots=True)
class MetricLimits:
    """The numbers of a metric, defaults put in."""

    count: int | None
    """Measurements wanted; None: any number."""
    failed: int
    inconclusive: int
    consecutive_error: int
    consecutive_success: int
    """0: no such rule."""


@dataclass(frozen=True, slots=True)
class AnalysisDefinition:
    """What a run is to measure. Arguments from Secrets have a placeholder in it: it is for rules, not for providers."""

    metrics: tuple[Metric, ...]
    dry: frozenset[str]
    """Names of the metrics that have no say in the outcome."""
    kept: Mapping[str, int]
    """How many measurements are kept, of the metrics for which a rule says so."""
    is_terminated: bool
    """Whether the spec asks to stop."""

    def most_kept(self, name: str) -> int:
        """Return how many measurements of a metric the status keeps."""
        return self.kept.get(name, MOST_KEPT)


def number(value: int | str | None, absent: int = 0) -> int:
    """Return a number that may be written as text; a text that is no integer counts as 0. Held to 32 bits."""
    if value is None:
        return absent
    if isinstance(value, str):
        value = int(value) if _INTEGER.fullmatch(value) else 0
    return max(-_LARGEST - 1, min(_LARGEST, value))


def limits(metric: Metric) -> MetricLimits:
    """Return the numbers of a metric."""
    return MetricLimits(
        count=effective_count(metric),
        failed=number(metric.failure_limit),
        inconclusive=number(metric.inconclusive_limit),
        consecutive_error=number(metric.consecutive_error_limit, ERRORS_TOLERATED),
        consecutive_success=number(metric.consecutive_success_limit),
    )


def effective_count(metric: Metric) -> int | None:
    """Return how many measurements are wanted: `count`, else one without an interval, else any number."""
    return number(metric.count) or (None if metric.interval else 1)


def interval(metric: Metric) -> timedelta | None:
    """Return the pause between measurements; None if there is none, or it cannot be read."""
    return durations.span(metric.interval)


def initial_delay(metric: Metric) -> timedelta | None:
    """Return the time before the first measurement; None if there is none, or it cannot be read."""
    return durations.span(metric.initial_delay)


def read(spec: AnalysisRunSpec) -> AnalysisDefinition:
    """Return what a run is to measure.

    Raises Invalid for what can never be run, in the words of Argo Rollouts: the first fault in its order.
    """
    values = arguments.placeholders(spec.args)
    try:
        metrics = tuple(arguments.resolved(metric, values) for metric in spec.metrics)
    except Invalid as error:
        raise Invalid(f"Unable to resolve metric arguments: {error.message}") from error
    dry_hits = [hit(rule, metrics) for rule in spec.dry_run]
    retention_hits = [hit(rule, metrics) for rule in spec.measurement_retention]
    fault = (
        _metrics_fault(metrics)
        or _rules_fault("dryRun", dry_hits)
        or _rules_fault(_RETENTION, retention_hits)
    )
    if fault:
        raise Invalid(f"Analysis spec invalid: {fault}")
    dry = {name for names in dry_hits for name in names}
    kept = {
        name: min(rule.limit, MOST_KEPT_BY_RULE)
        for rule, names in zip(spec.measurement_retention, retention_hits, strict=True)
        for name in names
    }
    return AnalysisDefinition(
        metrics,
        frozenset(dry),
        {name: most for name, most in kept.items() if most > 0},
        spec.terminate,
    )


def problem(spec: AnalysisRunSpec) -> str:
    """Return why a run of a spec cannot be run; empty if it can."""
    try:
        read(spec)
    except Invalid as error:
        return error.message
    return ""


def metric_problem(metric: Metric) -> str:
    """Return what is wrong with one metric; empty if nothing."""
    found = limits(metric)
    count = number(metric.count)
    if 0 < count < found.failed + found.consecutive_success:
        more = " + consecutiveSuccessLimit" if found.consecutive_success else ""
        return f"count must be >= failureLimit{more}"
    if 0 < count < found.inconclusive:
        return "count must be >= inconclusiveLimit"
    if count > 1 and not metric.interval:
        return "interval must be specified when count > 1"
    return (
        _duration_problem("interval", metric.interval)
        or _duration_problem("startDelay", metric.initial_delay)
        or _limits_problem(found)
        or provider_problem(metric.provider)
    )


def _limits_problem(found: MetricLimits) -> str:
    if found.failed < UNLIMITED:
        return "failureLimit must be >= 0, or -1 to be disabled"
    for name, value in (
        ("inconclusiveLimit", found.inconclusive),
        ("consecutiveErrorLimit", found.consecutive_error),
        ("consecutiveSuccessLimit", found.consecutive_success),
    ):
        if value < 0:
            return f"{name} must be >= 0"
    if found.failed == UNLIMITED and not found.consecutive_success:
        return "one of failureLimit and consecutiveSuccessLimit must be enabled"
    return ""


def _duration_problem(what: str, text: str) -> str:
    try:
        if text:
            durations.parse(text)
    except ValueError as error:
        return f"invalid {what} string: time: {error}"
    return ""


def providers(provider: MetricProvider) -> list[str]:
    """Return the names of the providers that a metric has."""
    named = [
        name
        for name in provider.__struct_fields__
        if name != "plugin" and getattr(provider, name) is not None
    ]
    return [*named, *provider.plugin]


def provider_problem(provider: MetricProvider) -> str:
    """Return what is wrong with a metric's provider; empty if there is exactly one."""
    match len(providers(provider)):
        case 0:
            return "no provider specified"
        case 1:
            return ""
        case _:
            return "multiple providers specified"


def _metrics_fault(metrics: Sequence[Metric]) -> str:
    if not metrics:
        return "no metrics specified"
    seen = set[str]()
    for index, metric in enumerate(metrics):
        if metric.name in seen:
            return f"metrics[{index}]: duplicate name '{metric.name}'"
        seen.add(metric.name)
        if fault := metric_problem(metric):
            return f"metrics[{index}]: {fault}"
    return ""


def _rules_fault(field: str, hits: Sequence[Sequence[str]]) -> str:
    """Return that a rule hits no metric. `hits`: the names of those that each one hits."""
    for index, names in enumerate(hits):
        if not names:
            return f"{field}[{index}]: Rule didn't match any metric name(s)"
    return ""


def hit(rule: DryRun | MeasurementRetention, metrics: Sequence[Metric]) -> list[str]:
    """Return the names of the metrics that a rule means: an unanchored regular expression."""
    try:
        pattern = patterns.compile(rule.metric_name)
    except patterns.PatternError:
        return []
    return [metric.name for metric in metrics if pattern.search(metric.name)]
