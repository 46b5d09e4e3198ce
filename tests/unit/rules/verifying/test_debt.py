"""What became of the verification of each Freight that was in a Stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from towpath.rules.verifying import awaited as awaiting
from towpath.rules.verifying import outcome
from towpath.rules.verifying.awaited import Awaited
from towpath.rules.verifying.debt import Lack, Stay, StayOutcome, VerificationRun, stay_outcomes

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIMIT = timedelta(minutes=10)


def _stay(freight: str, began: int, ended: int | None, **more: Any) -> Stay:
    """Return a stay; minutes before now."""
    return Stay(
        freight=freight,
        origin=more.get("origin", "Warehouse/main"),
        began=NOW - timedelta(minutes=began),
        ended=None if ended is None else NOW - timedelta(minutes=ended),
        promotion=more.get("promotion", f"dev.{freight}"),
    )


def _run(
    freight: str, recorded: int, phase: str, message: str = "", run: str = "r"
) -> VerificationRun:
    return VerificationRun(
        id=f"{freight}-{recorded}",
        freight=frozenset(freight.split("+")),
        recorded=NOW - timedelta(minutes=recorded),
        phase=phase,
        message=message,
        analysis_run=run,
        finished="",
    )


def _one(stays: list[Stay], *runs: VerificationRun, **more: Any) -> StayOutcome:
    given: dict[str, Any] = {"waits": None, "deadline": LIMIT, **more}
    return stay_outcomes(stays, runs, **given)[-1]


@pytest.mark.parametrize("phase", ["Successful", "Failed", "Inconclusive"])
def test_a_verdict_is_no_debt(phase: str) -> None:
    """Also where a later verification came to none."""
    aborted = _run("a", 5, "Aborted", f"{outcome.ABORTED}me")
    found = _one([_stay("a", 20, 3)], aborted, _run("a", 10, phase, "so it is"))
    assert (found.verdict, found.lack, found.is_owed) == (phase, None, False)
    assert found.message == "so it is"


@pytest.mark.parametrize(
    ("phase", "message", "run", "lack", "is_owed"),
    [
        ("Aborted", f"{outcome.ABORTED}me", "r", Lack.ABORTED, True),
        ("Aborted", f"{outcome.SUPERSEDED}other Freight", "r", Lack.SUPERSEDED, True),
        ("Error", f"AnalysisRun r {outcome.GONE}", "r", Lack.RUN_DELETED, True),
        ("Error", outcome.NO_TEMPLATE, "", Lack.NO_TEMPLATE, True),
        ("Error", 'AnalysisTemplate "web" does not exist', "", Lack.NO_TEMPLATE, True),
        ("Error", 'ClusterAnalysisTemplate "web" does not exist', "", Lack.NO_TEMPLATE, True),
        ("Error", "no such host", "r", Lack.ERROR, True),
        ("Successful", "", "", Lack.NOT_ASKED_FOR, False),
        ("Pending", "", "r", Lack.UNDER_WAY, False),
        ("Running", "", "r", Lack.UNDER_WAY, False),
        ("what?", "", "r", Lack.ERROR, True),
    ],
)
def test_no_verdict_has_a_name(
    phase: str, message: str, run: str, lack: Lack, is_owed: bool
) -> None:
    """By the newest verification of the stay."""
    found = _one([_stay("a", 20, None)], _run("a", 10, phase, message, run))
    assert (found.verdict, found.lack, found.is_owed) == ("", lack, is_owed)
    assert found.message or phase == "what?"


def test_what_was_never_verified_has_a_name() -> None:
    """By what came after it, and when."""
    stays = [_stay("b", 12, None), _stay("a", 20, 12)]
    found = _one(stays)
    assert (found.lack, found.is_owed) == (Lack.SUPERSEDED, True)
    assert "Freight b (Promotion dev.b) came in at" in found.message
    late = _one([_stay("b", 10, None), _stay("a", 20, 10)])
    assert late.lack is Lack.HEALTH_NOT_SETTLED
    gone = _one([_stay("a", 20, 12)], is_there=False)
    assert gone.lack is Lack.STAGE_DELETED


@pytest.mark.parametrize(
    ("reason", "lack"),
    [
        (awaiting.HEALTH, Lack.WAITING),
        (awaiting.DUE, Lack.WAITING),
        (awaiting.FAILED, Lack.WAITING),
        (awaiting.NOT_SETTLED, Lack.HEALTH_NOT_SETTLED),
    ],
)
def test_what_is_there_and_waits(reason: str, lack: Lack) -> None:
    """Is owed once its health had its time."""
    waits = Awaited(reason=reason, message="because")
    found = _one([_stay("a", 20, None)], waits=waits)
    assert (found.lack, found.message) == (lack, "because")


def test_a_run_belongs_to_the_stay_that_it_was_made_in() -> None:
    """A Freight that comes back is verified anew; one that stays shares the runs of what comes and goes beside it."""
    stays = [_stay("a", 5, None), _stay("b", 10, 5), _stay("a", 20, 10)]
    runs = [_run("a", 15, "Failed"), _run("b", 8, "Successful"), _run("a", 5, "Running")]
    found = stay_outcomes(stays, runs, waits=None, deadline=LIMIT)
    assert [(each.verdict, each.lack) for each in found] == [
        ("", Lack.UNDER_WAY),
        ("Successful", None),
        ("Failed", None),
    ]
    beside = _stay("c", 20, None, origin="Warehouse/other")
    both = stay_outcomes(
        [_stay("a", 5, None), beside],
        [_run("a+c", 4, "Successful"), _run("c", 19, "Failed")],
        waits=None,
        deadline=LIMIT,
    )
    assert [each.verdict for each in both] == ["Successful", "Successful"]


def test_what_comes_back_within_a_moment_is_owed_its_own_verdict() -> None:
    """A run that was recorded just when one stay ended and another began is of the latter."""
    stays = [_stay("a", 10, None), _stay("b", 10, 10), _stay("a", 20, 10)]
    found = stay_outcomes(stays, [_run("a", 10, "Failed")], waits=None, deadline=LIMIT)
    assert [each.verdict for each in found] == ["Failed", "", ""]
    assert found[2].is_owed
