"""Changes after which the run of a hook must be looked at: of itself alone."""

from __future__ import annotations

from towpath.resources import scheme
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query


def sources() -> tuple[Source, ...]:
    """Return the sources of the controller of HookRuns."""
    return (Source(query=Query(kind=scheme.HOOK_RUN), mark=without_status),)
