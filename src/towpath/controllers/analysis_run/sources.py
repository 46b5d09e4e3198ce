"""Changes after which an AnalysisRun must be looked at."""

from __future__ import annotations

from towpath.resources import scheme
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query


def sources() -> tuple[Source, ...]:
    """Return the sources of the controller: runs, which hold all that they measure. No change of a template concerns one."""
    return (Source(query=Query(kind=scheme.ANALYSIS_RUN), mark=without_status),)
