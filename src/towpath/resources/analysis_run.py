"""AnalysisRun: measurements under way, and what they came to."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from towpath.resources.analysis_template import Arguments, DryRuns, MeasurementRetentions, Metric
from towpath.resources.fields import Field, Int32, Struct, Time
from towpath.resources.meta import Resource


class AnalysisPhase(enum.StrEnum):
    """How far a run, metric or measurement is."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    ERROR = "Error"
    INCONCLUSIVE = "Inconclusive"

    @classmethod
    def _missing_(cls, value: object) -> AnalysisPhase:
        """What is not among them is waited for in vain: it counts as ended."""
        del value
        return cls.ERROR

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens."""
        return self not in (AnalysisPhase.PENDING, AnalysisPhase.RUNNING)


_PHASES: Final = ("", *AnalysisPhase)


class TtlStrategy(Struct):
    """How long a finished run is kept, in seconds."""

    seconds_after_completion: Annotated[
        Int32 | None, Field("Seconds to keep a finished run, however it ended.")
    ] = None
    seconds_after_failure: Annotated[Int32 | None, Field("Seconds to keep a run that failed.")] = (
        None
    )
    seconds_after_success: Annotated[
        Int32 | None, Field("Seconds to keep a run that succeeded.")
    ] = None


class AnalysisRunSpec(Struct):
    """What to measure."""

    metrics: Annotated[list[Metric], Field("What to measure.")]
    args: Arguments = []
    dry_run: DryRuns = []
    measurement_retention: MeasurementRetentions = []
    terminate: Annotated[bool, Field("Whether to stop now.")] = False
    ttl_strategy: Annotated[TtlStrategy | None, Field("How long a finished run is kept.")] = None


class Measurement(Struct):
    """One measurement."""

    phase: Annotated[str, Field("How far it is, and how it ended.", words=_PHASES)]
    message: Annotated[str, Field("Why, for people.")] = ""
    started_at: Annotated[Time | None, Field("When it began.")] = None
    finished_at: Annotated[Time | None, Field("When it ended.")] = None
    value: Annotated[str, Field("The result, as text.")] = ""
    metadata: Annotated[dict[str, str], Field("What the provider noted.")] = {}
    resume_at: Annotated[Time | None, Field("When to look at it again.")] = None


class MetricResult(Struct):
    """What a metric came to."""

    name: Annotated[str, Field("Name of the metric.")]
    phase: Annotated[str, Field("How far it is, and how it ended.", words=_PHASES)]
    message: Annotated[str, Field("Why, for people.")] = ""
    measurements: Annotated[list[Measurement], Field("The last measurements.")] = []
    count: Annotated[
        Int32, Field("How many measurements succeeded, failed or were inconclusive.")
    ] = 0
    successful: Annotated[Int32, Field("How many succeeded.")] = 0
    failed: Annotated[Int32, Field("How many failed.")] = 0
    inconclusive: Annotated[Int32, Field("How many were inconclusive.")] = 0
    error: Annotated[Int32, Field("How many ended in an error.")] = 0
    consecutive_error: Annotated[Int32, Field("How many errors in a row came last.")] = 0
    consecutive_success: Annotated[Int32, Field("How many successes in a row came last.")] = 0
    dry_run: Annotated[bool, Field("Whether the metric has no say in the outcome.")] = False
    metadata: Annotated[dict[str, str], Field("What the provider noted.")] = {}


class RunSummary(Struct):
    """How many metrics came to what."""

    count: Annotated[Int32, Field("How many there are.")] = 0
    successful: Annotated[Int32, Field("How many succeeded.")] = 0
    failed: Annotated[Int32, Field("How many failed.")] = 0
    inconclusive: Annotated[Int32, Field("How many were inconclusive.")] = 0
    error: Annotated[Int32, Field("How many ended in an error.")] = 0


class AnalysisRunStatus(Struct):
    """What the measurements came to."""

    phase: Annotated[str, Field("How far the run is, and how it ended.", words=_PHASES)]
    message: Annotated[str, Field("Why, for people.")] = ""
    metric_results: Annotated[list[MetricResult], Field("How each metric fares.")] = []
    started_at: Annotated[Time | None, Field("When it began.")] = None
    completed_at: Annotated[Time | None, Field("When it ended.")] = None
    run_summary: Annotated[RunSummary | None, Field("Outcomes of the metrics that count.")] = None
    dry_run_summary: Annotated[
        RunSummary | None, Field("Metrics that are measured and have no say in the outcome.")
    ] = None


class AnalysisRun(Resource, kw_only=True):
    """Measurements under way, and what they came to."""

    spec: Annotated[AnalysisRunSpec, Field("What to measure.")]
    status: Annotated[AnalysisRunStatus | None, Field("How far it is, and how it ended.")] = None
