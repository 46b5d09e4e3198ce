"""What of a template can be known to come to nothing, before any run: for whoever writes it.

Arguments without a value may become anything, and other templates may be merged with this one; what depends on them is not
judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import Invalid
from towpath.messages import cut, first
from towpath.rules.analysis import arguments, conditions, definition, merging

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.resources.analysis_template import (
        AnalysisTemplateSpec,
        DryRun,
        MeasurementRetention,
        Metric,
    )

_BRACES: Final = "{{"
_SHOWN: Final = 200
_MOST_RULES: Final = 200
_LONGEST_READ: Final = 8 << 10
"""Characters of a condition that is read here; measurements say what is wrong with longer ones."""
TURN: Final = ""
"""Stands between what is said of two metrics: whoever else has work may have a turn there."""
_NUMBERS: Final = (
    "count",
    "failure_limit",
    "inconclusive_limit",
    "consecutive_error_limit",
    "consecutive_success_limit",
    "interval",
    "initial_delay",
)


def doubts(spec: AnalysisTemplateSpec) -> Iterator[str]:
    """Yield what can never be measured, each with its field, and `TURN` behind each metric; the caller may stop at any."""
    if not spec.metrics and not spec.templates:
        yield "spec.metrics: no metrics specified, and no templates: a run ends in an error"
    yield from _of_args(spec)
    values = arguments.placeholders(spec.args)
    texts = {
        name: f"{_BRACES}args.{name}}}}}" if value is None else value
        for name, value in values.items()
    }
    seen = dict[str, int]()
    for place, metric in enumerate(spec.metrics[: merging.MOST_METRICS]):
        path = f"spec.metrics[{place}]"
        if metric.name in seen:
            yield f"{path}.name: spec.metrics[{seen[metric.name]}] has the same name; a run ends in an error"
        seen.setdefault(metric.name, place)
        yield from _of_metric(path, metric, texts)
        yield TURN
    if len(spec.metrics) > merging.MOST_METRICS:
        yield f"spec.metrics: at most {merging.MOST_METRICS} are measured by one run"
    yield from _of_rules(spec)


def _of_args(spec: AnalysisTemplateSpec) -> Iterator[str]:
    for place, arg in enumerate(spec.args):
        if arg.value is None and arg.value_from is not None and arg.value_from.field_ref:
            yield (
                f"spec.args[{place}].valueFrom.fieldRef: it names a field of a Rollout, and there is none here; "
                "whoever runs this must give a value"
            )


def _of_metric(path: str, metric: Metric, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with a metric. `texts`: of arguments by name; of one without a value the reference to it."""
    unknown = [
        each
        for each in arguments.referred(metric)
        if not each.startswith("args.") or each.removeprefix("args.") not in texts
    ]
    if unknown:
        yield (
            f"{path}: {first([f'{{{{{cut(each, _SHOWN)}}}}}' for each in unknown], 3)} is no argument of this "
            "template; a run ends in an error unless another of its templates declares it"
        )
    try:
        resolved = arguments.resolved(metric, texts)
    except Invalid as error:
        if not unknown:
            yield f"{path}: {error.message}"
        return
    if not any(_is_open(getattr(resolved, name)) for name in _NUMBERS):
        fault = definition.metric_problem(resolved)
    else:
        fault = definition.provider_problem(resolved.provider)
    if fault:
        yield f"{path}: {fault}"
    for name, condition in (
        ("successCondition", resolved.success_condition),
        ("failureCondition", resolved.failure_condition),
    ):
        is_read = not _is_open(condition) and 0 < len(condition) <= _LONGEST_READ
        if is_read and (wrong := conditions.problem(condition)):
            yield f"{path}.{name}: {wrong}; each measurement ends in an error"


def _of_rules(spec: AnalysisTemplateSpec) -> Iterator[str]:
    rules: list[tuple[str, DryRun | MeasurementRetention]] = [
        *((f"dryRun[{place}]", each) for place, each in enumerate(spec.dry_run)),
        *(
            (f"measurementRetention[{place}]", each)
            for place, each in enumerate(spec.measurement_retention)
        ),
    ]
    if len(rules) > _MOST_RULES:
        yield f"spec: at most {_MOST_RULES} rules of dryRun and measurementRetention belong to one run"
    if (
        spec.templates
        or len(rules) > _MOST_RULES
        or len(spec.metrics) > merging.MOST_METRICS
        or any(_BRACES in metric.name for metric in spec.metrics)
    ):
        return
    for field, rule in rules:
        if not definition.hit(rule, spec.metrics):
            yield (
                f"spec.{field}.metricName: it matches no metric of this template; a run of it alone ends in an error"
            )


def _is_open(value: object) -> bool:
    return isinstance(value, str) and _BRACES in value
