"""Which Job printed what somebody wants to read of an AnalysisRun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import messages
from towpath.errors import BadRequest, NotFound
from towpath.verification.job import JOB_NAME

if TYPE_CHECKING:
    from towpath.resources.analysis_run import AnalysisRun


def job_of(run: AnalysisRun, metric: str = "", container: str = "") -> str:
    """Return the name of the Job of a metric's last measurement. Without a metric, that of the first that has one.

    Raises NotFound for a metric that there is not, that has no Job, or none yet, and BadRequest for a container that it has not.
    """
    about = f"AnalysisRun {run.metadata.name}"
    jobs = {
        each.name: each.provider.job for each in run.spec.metrics if each.provider.job is not None
    }
    if not jobs:
        raise NotFound(f"{about} has no metric of the provider job: others print nothing")
    if metric and metric not in jobs:
        raise NotFound(
            f"{about} has no metric {messages.cut(metric, 80)!r} of the provider job: "
            f"{messages.instead(metric, sorted(jobs))}"
        )
    results = {each.name: each for each in (run.status.metric_results if run.status else ())}
    for name in (metric,) if metric else jobs:
        there = _container(jobs[name].spec)
        if container and container != there:
            raise BadRequest(
                f"{about}: the Job of metric {name} has no container {messages.cut(container, 80)!r}: its container is {there!r}"
            )
        for measurement in reversed(results[name].measurements if name in results else ()):
            found = measurement.metadata.get(JOB_NAME, "")
            # What is written into a status by others leads to no Job of another run.
            if found.startswith(f"{run.metadata.uid}."):
                return found
    raise NotFound(f"{about}: no Job of {metric or 'its metrics'} has begun yet")


def _container(spec: Any) -> str:
    """Return the name of the container of a JobSpec, which may be anything."""
    for key in ("template", "spec", "containers"):
        spec = spec.get(key) if isinstance(spec, dict) else None
    first = spec[0] if isinstance(spec, list) and spec else None
    name = first.get("name") if isinstance(first, dict) else None
    return name if isinstance(name, str) else ""
