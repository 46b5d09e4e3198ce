"""The provider `smoke`, against servers on loopback: what it tells a person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.measure_context import NOW, measuring
from tests.support.metric_servers import JSON, as_json, standing
from towpath import errors
from towpath.errors import BadRequest, Forbidden
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.smoke import SmokeMetric
from towpath.resources.structs import view
from towpath.verification.provider import HttpAnswer, Judged
from towpath.verification.providers.smoke import Smoke, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath.verification.provider import MeasureContext

BODY = {"status": "ok", "version": "1.4.0", "build": 12, "beta": False, "parts": [{"up": True}]}


def _config(url: str, **more: Any) -> SmokeMetric:
    return view(SmokeMetric, {"url": f"{url}/healthz"} | more)


async def _tested(context: MeasureContext, config: SmokeMetric) -> Judged:
    found = await Smoke().measure(context, config)
    assert isinstance(found, Judged)
    return found


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"status": 200},
        {"body": '"version": "1.4.0"'},
        {"matches": r'version": "1\.[0-9]+'},
        {"json": {"$.status": "ok", "$.build": 12, "{$.beta}": False}},
        {"json": {"$.parts[0].up": True, "$.parts": [{"up": True}], "$.parts[0]": {"up": True}}},
        {"json": {"$.build": "12", "$.beta": "false"}},  # as arguments say it
        {"tries": 3},
        {"method": "HEAD"},
        {"p95": "5s", "tries": 2},
    ],
)
async def test_a_good_answer_is_a_success(more: dict[str, Any]) -> None:
    """A good answer is a success."""
    with standing(lambda _: as_json(BODY)) as server:
        async with measuring(server.url) as context:
            found = await _tested(context, _config(server.url, **more))
    assert (found.phase, found.message) == (AnalysisPhase.SUCCESSFUL, "")
    assert len(server.asked) == more.get("tries", 1)
    assert "HTTP 200" in found.shown


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"status": 204}, r"^GET http://.*/healthz: wanted status 204, got 200 OK: "),
        ({"body": "green"}, "wanted 'green' in the body; it begins: {\"status\""),
        ({"matches": "^green"}, r"wanted a body that matches '\^green'; it begins"),
        ({"json": {"$.version": "1.5.0"}}, r'wanted \$\.version to be "1\.5\.0", got "1\.4\.0"$'),
        ({"json": {"$.build": True}}, r"wanted \$\.build to be true, got 12"),
        ({"json": {"$.beta": 0}}, r"wanted \$\.beta to be 0, got false"),
        ({"json": {"$.status": None}}, r'wanted \$\.status to be null, got "ok"'),
        ({"json": {"$.parts": []}}, r"wanted \$\.parts to be \[\], got \[\{"),
        ({"json": {"$.parts[0]": {"up": 1}}}, r'wanted \$\.parts\[0\] to be \{"up":1\}, got'),
        ({"json": {"$.verson": "1"}}, r'wanted \$\.verson to be "1": .*verson is not found'),
        (
            {"body": "z.z", "json": {"$.status": "no"}},
            "wanted 'z.z' in the body.*; wanted .*status",
        ),
        ({"tries": 3, "status": 201}, r"healthz \(try 1 of 3\): wanted status 201"),
    ],
)
async def test_a_wrong_answer_says_what_was_wanted_and_what_came(
    more: dict[str, Any], said: str
) -> None:
    """A wrong answer says what was wanted and what came."""
    with standing(lambda _: as_json(BODY)) as server:
        async with measuring(server.url) as context:
            found = await _tested(context, _config(server.url, **more))
    assert found.phase is AnalysisPhase.FAILED
    assert re.search(said, found.message), found.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((503, {}, b"<h1>Down</h1> for <b>maintenance</b>"), "a status from 200 to 299, got 503 Service Unavailable: Down for maintenance"),
        ((599, {}, b""), "got 599$"),
        ((200, JSON, b""), "it is empty"),
        ((200, JSON, b"<html><p>Log in</p>"), "wanted JSON: .*Log in"),
        ((200, JSON, b"x" * (3 << 20)), "larger than"),
    ],
)  # fmt: skip
async def test_faults_fail_the_test_in_words(answer: Any, said: str) -> None:
    """What is no answer to look at, is no smoke test that passed. It is asked once, not again."""
    with standing(lambda _: answer) as server:
        async with measuring(server.url) as context:
            found = await _tested(context, _config(server.url, body="ok", json={"$.a": 1}))
    assert found.phase is AnalysisPhase.FAILED
    assert re.search(said, found.message), found.message
    assert len(server.asked) == 1


async def test_a_server_that_does_not_answer_is_an_error_and_asked_again_later() -> None:
    """One that is not there, says nothing, or sends in circles: that says nothing of the version yet."""
    with standing(lambda _: as_json(BODY)) as server:
        server.holds = True
        async with measuring(server.url) as context:
            with pytest.raises(
                errors.Timeout, match=r"^GET http.*/healthz: no answer within 0\.05 s"
            ):
                await Smoke().measure(context, _config(server.url, timeout="50ms"))
    async with measuring(server.url) as context:
        with pytest.raises(errors.Unavailable, match=r"^GET http://127\.0\.0\.1:"):
            await Smoke().measure(context, _config(server.url))
    with standing(lambda _: (302, {"Location": "/login"}, b"")) as server:
        async with measuring(server.url) as context:
            with pytest.raises(errors.Unavailable, match="it redirects again and again"):
                await Smoke().measure(context, _config(server.url))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"matches": "(?!x)"}, r"smoke\.matches: "),
        ({"json": {"$.a[": 1}}, r"smoke\.json: the JSONPath .* no closing \]"),
        ({"method": "HEAD", "body": "x"}, "an answer to HEAD has no body"),
        ({"timeout": "10m"}, r"smoke\.timeout: .* at most 300 s"),
        ({"timeout": "10"}, r"smoke\.timeout: "),
    ],
)
async def test_what_cannot_be_tested_is_told_before_anything_is_sent(
    more: dict[str, Any], said: str
) -> None:
    """What cannot be tested is told before anything is sent."""
    async with measuring() as context:
        with pytest.raises(BadRequest, match=said):
            await Smoke().measure(context, _config("http://shop", **more))


async def test_an_address_that_must_not_be_reached_is_an_error_and_no_failure() -> None:
    """The service is not to blame."""
    async with measuring() as context:
        with pytest.raises(Forbidden, match="this machine"):
            await Smoke().measure(context, _config("http://127.0.0.1:1"))


class _Timed:
    """Answers that took as long as they are told; and a certificate."""

    def __init__(self, seconds: Sequence[float], until: datetime | None = None) -> None:
        self._seconds = iter(seconds)
        self._until = until

    async def request(self, *_: Any, once: bool = False, **__: Any) -> HttpAnswer:
        """Answer."""
        assert once
        return HttpAnswer(status=200, headers={}, took_seconds=next(self._seconds))

    async def certificate(self, host: str, port: int, *, seconds: float = 10.0) -> datetime:
        """Return until when it is valid."""
        assert (host, port) == ("shop.example", 8443)
        del seconds
        if self._until is None:
            raise errors.Unavailable(f"{host}:{port}: TLS: handshake failed")
        return self._until


async def _timed(seconds: Iterable[float], until: datetime | None = None, **more: Any) -> Judged:
    async with measuring() as context:
        timed = replace(context, http=_Timed(list(seconds), until))
        return await _tested(timed, _config("https://shop.example:8443", **more))


async def test_p95_is_the_time_of_the_nineteenth_of_twenty() -> None:
    """Nearest rank: one slow answer of twenty is let pass, two are not; twenty are taken unless it is said."""
    found = await _timed([0.1] * 19 + [9.0], p95="300ms")
    assert found.phase is AnalysisPhase.SUCCESSFUL
    assert found.shown == "20 of 20 tries, the last HTTP 200, p95 100ms"
    assert found.metadata["p95"] == "100ms"
    found = await _timed([9.0] + [0.1] * 18 + [0.9], p95="300ms")
    assert found.phase is AnalysisPhase.FAILED
    assert "wanted 95 of 100 answers within 300ms, got 900ms (the slowest 9s)" in found.message


async def test_tries_that_take_for_ever_have_an_end() -> None:
    """Tries that take for ever have an end."""
    found = await _timed([90.0] * 100, tries=100, timeout="100s")
    assert found.phase is AnalysisPhase.INCONCLUSIVE
    assert "3 tries took more than 240 s; lower tries" in found.message


@pytest.mark.parametrize(
    ("left", "phase", "said"),
    [
        (timedelta(days=14), AnalysisPhase.SUCCESSFUL, ""),
        (timedelta(days=13, hours=23), AnalysisPhase.FAILED, "valid for 14 days still; it expires in 13 days, on 2026-03-15 11:00 UTC"),
        (timedelta(days=-1), AnalysisPhase.FAILED, "it expired on 2026-02-28 12:00 UTC"),
    ],
)  # fmt: skip
async def test_a_certificate_must_be_valid_so_long(
    left: timedelta | None, phase: AnalysisPhase, said: str
) -> None:
    """A certificate must be valid so long."""
    found = await _timed([0.1], None if left is None else NOW + left, tlsDays=14)
    assert found.phase is phase
    assert said in found.message
    assert left is None or "certificateValidUntil" in found.metadata


def test_times_are_written_as_people_read_them() -> None:
    """Times are written as people read them."""
    assert [spoken(each) for each in (0.0352, 0.9, 1.234, 75)] == [
        "35.2ms",
        "900ms",
        "1.23s",
        "1m15s",
    ]
