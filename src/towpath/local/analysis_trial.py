"""Trying an AnalysisTemplate out without a server: what is tried, on which results, and how it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.clock import SystemClock
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.messages import first
from towpath.resources import durations, manifests, scheme
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import AnalysisTemplateSpec
from towpath.resources.structs import to_document, view
from towpath.resources.validation import admit
from towpath.rules.analysis import merging, rehearsal
from towpath.rules.analysis.merging import TemplateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from towpath.resources.analysis_run import AnalysisRunSpec
    from towpath.rules.analysis.rehearsal import AnalysisRehearsal, Occurrence

_KINDS: Final = (scheme.ANALYSIS_TEMPLATE, scheme.CLUSTER_ANALYSIS_TEMPLATE)
_GROUP: Final = scheme.ANALYSIS_TEMPLATE.group


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of a file."""

    root: TemplateKey
    """The first one: what is tried."""
    known: Mapping[TemplateKey, AnalysisTemplateSpec]
    warnings: Sequence[str] = ()


def read_templates(path: Path) -> Templates:
    """Return the templates of a YAML or JSON file: the first is meant, the others are those that it may name.

    Raises BadRequest for a file that has none or other kinds, and Invalid as a server would for one that is wrong.
    """
    known, warnings = dict[TemplateKey, AnalysisTemplateSpec](), list[str]()
    for manifest in _read(path):
        document = manifest.document
        kind = next((each for each in _KINDS if each.name == document.get("kind")), None)
        if kind is None or document.get("apiVersion") != f"{_GROUP}/{kind.version}":
            raise BadRequest(
                f"{path}:{manifest.line}: it is no AnalysisTemplate and no ClusterAnalysisTemplate of {_GROUP}/v1alpha1"
            )
        if kind is scheme.ANALYSIS_TEMPLATE and isinstance(document.get("metadata"), dict):
            document = {**document, "metadata": {"namespace": "default", **document["metadata"]}}
        admitted = admit(document, kind)
        warnings += admitted.warnings
        key = TemplateKey(
            kind is scheme.CLUSTER_ANALYSIS_TEMPLATE, admitted.document["metadata"]["name"]
        )
        if key in known:
            raise BadRequest(f"{path}:{manifest.line}: {key} stands in the file twice")
        known[key] = view(AnalysisTemplateSpec, admitted.document["spec"])
    if not known:
        raise BadRequest(f"{path}: it holds no template")
    return Templates(next(iter(known)), known, warnings)


def read_results(path: Path) -> dict[str, list[rehearsal.Scripted]]:
    """Return scripted results from a YAML or JSON file. Raises BadRequest that says where it is wrong."""
    found = _read(path)
    if len(found) != 1:
        raise BadRequest(
            f"{path}: it holds {len(found)} documents; one object is wanted, from names of metrics to lists of results"
        )
    try:
        return rehearsal.scripts(found[0].document)
    except BadRequest as error:
        raise BadRequest(f"{path}: {error.message}") from error


def _read(path: Path) -> list[manifests.Manifest]:
    try:
        return manifests.read(reading.read(path, manifests.LARGEST_BYTES), str(path))
    except OSError as error:
        raise BadRequest(f"{path}: cannot be read: {error.strerror}") from error


def spec_of(templates: Templates, given: Mapping[str, str]) -> AnalysisRunSpec:
    """Return what a run of the first template measures. Raises Invalid as a verification would, naming the argument."""
    return merging.merged([templates.root], templates.known, given)


def rehearse(
    spec: AnalysisRunSpec,
    results: Mapping[str, Sequence[rehearsal.Scripted]],
    *,
    terminate_at: timedelta | None,
    until: timedelta | None,
) -> AnalysisRehearsal:
    """Return the run, played on scripted results. Raises BadRequest for results of metrics that there are not."""
    names = [metric.name for metric in spec.metrics]
    strange = [
        name for name in results if name not in names and not any("{{" in each for each in names)
    ]
    if strange:
        raise BadRequest(f'results: there is no metric "{strange[0]}"; there are {first(names, 5)}')
    return rehearsal.rehearsed(
        spec,
        results,
        terminate_at=terminate_at,
        until=rehearsal.HALF_AN_HOUR if until is None else until,
    )


def measure(
    spec: AnalysisRunSpec,
    tell: Callable[[Occurrence], None],
    *,
    allow: Sequence[str],
    terminate_at: timedelta | None,
    until: timedelta | None,
) -> AnalysisRehearsal:
    """Return the run, carried out on real measurements; see `analysis_measuring.measured`."""
    from towpath.local import analysis_measuring

    return asyncio.run(
        analysis_measuring.measured(
            spec,
            tell,
            clock=SystemClock(),
            allow=allow,
            terminate_at=terminate_at,
            until=rehearsal.HALF_AN_HOUR if until is None else until,
        )
    )


def document_of(played: AnalysisRehearsal) -> dict[str, Any]:
    """Return a run that was played as JSON: its status, and what happened when."""
    document = {
        "phase": played.status.phase,
        "message": played.status.message,
        "status": to_document(played.status),
        "timeline": [
            {
                "at": durations.spoken_span(each.at),
                "metric": each.metric,
                "measurement": each.number,
                "phase": each.phase,
                "text": each.text,
            }
            for each in played.events
        ],
    }
    plain: dict[str, Any] = msgspec.to_builtins(document)
    return plain


def lines(played: AnalysisRehearsal) -> list[str]:
    """Return a run that was played for people: a line for each thing that happened, and the verdict last."""
    told = [each for each in played.events if each.metric]
    at = max((len(durations.spoken_span(each.at)) for each in told), default=0)
    name = max((len(each.metric) for each in told), default=0)
    said = [line(each, at=at, name=name) for each in told]
    return [*said, *([""] if said else []), verdict(played)]


def line(each: Occurrence, *, at: int, name: int) -> str:
    """Return a thing that happened for people; `at` and `name` are widths of columns."""
    return f"{durations.spoken_span(each.at).rjust(at)}  {each.metric.ljust(name)}  {_what(each)}"


def verdict(played: AnalysisRehearsal) -> str:
    """Return what a run came to, in one line."""
    status = played.status
    if not AnalysisPhase(status.phase).is_terminal:
        return f"{status.phase}: it had not ended when the clock was stopped"
    return f"{status.phase}: {status.message}" if status.message else status.phase


def _what(each: Occurrence) -> str:
    if not each.number:
        return f"-> {each.phase}" + (f": {each.text}" if each.text else "")
    if not each.phase.is_terminal:
        return f"#{each.number} in flight"
    return f"#{each.number} {each.phase}" + (f"  {each.text}" if each.text else "")
