"""AnalysisRun: measurements under way, and what they came to (resources.md §10)."""

from __future__ import annotations

import enum
from typing import Annotated

from towpath.resources.analysis_template import Argument, DryRun, MeasurementRetention, Metric
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

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens."""
        return self not in (AnalysisPhase.PENDING, AnalysisPhase.RUNNING)


class TtlStrategy(Struct):
    """How long a finished run is kept, in seconds."""

    seconds_after_completion: Annotated[Int32 | None, Field("However it ended.")] = None
    seconds_after_failure: Annotated[Int32 | None, Field("If it failed.")] = None
    seconds_after_success: Annotated[Int32 | None, Field("If it succeeded.")] = None


class AnalysisRunSpec(Struct):
    """What to measure."""

    metrics: Annotated[list[Metric], Field("What to measure.")]
    args: Annotated[
        list[Argument],
        Field("Values that metrics refer to.", list_type="map", list_map_keys=("name",)),
    ] = []
    dry_run: Annotated[
        list[DryRun],
        Field("Metrics that do not count.", list_type="map", list_map_keys=("metricName",)),
    ] = []
    measurement_retention: Annotated[
        list[MeasurementRetention],
        Field("How many measurements are kept.", list_type="map", list_map_keys=("metricName",)),
    ] = []
    terminate: Annotated[bool, Field("Whether to stop now.")] = False
    ttl_strategy: Annotated[TtlStrategy | None, Field("How long it is kept when finished.")] = None


class Measurement(Struct):
    """One measurement."""

    phase: Annotated[str, Field("What it came to.")]
    message: Annotated[str, Field("More about that.")] = ""
    started_at: Annotated[Time | None, Field("When it began.")] = None
    finished_at: Annotated[Time | None, Field("When it ended.")] = None
    value: Annotated[str, Field("The result, as text.")] = ""
    metadata: Annotated[dict[str, str], Field("What the provider noted.")] = {}
    resume_at: Annotated[Time | None, Field("When to look at it again.")] = None


class MetricResult(Struct):
    """What a metric came to."""

    name: Annotated[str, Field("The metric.")]
    phase: Annotated[str, Field("What it came to.")]
    message: Annotated[str, Field("More about that.")] = ""
    measurements: Annotated[list[Measurement], Field("The last measurements.")] = []
    count: Annotated[Int32, Field("Measurements that count.")] = 0
    successful: Annotated[Int32, Field("Good ones.")] = 0
    failed: Annotated[Int32, Field("Bad ones.")] = 0
    inconclusive: Annotated[Int32, Field("Undecided ones.")] = 0
    error: Annotated[Int32, Field("Errors.")] = 0
    consecutive_error: Annotated[Int32, Field("Errors in a row.")] = 0
    consecutive_success: Annotated[Int32, Field("Good ones in a row.")] = 0
    dry_run: Annotated[bool, Field("Whether it does not count.")] = False
    metadata: Annotated[dict[str, str], Field("What the provider noted.")] = {}


class RunSummary(Struct):
    """How many metrics came to what."""

    count: Annotated[Int32, Field("All.")] = 0
    successful: Annotated[Int32, Field("Good ones.")] = 0
    failed: Annotated[Int32, Field("Bad ones.")] = 0
    inconclusive: Annotated[Int32, Field("Undecided ones.")] = 0
    error: Annotated[Int32, Field("Errors.")] = 0


class AnalysisRunStatus(Struct):
    """What the measurements came to."""

    phase: Annotated[str, Field("What the run came to.")]
    message: Annotated[str, Field("More about that.")] = ""
    metric_results: Annotated[list[MetricResult], Field("What each metric came to.")] = []
    started_at: Annotated[Time | None, Field("When it began.")] = None
    completed_at: Annotated[Time | None, Field("When it ended.")] = None
    run_summary: Annotated[RunSummary | None, Field("Metrics that count.")] = None
    dry_run_summary: Annotated[RunSummary | None, Field("Metrics that do not count.")] = None


class AnalysisRun(Resource, kw_only=True):
    """Measurements under way, and what they came to."""

    spec: Annotated[AnalysisRunSpec, Field("What to measure.")]
    status: Annotated[AnalysisRunStatus | None, Field("What it came to.")] = None
