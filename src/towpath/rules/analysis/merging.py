"""From templates to what a run measures: several templates, with those they name, and the arguments given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from towpath.errors import Invalid
from towpath.messages import first
from towpath.resources.analysis_run import AnalysisRunSpec
from towpath.resources.analysis_template import Argument, DryRun, MeasurementRetention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.resources.analysis_template import (
        AnalysisTemplateSpec,
        Metric,
    )

MOST_TEMPLATES: Final = 100
"""That a run is made of, those named by others included."""
MOST_METRICS: Final = 200
"""Of a run."""
_LISTED: Final = 5
RuleT = TypeVar("RuleT", DryRun, MeasurementRetention)


@dataclass(frozen=True, slots=True, order=True)
class TemplateKey:
    """Which template is meant."""

    is_cluster_scoped: bool
    name: str

    def __str__(self) -> str:
        kind = "ClusterAnalysisTemplate" if self.is_cluster_scoped else "AnalysisTemplate"
        return f'{kind} "{self.name}"'


def named(spec: AnalysisTemplateSpec) -> list[TemplateKey]:
    """Return the templates that a template names, in its order."""
    return [TemplateKey(each.cluster_scope, each.template_name) for each in spec.templates]


def wanted(
    roots: Sequence[TemplateKey], known: Mapping[TemplateKey, AnalysisTemplateSpec | None]
) -> list[TemplateKey]:
    """Return the templates that are needed and that nobody has looked up yet; empty when all are known.

    The caller adds them to `known`, None for one that does not exist, and asks again.
    """
    return [key for key in _reached(roots, known) if key not in known]


def merged(
    roots: Sequence[TemplateKey],
    known: Mapping[TemplateKey, AnalysisTemplateSpec | None],
    given: Mapping[str, str],
) -> AnalysisRunSpec:
    """Return what a run of some templates measures, with values of arguments by name; an empty one counts as not given.

    Templates of the Project come first, then those of the cluster, each followed by those it names; one that is named more
    than once counts once. What is given wins over what a template declares, a Secret included.

    Raises Invalid, naming what it is about: a template that does not exist or names itself, too many of them, two metrics or
    rules of one name, two values for an argument, an argument without a value, one that no template declares, and one whose
    value would come from a field of an object that does not exist here.
    """
    keys = sorted(dict.fromkeys(roots), key=lambda key: key.is_cluster_scoped)
    parts = _Parts()
    for key in keys:
        _gather(key, known, parts, ())
    declared = _arguments(parts.specs)
    specs = [spec for _, spec in parts.specs]
    return AnalysisRunSpec(
        metrics=_metrics(specs),
        args=_valued(declared, {name: value for name, value in given.items() if value}),
        dry_run=_once("dryRun", (rule for spec in specs for rule in spec.dry_run)),
        measurement_retention=_once(
            "measurementRetention", (rule for spec in specs for rule in spec.measurement_retention)
        ),
    )


@dataclass(slots=True)
class _Parts:
    specs: list[tuple[TemplateKey, AnalysisTemplateSpec]] = field(default_factory=list)
    seen: set[TemplateKey] = field(default_factory=set)


def _reached(
    roots: Sequence[TemplateKey], known: Mapping[TemplateKey, AnalysisTemplateSpec | None]
) -> list[TemplateKey]:
    found, left = dict[TemplateKey, None](), list(reversed(roots))
    while left and len(found) <= MOST_TEMPLATES:
        key = left.pop()
        if key in found:
            continue
        found[key] = None
        spec = known.get(key)
        if spec is not None:
            left.extend(reversed(named(spec)))
    return list(found)


def _gather(
    key: TemplateKey,
    known: Mapping[TemplateKey, AnalysisTemplateSpec | None],
    parts: _Parts,
    above: tuple[TemplateKey, ...],
) -> None:
    if key in above:
        way = " -> ".join(str(each) for each in (*above[above.index(key) :], key))
        raise Invalid(f"templates name one another in a circle: {first([way], 1)}")
    if key in parts.seen:
        return
    parts.seen.add(key)
    if len(parts.seen) > MOST_TEMPLATES:
        raise Invalid(
            f"more than {MOST_TEMPLATES} templates together; put their metrics into fewer"
        )
    spec = known.get(key)
    if spec is None:
        by = f", which {above[-1]} names," if above else ""
        raise Invalid(f"{key}{by} does not exist")
    parts.specs.append((key, spec))
    for below in named(spec):
        _gather(below, known, parts, (*above, key))


def _metrics(specs: Sequence[AnalysisTemplateSpec]) -> list[Metric]:
    metrics = [metric for spec in specs for metric in spec.metrics]
    seen = set[str]()
    for metric in metrics:
        if metric.name in seen:
            raise Invalid(f"two metrics have the same name '{metric.name}'")
        seen.add(metric.name)
    if len(metrics) > MOST_METRICS:
        raise Invalid(f"{len(metrics)} metrics; at most {MOST_METRICS} are measured by one run")
    return metrics


def _once(what: str, rules: Iterable[RuleT]) -> list[RuleT]:
    found = dict[str, RuleT]()
    for rule in rules:
        if rule.metric_name in found:
            raise Invalid(f"two {what} rules have the same metric name '{rule.metric_name}'")
        found[rule.metric_name] = rule
    return list(found.values())


def _arguments(
    specs: Sequence[tuple[TemplateKey, AnalysisTemplateSpec]],
) -> dict[str, Argument]:
    """Return the arguments that are declared, by name: of one that is declared again the first that has a value."""
    found = dict[str, Argument]()
    for key, spec in specs:
        for arg in spec.args:
            before = found.get(arg.name)
            if before is None:
                found[arg.name] = arg
            elif before.value is None:
                if arg.value is not None or before.value_from is None:
                    found[arg.name] = arg
            elif arg.value not in (None, before.value):
                raise Invalid(
                    f"Argument `{arg.name}` specified multiple times with different values: "
                    f"'{before.value}', '{arg.value}' (the latter by {key})"
                )
    return found


def _valued(declared: Mapping[str, Argument], given: Mapping[str, str]) -> list[Argument]:
    undeclared = [name for name in given if name not in declared]
    if undeclared:
        there = first([*declared], _LISTED) if declared else "none"
        raise Invalid(
            f"no template declares {_args(undeclared)}; declared {'is' if len(declared) < 2 else 'are'} {there}"
        )
    args = [
        Argument(name=name, value=given[name]) if name in given else arg
        for name, arg in declared.items()
    ]
    fields = [arg.name for arg in args if arg.value_from is not None and arg.value_from.field_ref]
    if fields:
        raise Invalid(
            f"{_args(fields)}: valueFrom.fieldRef names a field of a Rollout, and there is none here; give a value"
        )
    missing = [arg.name for arg in args if arg.value is None and _from_secret(arg) is None]
    if missing:
        raise Invalid(f"{_args(missing)} was not resolved: it has no value; give one")
    return args


def _from_secret(arg: Argument) -> object:
    return None if arg.value_from is None else arg.value_from.secret_key_ref


def _args(names: Sequence[str]) -> str:
    return first([f"args.{name}" for name in names], _LISTED)
