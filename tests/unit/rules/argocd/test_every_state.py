"""Every state that an Application can be in: when a step may say that it is done, and a Stage that it is well."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.applications import (
    EARLIER,
    ENDED,
    LATER,
    ONE,
    PROMOTION,
    TWO,
    application,
    operation,
    state,
)
from towpath.resources.stage import HealthState
from towpath.rules.argocd.health import health
from towpath.rules.argocd.revision_match import Related, Relation
from towpath.rules.argocd.update_verdict import Start, Synced, SyncFailed, SyncWait, verdict
from towpath.rules.argocd.wait_verdict import USUAL, LookState, waited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.rules.argocd.application import Application

SYNCS = ("Synced", "OutOfSync", "Unknown", "")
HEALTHS = ("Healthy", "Progressing", "Suspended", "Degraded", "Missing", "Unknown", "", "Sleeping")
PHASES = (None, "Running", "Retrying", "Terminating", "Succeeded", "Failed", "Error", "Sleeping")
CONDITIONS = (
    (),
    ("ComparisonError",),
    ("InvalidSpecError",),
    ("SyncError",),
    ("OrphanedResourceWarning",),
)
OWNERS = (PROMOTION, "another", None)
RELATIONS = tuple(each for each in Relation if each is not Relation.NONE)
PENDING = (None, operation(), operation(None))
LOOKED = (LATER, EARLIER, None)


def _states() -> Iterator[tuple[Application, dict[str, Any]]]:
    for sync, well, phase, conditions, owner, pending, looked in itertools.product(
        SYNCS, HEALTHS, PHASES, CONDITIONS, OWNERS, PENDING, LOOKED
    ):
        if phase is None and owner is not None:
            continue
        status: dict[str, Any] = {
            "sync": {"status": sync, "revision": TWO},
            "health": {"status": well},
            "conditions": [{"type": each, "message": "m"} for each in conditions],
        }
        status["reconciledAt"] = looked
        if phase is not None:
            finished = None if phase in ("Running", "Terminating", "Sleeping") else ENDED
            said = (
                "Running" if phase == "Retrying" else phase
            )  # between two tries `finishedAt` is set
            status |= state(said, promotion=owner, revision=TWO, finished=finished)
        more = {"operation": pending} if pending else {}
        yield (
            application(status=status, **more),
            {
                "sync": sync,
                "health": well,
                "phase": phase,
                "conditions": conditions,
                "owner": owner,
                "pending": pending,
                "looked": looked,
            },
        )


ALL = list(_states())


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_step_is_green_only_when_what_it_wants_was_synced(relation: Relation) -> None:
    """By an operation of its own that succeeded, of the wanted revision or one as good, and no error stands."""
    known = {(0, ONE, TWO): Related(relation)}
    for found, seen in ALL:
        done = verdict(found, [ONE], PROMOTION, known)
        is_ours = seen["owner"] == PROMOTION and seen["phase"] is not None
        has_error = bool({"ComparisonError", "InvalidSpecError"} & set(seen["conditions"]))
        is_done = is_ours and seen["phase"] == "Succeeded" and relation.matches and not has_error
        assert isinstance(done, Synced) == is_done, seen
        if isinstance(done, SyncFailed):
            assert is_ours, seen
            assert seen["phase"] in ("Failed", "Error") or relation is Relation.NEWER, seen
        if isinstance(done, Start):
            assert not seen["pending"], "what somebody asked for is never overwritten"
            assert seen["phase"] in (None, "Succeeded", "Failed", "Error"), "nothing runs"
        assert isinstance(done, Synced) or done.why, "it says why"


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_stage_is_well_only_when_all_is(relation: Relation) -> None:
    """And where it is not, it says why."""
    known = {(0, ONE, TWO): Related(relation)}
    for found, seen in ALL:
        judged = health(found, [ONE], known)
        is_fresh = (
            seen["phase"] in (None, "Running", "Terminating", "Sleeping") or seen["looked"] == LATER
        )
        is_well = (
            is_fresh
            and seen["health"] == "Healthy"
            and seen["phase"] == "Succeeded"
            and not seen["pending"]
            and not {"ComparisonError", "InvalidSpecError", "SyncError"} & set(seen["conditions"])
            and relation.matches
            and not (seen["sync"] == "OutOfSync" and seen["owner"] is not None)
        )
        assert (judged.state is HealthState.HEALTHY) == is_well, (seen, judged)
        assert bool(judged.issues) == (not is_well), seen
        if relation is Relation.UNKNOWN and is_fresh and not seen["conditions"]:
            assert judged.state is HealthState.UNKNOWN, "nobody can tell"


def test_without_a_wanted_revision_a_running_sync_is_seen() -> None:
    """It is never Healthy while an operation is asked for or under way."""
    for found, seen in ALL:
        judged = health(found, [])
        if seen["pending"] or seen["phase"] in ("Running", "Terminating"):
            assert judged.state is not HealthState.HEALTHY, seen
        if seen["phase"] in ("Failed", "Error"):
            assert judged.state is not HealthState.HEALTHY, seen


def test_a_wait_is_over_only_when_all_it_waits_for_is_there() -> None:
    """In sync, Healthy, at rest, by a look since it began; and an operation that failed fails it."""
    for found, seen in ALL:
        judged = waited(found, USUAL, "")
        has_error = bool({"ComparisonError", "InvalidSpecError"} & set(seen["conditions"]))
        is_fresh = (
            seen["phase"] in (None, "Running", "Terminating", "Sleeping") or seen["looked"] == LATER
        )
        is_ready = (
            seen["sync"] == "Synced"
            and seen["health"] == "Healthy"
            and seen["phase"] in (None, "Succeeded")
            and not seen["pending"]
            and not has_error
            and is_fresh
        )
        assert judged.is_ready == is_ready, (seen, judged)
        assert judged.is_ready or judged.why, seen
        has_failed = seen["phase"] in ("Failed", "Error") and not seen["pending"] and is_fresh
        assert judged.is_final == (has_error or has_failed), (seen, judged)
        for look in (LookState.UNASKED, LookState.ASKED):
            early = waited(found, USUAL, "Healthy", look=look)
            assert not early.is_ready, "what is older than the step says nothing"
            assert not early.is_final, "neither for nor against"


def test_what_a_step_waits_for_is_told_by_whose_it_is() -> None:
    """Ours or somebody else's."""
    found = verdict(application(operation=operation(None)), [ONE], PROMOTION)
    assert isinstance(found, SyncWait)
    assert "odile" in found.why
    assert not found.is_ours
