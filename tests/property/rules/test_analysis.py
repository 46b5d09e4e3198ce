"""Runs of measurements under random specs and random answers: what holds after every pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.analysis import WEB, metric, template_spec
from tests.support.analysis_specs import ENDS, SPECS
from towpath.errors import Invalid
from towpath.resources import moments
from towpath.resources.analysis_run import (
    AnalysisPhase,
    AnalysisRunSpec,
    AnalysisRunStatus,
    Measurement,
)
from towpath.resources.analysis_template import Metric
from towpath.resources.structs import to_document, view
from towpath.rules.analysis import (
    arguments,
    assessment,
    conditions,
    counting,
    definition,
    merging,
    rehearsal,
    schedule,
)
from towpath.rules.analysis.schedule import Action


def _worst(phases: list[str]) -> str:
    order = ("Successful", "Inconclusive", "Error", "Failed")
    return max(phases, key=order.index, default="Successful")


def _check(before: AnalysisRunStatus, after: AnalysisRunStatus, spec: AnalysisRunSpec) -> None:
    known = definition.read(spec)
    for result in after.metric_results:
        assert result.count == result.successful + result.failed + result.inconclusive
        assert result.consecutive_error <= result.error
        assert result.consecutive_success <= result.successful
        assert 0 < len(result.measurements) <= known.most_kept(result.name)
        assert all(not schedule.is_in_flight(each) for each in result.measurements[:-1])
        was = schedule.result_of(before, result.name)
        if was is not None:
            assert was.count <= result.count
            assert was.error <= result.error
            if AnalysisPhase(was.phase).is_terminal:
                assert was == result, "what is complete does not change"
    said = after.run_summary
    dry = after.dry_run_summary
    assert said is not None
    assert dry is not None
    assert said.count + dry.count == len(spec.metrics)
    for each in (said, dry):
        assert each.successful + each.failed + each.inconclusive + each.error <= each.count
    if AnalysisPhase(after.phase).is_terminal:
        over = [each for each in after.metric_results if AnalysisPhase(each.phase).is_terminal]
        assert after.phase == _worst([each.phase for each in over if not each.dry_run])
        assert after.completed_at
    else:
        assert not after.completed_at


@settings(deadline=None)
@given(SPECS, st.data())
def test_what_holds_after_every_pass(spec: AnalysisRunSpec, data: st.DataObject) -> None:
    """Counters add up, what is complete stays, the run is as bad as the worst, and time only goes on."""
    if definition.problem(spec):
        return
    status, now = assessment.begun(), rehearsal.BEGIN
    ends_at = data.draw(st.none() | st.integers(0, 20))
    for turn in range(60):
        if ends_at is not None and turn >= ends_at:
            spec = msgspec.structs.replace(spec, terminate=True)
        known = definition.read(spec)
        terminating = schedule.is_terminating(known, status)
        before = status
        for task in schedule.due(known, status, now):
            assert (task.action is Action.START) == (task.measurement is None)
            assert not (terminating and task.action is not Action.TERMINATE)
            measurement = _answer(task, data, moments.written(now))
            status = counting.recorded(known, status, task.metric.name, measurement)
        status = assessment.assessed(known, status, now)
        _check(before, status, spec)
        assert view(AnalysisRunStatus, to_document(status)) == status, "it is stored as it is"
        following = schedule.next_look(known, status, now)
        if AnalysisPhase(status.phase).is_terminal:
            assert following is None
            assert schedule.due(known, status, now) == []
            assert assessment.assessed(known, status, now) == status
            return
        assert following is not None, "a run that goes on is looked at again"
        assert following >= now
        now = following


def _answer(task: schedule.MeasuringTask, data: st.DataObject, now: str) -> Measurement:
    measurement = task.measurement or Measurement(phase="Running", started_at=now)
    takes = data.draw(st.sampled_from([0, 0, 0, 15])) if task.action is Action.START else 0
    if takes:
        later = moments.read(now)
        assert later is not None
        resume = moments.written(later + timedelta(seconds=takes))
        return msgspec.structs.replace(measurement, resume_at=resume)
    phase = data.draw(st.sampled_from(ENDS))
    return msgspec.structs.replace(measurement, phase=phase, finished_at=now, resume_at=None)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
TEXTS = st.sampled_from(
    ["", "{{args.a}}", "{{", "}}", "{{args.b}}s", "1h", "-1s", "9" * 40, "0s", "9999999h", "(", "m"]
) | st.text(max_size=8)
NUMBERS = st.integers() | TEXTS
ANY_METRIC = st.fixed_dictionaries(
    {"name": TEXTS},
    optional={
        **dict.fromkeys(
            ("interval", "initialDelay", "successCondition", "failureCondition"), TEXTS
        ),
        **dict.fromkeys(
            (
                "count",
                "failureLimit",
                "inconclusiveLimit",
                "consecutiveErrorLimit",
                "consecutiveSuccessLimit",
            ),
            NUMBERS,
        ),
        "provider": st.sampled_from([{}, WEB, {"job": {}}, {"plugin": {"x": {"{{args.a}}": 1}}}]),
    },
)
ANY_SPEC = st.fixed_dictionaries(
    {"metrics": st.lists(ANY_METRIC, max_size=3)},
    optional={
        "args": st.lists(
            st.fixed_dictionaries({"name": TEXTS}, optional={"value": TEXTS}), max_size=2
        ),
        "dryRun": st.lists(st.fixed_dictionaries({"metricName": TEXTS}), max_size=2),
        "measurementRetention": st.lists(
            st.fixed_dictionaries({"metricName": TEXTS, "limit": st.integers()}), max_size=2
        ),
        "terminate": st.booleans(),
    },
)
ANY_STATUS = st.fixed_dictionaries(
    {"phase": TEXTS | st.sampled_from(list(AnalysisPhase))},
    optional={
        "startedAt": TEXTS,
        "metricResults": st.lists(
            st.fixed_dictionaries(
                {"name": TEXTS, "phase": TEXTS},
                optional={
                    "count": st.integers(-5, 5),
                    "measurements": st.lists(
                        st.fixed_dictionaries(
                            {"phase": st.sampled_from([*AnalysisPhase, "odd"])},
                            optional=dict.fromkeys(("startedAt", "finishedAt", "resumeAt"), TEXTS),
                        ),
                        max_size=2,
                    ),
                },
            ),
            max_size=2,
        ),
    },
)


@settings(deadline=None)
@given(ANY_SPEC, ANY_STATUS)
def test_nothing_that_a_store_may_hold_raises(spec: Any, status: Any) -> None:
    """A spec is refused in words, or has its passes, whatever the status is."""
    run = view(AnalysisRunSpec, spec)
    kept = view(AnalysisRunStatus, status)
    if definition.problem(run):
        return
    known = definition.read(run)
    schedule.due(known, kept, rehearsal.BEGIN)
    after = assessment.assessed(known, kept, rehearsal.BEGIN)
    schedule.next_look(known, after, rehearsal.BEGIN)


@settings(deadline=None)
@given(
    JSON,
    TEXTS | st.sampled_from(["result > 1", "result[0] == nil", "len(result) > 0", "isNaN(result)"]),
)
def test_no_value_and_no_condition_raises(value: Any, condition: str) -> None:
    """It is one of the four ends."""
    measured = view(Metric, {"name": "m", "provider": WEB, "successCondition": condition})
    assert conditions.judged(measured, value).phase in ENDS


@settings(deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_what_is_put_in_is_found_as_it_was(before: str, value: str) -> None:
    """Whatever characters it has."""
    if "{{" in before or before.endswith("{") or "}}" in before:
        return
    measured = view(Metric, {"name": f"{before}{{{{args.a}}}}", "provider": WEB})
    assert arguments.resolved(measured, {"a": value}).name == before + value


KEYS = [merging.TemplateKey(is_cluster, name) for is_cluster in (False, True) for name in "abc"]


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), st.none() | st.lists(st.sampled_from(KEYS), max_size=3))
)
def test_templates_are_looked_up_to_an_end_and_merged_or_refused(
    named: dict[merging.TemplateKey, list[merging.TemplateKey] | None],
) -> None:
    """Circles included."""
    stored = {
        key: below
        if below is None
        else template_spec(
            metric(str(key)),
            templates=[
                {"templateName": each.name, "clusterScope": each.is_cluster_scoped}
                for each in below
            ],
        )
        for key, below in named.items()
    }
    known: dict[merging.TemplateKey, Any] = {}
    for _ in range(len(KEYS) + 1):
        missing = merging.wanted(KEYS[:2], known)
        if not missing:
            break
        known |= {key: stored.get(key) for key in missing}
    assert merging.wanted(KEYS[:2], known) == []
    try:
        spec = merging.merged(KEYS[:2], known, {})
    except Invalid:
        return
    assert len({each.name for each in spec.metrics}) == len(spec.metrics) >= 1
