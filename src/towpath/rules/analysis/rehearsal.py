"""A run on results that are written down, in virtual time: the rules of real runs, with a clock that jumps to what is next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest, Invalid
from towpath.messages import cut
from towpath.resources import durations, moments
from towpath.resources.analysis_run import AnalysisPhase, Measurement
from towpath.rules.analysis import assessment, conditions, counting, definition, schedule
from towpath.rules.analysis.schedule import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.analysis_run import AnalysisRunSpec, AnalysisRunStatus
    from towpath.rules.analysis.definition import AnalysisDefinition
    from towpath.rules.analysis.schedule import MeasuringTask

BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Virtual moment at which a run begins."""
HALF_AN_HOUR: Final = timedelta(minutes=30)
MOST_PASSES: Final = 100_000
"""Of a run that is played."""
MOST_AT_ONCE: Final = 1_000
"""Passes at one moment, after which a run is given up: it would go on so for ever."""
_MOST_SHOWN: Final = 200
_KEYS: Final = ("value", "phase", "message", "error", "takes", "onTerminate")


@dataclass(frozen=True, slots=True)
class Scripted:
    """What one measurement will come to."""

    value: Any = None
    """Conditions decide, unless there is a phase."""
    phase: AnalysisPhase | None = None
    message: str = ""
    takes: timedelta | None = None
    """How long it is in flight; None: it is taken at once."""
    on_terminate: AnalysisPhase = AnalysisPhase.SUCCESSFUL
    """Its phase if the run ends while it is in flight."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened in a run."""

    at: timedelta
    """From the beginning of the run."""
    metric: str
    """Empty: the run itself."""
    number: int
    """Of the measurement, from 1; 0: the metric, or the run, has come to its end."""
    phase: AnalysisPhase
    text: str = ""


@dataclass(slots=True)
class AnalysisRehearsal:
    """A run that was played."""

    status: AnalysisRunStatus
    started: dict[str, list[timedelta]] = field(default_factory=dict)
    """When measurements began, by metric, those that the status does not keep included."""
    events: list[Occurrence] = field(default_factory=list)


def scripts(results: Any) -> dict[str, list[Scripted]]:
    """Return scripted results from JSON: names of metrics to lists. Raises BadRequest that says where it is wrong."""
    if not isinstance(results, dict):
        raise BadRequest("results: an object is wanted, from names of metrics to lists of results")
    found = dict[str, list[Scripted]]()
    for name, entries in results.items():
        if not isinstance(entries, list) or not entries:
            raise BadRequest(f"results.{name}: a list of results is wanted, with at least one")
        found[name] = [
            _scripted(f"results.{name}[{index}]", each) for index, each in enumerate(entries)
        ]
    return found


def floats(value: Any) -> Any:
    """Return a JSON value with its numbers as floats, as measurements have them."""
    match value:
        case bool():
            return value
        case int():
            return _float(value)
        case list():
            return [floats(each) for each in value]
        case dict():
            return {key: floats(each) for key, each in value.items()}
        case _:
            return value


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def rehearsed(
    spec: AnalysisRunSpec,
    results: Mapping[str, Sequence[Scripted]],
    *,
    terminate_at: timedelta | None = None,
    until: timedelta = HALF_AN_HOUR,
) -> AnalysisRehearsal:
    """Return a run played until it ends, or the clock reaches `until`.

    `results`: for each metric what its measurements come to, in order; when they are used up, the last one repeats.
    `terminate_at`: when the run is asked to stop. Raises BadRequest for a metric that is measured and has no results, and
    for a run that goes on for ever at one moment.
    """
    played = AnalysisRehearsal(assessment.begun())
    now, at_once = BEGIN, 0
    for _ in range(MOST_PASSES):
        asked = terminate_at is not None and now >= moments.later(BEGIN, terminate_at)
        asking = msgspec.structs.replace(spec, terminate=spec.terminate or asked)
        _play(played, asking, results, now)
        following = _following(played, asking, now, None if asked else terminate_at)
        if following is None or following > moments.later(BEGIN, until):
            return played
        at_once = at_once + 1 if following == now else 0
        if at_once > MOST_AT_ONCE:
            break
        now = following
    raise BadRequest(
        f"the run makes more than {MOST_AT_ONCE if at_once else MOST_PASSES:,} passes at "
        f"{durations.spoken_span(now - BEGIN)}: give its metrics a count, a longer interval, or look at a shorter time"
    )


def _following(
    played: AnalysisRehearsal, spec: AnalysisRunSpec, now: datetime, terminate_at: timedelta | None
) -> datetime | None:
    if AnalysisPhase(played.status.phase).is_terminal:
        return None
    times = [schedule.next_look(definition.read(spec), played.status, now)]
    if terminate_at is not None:
        times.append(moments.later(BEGIN, terminate_at))
    return min((each for each in times if each is not None), default=None)


def _play(
    played: AnalysisRehearsal,
    spec: AnalysisRunSpec,
    results: Mapping[str, Sequence[Scripted]],
    now: datetime,
) -> None:
    """Make one pass."""
    try:
        known = definition.read(spec)
    except Invalid as error:
        played.status = assessment.refused(played.status, error.message)
        said = Occurrence(now - BEGIN, "", 0, AnalysisPhase.ERROR, error.message)
        played.events.append(said)
        return
    before, at = played.status, now - BEGIN
    for task in schedule.due(known, before, now):
        name = task.metric.name
        begun = played.started.setdefault(name, [])
        if task.action is Action.START:
            begun.append(at)
        measurement = _measured(task, _entry(results, name, len(begun)), now)
        played.status = counting.recorded(known, played.status, name, measurement)
        played.events.append(of_measurement(name, len(begun), measurement, at))
    played.status = assessment.assessed(known, played.status, now)
    played.events += ends(known, before, played.status, at)


def of_measurement(name: str, number: int, measurement: Measurement, at: timedelta) -> Occurrence:
    """Return that a measurement has begun, or has ended."""
    text = measurement.message or measurement.value
    return Occurrence(at, name, number, AnalysisPhase(measurement.phase), text)


def ends(
    known: AnalysisDefinition, before: AnalysisRunStatus, after: AnalysisRunStatus, at: timedelta
) -> list[Occurrence]:
    """Return which metrics have come to their end in a pass, and whether the run has."""
    found, metrics = list[Occurrence](), {each.name: each for each in known.metrics}
    for result in after.metric_results:
        was = schedule.result_of(before, result.name)
        phase = AnalysisPhase(result.phase)
        if phase.is_terminal and (was is None or not AnalysisPhase(was.phase).is_terminal):
            _, why = assessment.reason(metrics[result.name], result)
            found.append(Occurrence(at, result.name, 0, phase, why or result.message))
    phase = AnalysisPhase(after.phase)
    if phase.is_terminal:
        found.append(Occurrence(at, "", 0, phase, after.message))
    return found


def _entry(results: Mapping[str, Sequence[Scripted]], name: str, number: int) -> Scripted:
    entries = results.get(name)
    if not entries:
        raise BadRequest(
            f'results: metric "{name}" is measured and has none; add `{name}: [{{value: 1}}]`'
        )
    return entries[min(number, len(entries)) - 1]


def _measured(task: MeasuringTask, entry: Scripted, now: datetime) -> Measurement:
    measurement = task.measurement or Measurement(
        phase=AnalysisPhase.RUNNING, started_at=moments.written(now)
    )
    if task.action is Action.START and entry.takes is not None:
        resume_at = moments.written(moments.later(now, entry.takes))
        return msgspec.structs.replace(measurement, resume_at=resume_at)
    if task.action is Action.TERMINATE:
        return counting.terminated(
            _finished(measurement, entry.on_terminate, entry.message, "", now)
        )
    if entry.phase is not None:
        return _finished(measurement, entry.phase, entry.message, "", now)
    worth = conditions.judged(task.metric, entry.value)
    shown = cut(msgspec.json.encode(entry.value).decode(), _MOST_SHOWN)
    return _finished(measurement, worth.phase, worth.message, shown, now)


def _finished(
    measurement: Measurement, phase: AnalysisPhase, message: str, value: str, now: datetime
) -> Measurement:
    return msgspec.structs.replace(
        measurement,
        phase=phase,
        message=message,
        value=value,
        finished_at=moments.written(now),
        resume_at=None,
    )


def _scripted(place: str, entry: Any) -> Scripted:
    if not isinstance(entry, dict):
        raise BadRequest(f"{place}: an object is wanted, such as {{value: 1}} or {{phase: Failed}}")
    strange = [key for key in entry if key not in _KEYS]
    if strange:
        raise BadRequest(
            f"{place}.{strange[0]}: nothing is called so; there are {', '.join(_KEYS)}"
        )
    said = [key for key in ("value", "phase", "error") if key in entry]
    if len(said) > 1:
        raise BadRequest(f"{place}: it has {' and '.join(said)}; one of them decides")
    takes = _takes(place, entry["takes"]) if "takes" in entry else None
    ends = _phase(f"{place}.onTerminate", entry.get("onTerminate", AnalysisPhase.SUCCESSFUL))
    message = str(entry.get("message", ""))
    if "error" in entry:
        return Scripted(None, AnalysisPhase.ERROR, str(entry["error"]), takes, ends)
    phase = _phase(f"{place}.phase", entry["phase"]) if "phase" in entry else None
    return Scripted(floats(entry.get("value")), phase, message, takes, ends)


def _phase(place: str, text: Any) -> AnalysisPhase:
    ends = [each for each in AnalysisPhase if each.is_terminal]
    if text not in ends:
        raise BadRequest(f"{place}: a measurement does not end so; it ends {', '.join(ends)}")
    return AnalysisPhase(text)


def _takes(place: str, text: Any) -> timedelta:
    span = durations.span(text)
    if span is None or span < timedelta():
        raise BadRequest(f"{place}.takes: this is no span of time; write {durations.RIGHT_FORM}")
    return span
