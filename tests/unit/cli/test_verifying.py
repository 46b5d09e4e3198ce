"""`verify` and `get debt`: what is asked for, what is waited for, the exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli.fake_api import Stream, frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

STAGE = "/v1beta1/projects/shop/stages/dev"
DEBT = "/towpath/v1/projects/shop/debt"


def _stage(*runs: tuple[str, str], healthy: str = "True") -> dict[str, Any]:
    """Return a Stage with verifications, newest first, by id and phase."""
    return {
        "metadata": {"name": "dev"},
        "status": {
            "freightHistory": [
                {
                    "verificationHistory": [
                        {"id": id_, "phase": phase, "message": f"{id_} it is"}
                        for id_, phase in runs
                    ]
                }
            ],
            "conditions": [{"type": "Healthy", "status": healthy, "message": "it is down"}],
        },
    }


BEFORE = _stage(("1", "Failed"))


@pytest.mark.parametrize("words", [("dev",), ("stage", "dev"), ("stage/dev",)])
def test_verify_asks_for_another_verification(api: Api, call: Call, words: tuple[str, ...]) -> None:
    """Of a Stage, however it is named."""
    api.answer("POST", f"{STAGE}/verification", None)
    told = call("verify", *words)
    assert (told.code, told.lines) == (
        0,
        ["stage.kargo.akuity.io/dev verification requested"],
    )


@pytest.mark.parametrize(("phase", "code"), [("Successful", 0), ("Failed", 2), ("Error", 2)])
def test_verify_waits_for_the_one_that_it_asked_for(
    api: Api, call: Call, phase: str, code: int
) -> None:
    """And not for the one before; the exit code says how it ended."""
    api.answer("POST", f"{STAGE}/verification", None)
    states = [
        BEFORE,
        _stage(("2", "Pending"), ("1", "Failed")),
        _stage(("2", "Running"), ("1", "Failed")),
        _stage(("2", phase), ("1", "Failed")),
    ]
    api.answer("GET", STAGE, BEFORE, Stream([frame("MODIFIED", state) for state in states]))
    told = call("verify", "dev", "--wait")
    assert told.code == code
    assert told.lines == [f"stage.kargo.akuity.io/dev verification {phase}: 2 it is"]


def test_verify_says_what_it_waits_for_when_its_time_is_over(api: Api, call: Call) -> None:
    """A Stage that is not healthy is not verified."""
    api.answer("POST", f"{STAGE}/verification", None)
    ill = _stage(("1", "Failed"), healthy="False")
    api.answer("GET", STAGE, ill, Stream([frame("ADDED", ill)], stay=True), ill)
    told = call("verify", "dev", "--wait", "--timeout", "0.05s")
    assert told.code == 3
    assert "it waits for a healthy Stage: it is down" in told.err


def test_verify_gives_one_up(api: Api, call: Call) -> None:
    """With --wait until it has ended; that it did is what was wanted."""
    api.answer("POST", f"{STAGE}/verification/abort", None)
    assert call("verify", "dev", "--abort").lines == [
        "stage.kargo.akuity.io/dev verification abort requested"
    ]
    runs, ended = _stage(("1", "Running")), _stage(("1", "Aborted"))
    api.answer("GET", STAGE, runs, Stream([frame("ADDED", runs), frame("MODIFIED", ended)]))
    told = call("verify", "dev", "--abort", "--wait")
    assert (told.code, told.lines) == (
        0,
        ["stage.kargo.akuity.io/dev verification Aborted: 1 it is"],
    )


def test_verify_wants_one_stage(api: Api, call: Call) -> None:
    """And passes on why the server refuses."""
    assert call("verify", "warehouse", "main").code == 1
    assert call("verify", "stage", "a", "b").code == 1
    api.answer("POST", f"{STAGE}/verification", (409, {"error": "it has no verification"}))
    told = call("verify", "dev")
    assert told.code == 1
    assert "it has no verification" in told.err


ITEM = {
    "stage": "dev",
    "origin": "Warehouse/main",
    "freight": "47b3",
    "since": "2026-01-01T00:00:00Z",
    "until": "2026-01-02T00:00:00Z",
    "promotion": "dev.01",
    "verdict": "",
    "reason": "Superseded",
    "owed": True,
    "message": "Freight 58c4 came in",
    "analysisRun": "",
    "finished": "",
}


def test_get_debt_shows_what_passed_without_a_verdict(api: Api, call: Call) -> None:
    """Wide: what became of all; one Stage where it is named."""
    api.answer("GET", DEBT, {"items": [ITEM], "since": "2025-12-01T00:00:00Z"})
    told = call("get", "debt", "--stage", "dev")
    assert told.code == 0
    assert told.lines[0].split() == [
        *("STAGE", "FREIGHT", "SINCE", "UNTIL", "VERDICT", "REASON", "MESSAGE")
    ]
    assert "Superseded" in told.lines[1]
    assert "2025-12-01" in told.err
    asked = next(each for each in api.asked if each.path == DEBT)
    assert asked.query == {"stage": ["dev"], "owed": ["true"]}
    assert "dev.01" in call("get", "debt", "-o", "wide").out
    assert "owed" not in [each for each in api.asked if each.path == DEBT][-1].query
    assert call("get", "debt", "-o", "name").lines == ["freight.kargo.akuity.io/47b3"]
    api.answer("GET", DEBT, {"items": []})
    told = call("get", "debt")
    assert (told.out, told.code) == ("", 0)
    assert "has a verdict" in told.err
    assert call("get", "debt", "dev").code == 1
