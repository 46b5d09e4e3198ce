"""How far runs are and what they have logged, in answers of our own API."""

from __future__ import annotations

from msgspec import field

from towpath.server.shaped import Maybe, MaybeMoment, Shaped


class ShownMetricProgress(Shaped):
    """How far a metric is."""

    name: str
    phase: str
    message: str
    taken: int
    wanted: int | None
    errors: int
    dry_run: bool
    in_flight: bool
    next_at: MaybeMoment


class RunProgress(Shaped):
    """How far an AnalysisRun is."""

    analysis_run: str
    phase: str
    message: str
    started_at: Maybe
    completed_at: Maybe
    metrics: list[ShownMetricProgress]
    waiting_for: Maybe


class LogLine(Shaped):
    """What a step, or the whole, came to."""

    time: str
    step: str
    status: str
    message: str


class Log(Shaped):
    """Lines so far, and whether there will be more. Of a Promotion also `rev`, to wait for what comes after it."""

    lines: list[LogLine]
    done: bool
    rev: int = 0
    from_: int = field(name="from", default=0)
    total: int = 0
