"""How well a Stage is by what Argo CD says of an Application that its last Promotion updated.

The first finding decides. What is wrong for sure is Unhealthy, what nobody can tell is Unknown, and both say why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.resources.stage import HealthState
from towpath.rules.argocd.application import (
    ERRORS,
    HEALTHY,
    OUT_OF_SYNC,
    PROGRESSING,
    SUCCEEDED,
    SUSPENDED,
    SYNC_ERROR,
    UNKNOWN,
)
from towpath.rules.argocd.revision_match import Relation, compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class AppHealth:
    """How well a Stage is by one Application."""

    state: HealthState
    issues: tuple[str, ...] = ()
    """Why it is not Healthy, one text for each thing that is to be mended."""
    wants_refresh: bool = False
    """Whether Argo CD is to be asked to compare anew, without its cache."""


def health(
    application: Application, desired: Sequence[str], known: Known | None = None
) -> AppHealth:
    """Return the health by an Application of which these revisions are wanted, one for each source; empty: any.

    `known`: what repositories said of revisions whose texts differ.
    """
    named = application.said
    if application.is_stale:
        return AppHealth(
            state=HealthState.UNKNOWN,
            issues=(
                f"{named} was not looked at since its last operation ended; Argo CD is asked to look",
            ),
            wants_refresh=True,
        )
    if errors := application.having(ERRORS | {SYNC_ERROR}):
        return AppHealth(
            state=HealthState.UNHEALTHY,
            issues=tuple(f"{named} has condition {each.said}" for each in errors),
        )
    if any(desired):
        found = _revisions(application, desired, known)
        if found is not None:
            return found
    state = application.state
    if state is not None and state.has_failed:
        return _found(
            HealthState.UNHEALTHY,
            f"{named}: the operation of {state.operation.by} ended {state.phase}: {state.why}",
        )
    is_ours = state is not None and state.phase == SUCCEEDED and bool(state.operation.promotion)
    is_pending = application.pending is not None and application.pending.syncs
    if application.sync == OUT_OF_SYNC and is_ours and not is_pending:
        return _found(
            HealthState.UNHEALTHY,
            f"{named} is {OUT_OF_SYNC}, though a sync succeeded: what is in the cluster is not what its sources say",
        )
    return _own(application, is_busy=is_pending or (state is not None and not state.is_complete))


def missing(name: str, namespace: str, why: str = "") -> AppHealth:
    """Return the health by an Application that is not there, or that could not be read."""
    said = f'Argo CD Application "{name}" in namespace "{namespace}"'
    return _found(HealthState.UNKNOWN, f"{said} {why or 'does not exist'}")


def _revisions(
    application: Application, desired: Sequence[str], known: Known | None
) -> AppHealth | None:
    """Return the health by revisions that are not what is wanted; None where they are."""
    named, state = application.said, application.state
    if application.pending is not None and application.pending.syncs:
        by = application.pending.by
        return _found(HealthState.UNKNOWN, f"{named} is being synced: {by} asked for it")
    if state is None:
        return _found(HealthState.UNKNOWN, f"{named} was never synced, as far as Argo CD says")
    if state.finished_at is None:
        by = state.operation.by
        return _found(HealthState.UNKNOWN, f"{named} is being synced by the operation of {by}")
    sources, observed = application.sources, application.compared
    if len(sources) < len(desired):
        return _found(
            HealthState.UNKNOWN,
            f"{named} has {len(sources)} sources, and {len(desired)} when it was promoted; promote again",
        )
    if len(observed) != len(sources):
        return _found(
            HealthState.UNKNOWN,
            f"{named} has {len(sources)} sources, and Argo CD names {len(observed)} revisions; it is to look again",
        )
    found = compared(application, desired, observed, known)
    wrong = [each for each in found if not each.relation.matches]
    if not wrong or (len(sources) > len(desired) and _in_order(desired, observed)):
        return None
    said = f"{named}: {'; '.join(each.said for each in wrong)}"
    if all(each.relation is Relation.UNKNOWN for each in wrong):
        return _found(HealthState.UNKNOWN, said)
    return _found(HealthState.UNHEALTHY, said)


def _in_order(desired: Sequence[str], observed: Sequence[str]) -> bool:
    """Whether all that is wanted is there in its order: a source that was added has moved what comes after it."""
    left = iter(observed)
    return all(revision in left for revision in desired if revision)


def _own(application: Application, *, is_busy: bool) -> AppHealth:
    named, message = application.said, application.health_message
    why = f": {message}" if message else ""
    match application.health:
        case word if word == HEALTHY and is_busy:
            return _found(HealthState.PROGRESSING, f"{named} is being synced")
        case word if word == HEALTHY:
            return AppHealth(state=HealthState.HEALTHY)
        case word if word in (PROGRESSING, ""):
            return _found(HealthState.PROGRESSING, f"{named} is progressing{why}")
        case word if word == SUSPENDED:
            return _found(HealthState.PROGRESSING, f"{named} is suspended{why}")
        case word if word == UNKNOWN:
            return _found(HealthState.UNKNOWN, f"{named}: Argo CD cannot tell its health{why}")
        case word:
            return _found(HealthState.UNHEALTHY, f"{named} is {word[:60]}{why}")


def _found(state: HealthState, issue: str) -> AppHealth:
    return AppHealth(state=state, issues=(issue,))
