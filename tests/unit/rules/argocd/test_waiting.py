"""What argocd-wait makes of an Application, beyond what every state comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.applications import (
    EARLIER,
    ENDED,
    ONE,
    PROMOTION,
    TWO,
    application,
    operation,
    state,
)
from towpath.resources import moments
from towpath.rules.argocd.update_verdict import SyncWait, verdict
from towpath.rules.argocd.wait_verdict import USUAL, LookState, WaitFor, waited

AT = moments.read(ENDED) or datetime.now(UTC)


def _failed(**more: Any) -> dict[str, Any]:
    return {
        **state("Failed", message="no", **more),
        "sync": {"status": "OutOfSync", "revision": TWO},
    }


@pytest.mark.parametrize(
    ("began", "owner", "synced", "is_final"),
    [
        (AT - timedelta(seconds=9), None, ONE, True),
        (AT + timedelta(seconds=9), None, ONE, False),
        (AT + timedelta(seconds=9), PROMOTION, ONE, True),
        (AT + timedelta(seconds=9), None, TWO, True),
        (None, None, ONE, True),
    ],
)
def test_an_older_failure_is_not_the_steps(
    began: datetime | None, owner: str | None, synced: str, is_final: bool
) -> None:
    """Unless it was this Promotion's, or about what is compared now: a push has made another sync due."""
    found = waited(
        application(status=_failed(promotion=owner, revision=synced)),
        USUAL,
        "",
        began=began,
        promotion=PROMOTION,
    )
    assert (found.is_ready, found.is_final) == (False, is_final)
    if is_final:
        assert "no" in found.why


def test_a_failure_matters_to_who_waits_for_it() -> None:
    """Health alone may be well."""
    found = waited(application(status=_failed()), [WaitFor.HEALTH], "")
    assert found.is_ready


@pytest.mark.parametrize(
    ("during", "remembered"),
    [
        ("Degraded", "Healthy"),
        ("Unknown", "Healthy"),
        ("Progressing", "Progressing"),
        ("", "Healthy"),
    ],
)
def test_degraded_counts_against_the_health_before_the_operation(
    during: str, remembered: str
) -> None:
    """What happens while it runs is not remembered where it would hide that."""
    status = {**state("Running", finished=None), "health": {"status": during}}
    found = waited(application(status=status), USUAL, "Healthy")
    assert (found.is_ready, found.is_final, found.health) == (False, False, remembered)
    after = {**state(), "health": {"status": "Degraded", "message": "3 Pods crash"}}
    ended = waited(application(status=after), USUAL, found.health)
    assert ended.is_final
    assert "3 Pods crash" in ended.why


@pytest.mark.parametrize("former", ["", "Degraded", "Unknown"])
def test_what_was_not_better_before_is_waited_out(former: str) -> None:
    """The first look too."""
    status = {**state(), "health": {"status": "Degraded"}}
    assert not waited(application(status=status), USUAL, former).is_final


def test_an_error_counts_only_after_a_look_of_the_steps_own() -> None:
    """It may be that of a repository that did not answer once."""
    status = {"conditions": [{"type": "ComparisonError", "message": "m"}]}
    found = application(status=status)
    first = waited(found, USUAL, "", look=LookState.UNASKED)
    assert (first.is_final, first.wants_refresh) == (False, "normal")
    assert not waited(found, USUAL, "", look=LookState.ASKED).is_final
    assert waited(found, USUAL, "").is_final


def test_a_stale_health_is_not_believed() -> None:
    """A look is asked for that leaves the cache out."""
    found = waited(application(status={**state(), "reconciledAt": EARLIER}), [WaitFor.HEALTH], "")
    assert (found.is_ready, found.wants_refresh) == (False, "hard")
    assert waited(
        application(status={**state(), "reconciledAt": EARLIER}), [WaitFor.SYNC], ""
    ).is_ready


@pytest.mark.parametrize(
    ("wanted", "health", "is_ready"),
    [
        ([WaitFor.HEALTH, WaitFor.SUSPENDED], "Suspended", True),
        ([WaitFor.SUSPENDED], "Healthy", False),
        ([WaitFor.DEGRADED], "Degraded", True),
        ([WaitFor.HEALTH], "", False),
    ],
)
def test_healths_are_alternatives(wanted: list[WaitFor], health: str, is_ready: bool) -> None:
    """And one of them has to be there."""
    found = waited(application(status={"health": {"status": health}}), wanted, "")
    assert found.is_ready is is_ready


def test_between_two_tries_it_is_not_at_rest() -> None:
    """`finishedAt` is set then, too."""
    found = waited(
        application(status=state("Running"), operation=operation()), [WaitFor.OPERATION], ""
    )
    assert not found.is_ready


def test_an_application_that_is_left_alone_says_what_to_take_away() -> None:
    """Argo CD would never look, nor begin."""
    skip = {"annotations": {"argocd.argoproj.io/skip-reconcile": "true"}}
    found = application(metadata=skip, operation=operation())
    for look in (LookState.UNASKED, LookState.ASKED):
        assert "skip-reconcile keeps Argo CD from it" in waited(found, USUAL, "", look=look).why
    pending = verdict(found, [ONE], PROMOTION)
    assert isinstance(pending, SyncWait)
    assert "skip-reconcile keeps Argo CD from it" in pending.why
    assert application().left_alone == ""
