"""What is known of AnalysisRuns and their measurements, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.telemetry.exposition import Family
from towpath.verification.tally import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.controllers.analysis_run import AnalysisRunReconciler
    from towpath.verification.tally import MeasurementTally


def families(runs: AnalysisRunReconciler, tally: MeasurementTally) -> Iterator[Family]:
    """Yield the metrics of all runs."""
    yield Family.of(
        "towpath_analysis_runs_active", "gauge", "AnalysisRuns that have not ended.", runs.active
    )
    yield Family(
        "towpath_analysis_runs_ended_total",
        "counter",
        "AnalysisRuns that have ended, by phase.",
        [({"phase": phase}, count) for phase, count in sorted(tally.ended.items())],
    )
    yield Family(
        "towpath_verifications_total",
        "counter",
        "Verifications of Stages that have ended, by phase.",
        [({"phase": phase}, count) for phase, count in sorted(tally.verifications.items())],
    )
    yield Family.of(
        "towpath_measurements_under_way",
        "gauge",
        "Measurements that are being taken, or wait for their turn.",
        runs.under_way.count,
    )
    yield Family(
        "towpath_measurements_total",
        "counter",
        "Measurements that have ended, by provider and phase.",
        [
            ({"provider": provider, "phase": phase}, count)
            for (provider, phase), count in sorted(tally.measured.items())
        ],
    )
    yield Family.of(
        "towpath_measurements_taken_again_total",
        "counter",
        "Measurements that were cut off by the end of a server, and taken again.",
        tally.retaken,
    )
    yield Family.histogram(
        "towpath_measurement_lateness_seconds",
        "How long after it was due a measurement was handed to its provider.",
        BOUNDS,
        tally.late,
        tally.late_seconds,
    )
