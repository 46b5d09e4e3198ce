"""`promote`, `approve` and `refresh`: what is asked for, live progress, the exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import towpath_process
from tests.unit.cli.fake_api import Stream, frame
from towpath.cli import waiting
from towpath.cli.promotions import progress
from towpath.errors import NotFound, Unavailable
from towpath.sdk.events import ReceivedEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api, Asked

    Call = Callable[..., Told]

SHOP = "/v1beta1/projects/shop"
PROMOTE = f"{SHOP}/stages/prod/promotions"
WATCH = f"{SHOP}/promotions/prod.01"


def promotion(phase: str = "", *steps: tuple[str, str], **status: Any) -> dict[str, Any]:
    """Return a Promotion whose steps have these statuses and messages."""
    return {
        "metadata": {"name": "prod.01"},
        "spec": {
            "stage": "prod",
            "freight": "47b3",
            "steps": [{"uses": "git-clone"}, {"uses": "git-push", "as": "push"}],
        },
        "status": {
            "phase": phase,
            "stepExecutionMetadata": [
                {"alias": f"step-{index}", "status": how, "message": why}
                for index, (how, why) in enumerate(steps)
            ],
            **status,
        },
    }


ENDED = promotion(
    "Succeeded",
    ("Succeeded", ""),
    ("Succeeded", "remote: \x1bok"),
    startedAt="2026-03-01T12:00:00Z",
    finishedAt="2026-03-01T12:00:42Z",
)


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--freight", "47b3"], {"freight": "47b3", "freightAlias": "", "origin": ""}),
        (["--freight-alias", "fox"], {"freight": "", "freightAlias": "fox", "origin": ""}),
        (["--warehouse", "main"], {"freight": "", "freightAlias": "", "origin": "Warehouse/main"}),
        (["--origin", "Warehouse/x"], {"freight": "", "freightAlias": "", "origin": "Warehouse/x"}),
    ],
)
def test_promote(api: Api, call: Call, options: list[str], sent: dict[str, str]) -> None:
    """All three keys are sent, as Kargo's own command does."""
    api.answer("POST", PROMOTE, (201, promotion()))
    told = call("promote", "--stage", "prod", *options)
    assert (told.code, told.out) == (0, "promotion.kargo.akuity.io/prod.01 created\n")
    assert api.bodies("POST") == [sent]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--stage", "prod"],
        ["--freight", "a"],
        ["--stage", "prod", "--freight", "a", "--warehouse", "b"],
        ["--stage", "prod", "--origin", "a", "--warehouse", "b"],
        ["--stage", "prod", "--downstream-from", "test", "--freight", "a"],
        ["--downstream-from", "test", "--warehouse", "a"],
        ["--abort"],
        ["--name", "x"],
        ["--abort", "--name", "x", "--stage", "y"],
        ["--stage", "prod", "--freight", "a", "--timeout", "5s"],
        ["--stage", "prod", "--freight", "a", "--wait", "--timeout", "soon"],
    ],
)
def test_promote_refuses(api: Api, call: Call, options: list[str]) -> None:
    """Before anything is asked."""
    assert call("promote", *options).code == 1
    assert not api.asked


@pytest.mark.parametrize("downstream", [False, True])
def test_freight_is_named_by_name_or_alias(api: Api, call: Call, *, downstream: bool) -> None:
    """A name that there is not may be an alias; what is neither is told as that, with what there is."""
    path = f"{PROMOTE}/downstream" if downstream else PROMOTE
    made = {"promotions": [promotion()]} if downstream else promotion()

    def answer(asked: Asked) -> tuple[int, dict[str, Any]]:
        if asked.body["freight"]:
            return 404, {"error": "no such name"}
        if asked.body["freightAlias"] == "fox":
            return 201, made
        return 404, {"error": 'neither; did you mean "fox"?'}

    api.answer("POST", path, answer)
    where = "--downstream-from" if downstream else "--stage"
    for named in ("fox", "freight/fox", "freight.kargo.akuity.io/fox"):
        told = call("promote", where, "prod", "--freight", named)
        assert told.lines == ["promotion.kargo.akuity.io/prod.01 created"], told.err
    told = call("promote", where, "stage/prod", "--freight", "fxo")
    assert (told.code, told.err) == (1, 'towpath: neither; did you mean "fox"?\n')
    assert call("promote", where, "freight/prod", "--freight", "fox").code == 1
    api.answer("POST", path, (404, {"error": "no such name"}), (403, {"error": "may not list"}))
    assert call("promote", where, "prod", "--freight", "x").err == "towpath: no such name\n"


def test_a_refused_promotion_ends_with_1(api: Api, call: Call) -> None:
    """The server's reasons are told, each gate of them."""
    api.answer("POST", PROMOTE, (400, {"error": "not available: verified: no; soaked: no"}))
    told = call("promote", "--stage", "prod", "--freight", "a", "--wait")
    assert (told.code, told.err) == (1, "towpath: not available: verified: no; soaked: no\n")


def test_waiting_tells_each_step_once(api: Api, call: Call) -> None:
    """The end with how long it took; keepalives and equal states tell nothing; connections may break."""
    api.answer("POST", PROMOTE, (201, promotion()))
    waits = promotion("Pending", message="waiting for prod.00")
    runs = promotion("Running", ("Running", ""))
    pushes = promotion("Running", ("Succeeded", ""), ("Running", ""))
    api.answer(
        "GET",
        WATCH,
        Stream([frame("ADDED", waits), ": keepalive\n\n", frame("MODIFIED", runs)], breaks=True),
        Stream([frame("ADDED", runs), frame("MODIFIED", pushes), frame("MODIFIED", ENDED)]),
    )
    told = call("promote", "--stage", "prod", "--freight", "47b3", "--wait", "--timeout", "1m")
    assert told.code == 0
    assert told.lines == [
        "promotion.kargo.akuity.io/prod.01 created",
        "prod.01: Pending: waiting for prod.00",
        "prod.01: Running",
        "prod.01: step 1/2 step-0 (git-clone): Running",
        "prod.01: step 1/2 step-0 (git-clone): Succeeded",
        "prod.01: step 2/2 step-1 (git-push): Running",
        "prod.01: step 2/2 step-1 (git-push): Succeeded: remote: \\x1bok",
        "prod.01: Succeeded after 42s",
    ]
    assert api.asked[-1].query == {"watch": ["true"]}


@pytest.mark.parametrize("phase", ["Failed", "Errored", "Aborted"])
def test_a_promotion_that_did_not_succeed_ends_with_2(api: Api, call: Call, phase: str) -> None:
    """With its message."""
    api.answer("POST", PROMOTE, (201, promotion()))
    api.answer("GET", WATCH, Stream([frame("ADDED", promotion(phase, message="no: hook"))]))
    told = call("promote", "--stage", "prod", "--freight", "47b3", "--wait")
    assert told.code == 2
    assert told.lines[-1] == f"prod.01: {phase}: no: hook"


def test_a_promotion_that_takes_too_long_ends_with_3(api: Api, call: Call) -> None:
    """It goes on, and how to ask why is told."""
    api.answer("POST", PROMOTE, (201, promotion()))
    api.answer("GET", WATCH, Stream([frame("ADDED", promotion("Running"))], stay=True))
    told = call("promote", "--stage", "prod", "--freight", "47b3", "--wait", "--timeout", "50ms")
    assert told.code == 3
    assert "prod.01 is Running and goes on" in told.err
    assert "towpath explain promotion/prod.01" in told.err


def test_a_promotion_that_is_deleted_meanwhile_ends_with_1(api: Api, call: Call) -> None:
    """Nobody knows how it would have ended."""
    api.answer("POST", PROMOTE, (201, promotion()))
    api.answer("GET", WATCH, Stream([frame("ADDED", promotion()), frame("DELETED", promotion())]))
    told = call("promote", "--stage", "prod", "--freight", "47b3", "--wait")
    assert told.code == 1
    assert "was deleted while it was waited for" in told.err


def test_documents_go_to_standard_output_and_progress_to_the_other(api: Api, call: Call) -> None:
    """So that the first can be piped."""
    api.answer("POST", PROMOTE, (201, promotion()))
    api.answer("GET", WATCH, Stream([frame("ADDED", ENDED)]))
    told = call("promote", "--stage", "prod", "--freight", "47b3", "--wait", "-o", "json")
    assert json.loads(told.out)["status"]["phase"] == "Succeeded"
    assert "Succeeded after 42s" in told.err


def test_downstream(api: Api, call: Call) -> None:
    """Each Promotion is told; what was not made is an error."""
    path = f"{SHOP}/stages/test/promotions/downstream"
    made = {"promotions": [promotion()]}
    api.answer("POST", path, (201, made), (207, {**made, "errors": "uat: refused"}))
    arguments = ("promote", "--downstream-from", "test", "--freight-alias", "fox")
    assert call(*arguments).code == 0
    assert api.bodies("POST") == [{"freight": "", "freightAlias": "fox"}]
    told = call(*arguments)
    assert (told.code, told.err) == (1, "towpath: uat: refused\n")
    assert told.lines == ["promotion.kargo.akuity.io/prod.01 created"]


def test_abort_and_approve(api: Api, call: Call) -> None:
    """Empty answers are answers."""
    api.answer("POST", f"{WATCH}/abort", None)
    api.answer("GET", WATCH, promotion("Running"))
    for name in ("prod.01", "promotion.kargo.akuity.io/prod.01"):
        told = call("promote", "--abort", "--name", name)
        assert told.out == "promotion.kargo.akuity.io/prod.01 aborted\n"
    api.answer("GET", WATCH, ENDED)
    asked = len(api.bodies("POST"))
    told = call("promote", "--abort", "--name", "prod.01")
    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "towpath: promotion.kargo.akuity.io/prod.01 has ended already, so there is nothing to abort: "
        "Succeeded after 42s\n"
    )
    told = call("--kargo-exit-codes", "promote", "--abort", "--name", "prod.01")
    assert (told.code, "has ended already" in told.out) == (0, True)
    assert len(api.bodies("POST")) == asked
    api.answer("POST", f"{SHOP}/freight/fox/approve", None)
    told = call("approve", "--freight-alias", "fox", "--stage", "prod")
    assert told.out == "freight.kargo.akuity.io/fox approved\n"
    assert api.asked[-1].query == {"stage": ["prod"]}
    assert call("approve", "--stage", "prod").code == 1


# --- refresh -----------------------------------------------------------------------------------------


def warehouse(asked: str | None, handled: str = "", **condition: str) -> dict[str, Any]:
    """Return a Warehouse that was asked to refresh and has handled a request."""
    annotations = {"kargo.akuity.io/refresh": asked} if asked else {}
    return {
        "metadata": {"name": "main", "annotations": annotations},
        "status": {"lastHandledRefresh": handled, "conditions": [condition] if condition else []},
    }


def test_refresh_waits_until_the_request_was_handled(api: Api, call: Call) -> None:
    """Its own, or a later one that took its place."""
    path = f"{SHOP}/warehouses/main"
    api.answer("POST", f"{path}/refresh", None)
    assert call("refresh", "warehouse", "main").out == "warehouse.kargo.akuity.io/main refreshed\n"
    states = [warehouse("2", "1"), warehouse("3", "1"), warehouse("3", "3")]
    api.answer("GET", path, Stream([frame("MODIFIED", state) for state in states]))
    told = call("refresh", "warehouse", "main", "--wait")
    assert (told.code, told.err) == (0, "")
    failed = warehouse("2", "2", type="Healthy", status="False", message="registry down")
    api.answer("GET", path, Stream([frame("ADDED", failed)]))
    told = call("refresh", "warehouse", "main", "--wait")
    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "warehouse.kargo.akuity.io/main: the look failed: Healthy is False: registry down\n"
    )
    api.answer("GET", path, Stream([frame("ADDED", warehouse("2"))], stay=True))
    assert call("refresh", "warehouse", "main", "--wait", "--timeout", "0.05s").code == 3
    api.answer("GET", path, (404, {"error": "no such Warehouse"}))
    assert call("refresh", "warehouse", "main", "--wait").code == 1


@pytest.mark.parametrize(
    ("reason", "code"), [("ReconcileError", 1), ("LastPromotionFailed", 0), ("Unhealthy", 0)]
)
def test_a_stage_that_is_not_ready_was_looked_at(
    api: Api, call: Call, reason: str, code: int
) -> None:
    """Only where the look itself came to no end, it failed; what it found is a warning."""
    path = f"{SHOP}/stages/prod"
    state = warehouse("2", "2", type="Ready", status="False", reason=reason, message="so it is")
    api.answer("POST", f"{path}/refresh", None)
    api.answer("GET", path, Stream([frame("ADDED", state)]))
    told = call("refresh", "stage", "prod", "--wait")
    assert told.code == code
    assert (
        "the look failed: so it is" if code else "warning: Ready is False: so it is"
    ) in told.err
    assert told.lines == ([] if code else ["stage.kargo.akuity.io/prod refreshed"])


# --- Ctrl-C ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "begun", "told"),
    [
        (
            ("promote", "--stage", "prod", "--freight", "47b3", "--wait"),
            "prod.01: Running",
            (
                "towpath: interrupted: Promotion prod.01 goes on; come back to it with: towpath logs prod.01 -p shop "
                "--follow; end it with: towpath promote -p shop --abort --name prod.01\n"
            ),
        ),
        (
            ("logs", "prod.01", "--follow"),
            "now  a",
            (
                "towpath: interrupted: Promotion prod.01 goes on unless it has ended; come back to it with: towpath logs "
                "prod.01 -p shop --follow\n"
            ),
        ),
        (
            ("refresh", "warehouse", "main", "--wait"),
            "",
            (
                "towpath: interrupted: warehouse.kargo.akuity.io/main is looked at all the same; wait for it with: "
                "towpath refresh warehouse main -p shop --wait\n"
            ),
        ),
    ],
)
def test_ctrl_c_ends_the_waiting_and_tells_how_to_come_back(
    api: Api, arguments: tuple[str, ...], begun: str, told: str
) -> None:
    """A real process and a real SIGINT: exit code 130, no traceback, the exact command."""
    api.answer("POST", PROMOTE, (201, promotion()))
    api.answer("GET", WATCH, Stream([frame("ADDED", promotion("Running"))], stay=True))
    line = {"time": "now", "message": "a"}
    api.answer(
        "GET", "/towpath/v1/projects/shop/promotions/prod.01/log", {"lines": [line], "done": False}
    )
    path = f"{SHOP}/warehouses/main"
    api.answer("POST", f"{path}/refresh", None)
    streamed = threading.Event()

    def stream(_: Any) -> Stream:
        streamed.set()
        return Stream([frame("ADDED", warehouse("2", "1"))], stay=True)

    api.answer("GET", path, stream)
    with subprocess.Popen(
        [*towpath_process.COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            if begun:
                assert any(begun in read for read in process.stdout)
            else:
                assert streamed.wait(60)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()  # who is not interrupted would be waited for without end
    assert err == told
    assert process.returncode == 130


def test_refresh_refuses(api: Api, call: Call) -> None:
    """What cannot be refreshed."""
    for wrong in (["freight", "x"], ["stage"], ["projectconfig", "x"], ["nothing", "x"]):
        assert call("refresh", *wrong).code == 1
    assert not api.asked
    api.answer("POST", f"{SHOP}/config/refresh", None)
    assert call("refresh", "projectconfig").out == "projectconfig.kargo.akuity.io/shop refreshed\n"


# --- waiting -----------------------------------------------------------------------------------------


class Time:
    """Time that passes by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.now += seconds


def _deadline(time: Time, seconds: float = float("inf")) -> waiting.Deadline:
    return waiting.Deadline(seconds, now=lambda: time.now, sleep=time.sleep)


def test_a_server_that_stays_away_is_given_up_after_a_minute() -> None:
    """With its last failure."""
    time = Time()

    def watch(_: Any) -> Generator[ReceivedEvent, None, None]:
        yield from ()
        raise Unavailable("nobody there")

    with pytest.raises(Unavailable, match="nobody there"):
        waiting.until(watch, lambda _: False, _deadline(time), "x")
    assert 60 < time.now < 70
    assert waiting.until(watch, lambda _: False, _deadline(time, 3.0), "x") is None


def test_a_server_that_restarts_is_waited_for() -> None:
    """Every word from it begins the minute anew."""
    time = Time()
    rounds = 0

    def watch(_: Any) -> Generator[ReceivedEvent, None, None]:
        nonlocal rounds
        rounds += 1
        if rounds % 10:
            raise Unavailable("restarting")
        yield ReceivedEvent("ADDED", {"round": rounds})

    found = waiting.until(watch, lambda state: state["round"] >= 50, _deadline(time), "x")
    assert found == {"round": 50}
    assert time.now > 60


def test_what_is_not_there_is_not_waited_for() -> None:
    """404 is an answer."""

    def watch(_: Any) -> Generator[ReceivedEvent, None, None]:
        yield from ()
        raise NotFound("no such Promotion")

    with pytest.raises(NotFound):
        waiting.until(watch, lambda _: True, _deadline(Time()), "x")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"status": None},
        {"status": []},
        {"spec": 1, "status": {"stepExecutionMetadata": [{}, 1]}},
    ],
)
def test_odd_promotions_are_told_somehow(odd: dict[str, Any]) -> None:
    """The server may be another version."""
    assert not progress.has_ended(odd)
    assert progress.news(None, odd)
    assert progress.verdict(odd) == "Pending"
