"""Traces: a real receiver of OTLP is sent what was done, in one trace with whoever asked, and nothing that is nobody's business."""

from __future__ import annotations

import gzip
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.towpath_process import up
from towpath.app import tracing
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.demo.loopback import Loopback
from towpath.telemetry import tracing as spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Receiver:
    """A receiver of OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: list[dict[str, str]] = []
        self.asked: list[Request] = []
        self.http = Loopback(self._respond)

    def _respond(self, request: Request) -> Answer:
        self.asked.append(request)
        if request.path != "/v1/traces":
            return 200, {}, b"ok"
        body = request.body
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append({k.key: k.value.string_value for k in each.resource.attributes})
            self.spans += [span for scope in each.scope_spans for span in scope.spans]
        return 200, {"Content-Type": "application/x-protobuf"}, b""

    def named(self, name: str) -> list[Any]:
        """Return the spans of a name."""
        return [span for span in self.spans if span.name == name]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.http.close()


def facts(span: Any) -> dict[str, Any]:
    """Return what was noted of a span."""
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


async def test_requests_and_promotions_are_traced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is part of its caller's trace; a Promotion and its steps are one of their own."""
    with receiving() as receiver:
        monkeypatch.setenv(ENDPOINT, receiver.http.url)
        async with tracing.traced(wanted=True), running(tmp_path) as world:
            await world.apply(project_document(), warehouse_document(), stage_document("prod"))
            await world.settled()
            freight = await world.freight("v1.0.0")
            name = await world.promote("prod", freight)
            await world.settled()
            async with serving.client(world) as client:
                given = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "from-a-proxy"}
                await client.get("/towpath/v1/search?q=s3cret", headers=given)
                await client.get("/towpath/v1/no-such-route/s3cret")
    (asked,) = receiver.named("GET /towpath/v1/search")
    assert (asked.trace_id.hex(), asked.parent_span_id.hex()) == (TRACE, PARENT)
    assert facts(asked) == {
        "http.request.method": "GET", "http.route": "/towpath/v1/search",
        "http.response.status_code": 200, "towpath.request": "from-a-proxy",
    }  # fmt: skip
    assert len(receiver.named("GET")) == 1
    (whole,) = receiver.named("Promotion")
    passes, steps = receiver.named("Promotion goes on"), receiver.named("step work")
    assert steps
    assert facts(whole)["towpath.name"] == name
    assert facts(whole)["towpath.phase"] == "Succeeded"
    assert {each.trace_id for each in (*passes, *steps)} == {whole.trace_id}
    assert {each.parent_span_id for each in passes} == {whole.span_id}
    assert {each.parent_span_id for each in steps} <= {each.span_id for each in passes}
    assert whole.parent_span_id == b""
    assert facts(steps[0])["towpath.outcome"] == "Succeeded"
    assert PROJECT in facts(whole).values()
    shown = "".join(map(str, (*receiver.spans, *receiver.resources)))
    assert "s3cret" not in shown
    assert serving.TOKEN not in shown
    assert receiver.resources[0]["service.name"] == "towpath"


async def test_strangers_do_not_say_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose trace is taken on is known: else anybody would have every request of theirs kept, or those of others not."""
    with receiving() as receiver:
        monkeypatch.setenv(ENDPOINT, receiver.http.url)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        async with tracing.traced(wanted=True), running(tmp_path) as world:
            for token, status in (("", 401), ("not.one", 401), (serving.TOKEN, 200)):
                async with serving.client(world, token) as client:
                    given = {
                        "traceparent": f"00-{TRACE}-{PARENT}-01",
                        "X-Request-Id": f"of-{status}",
                    }
                    answer = await client.get("/towpath/v1/me", headers=given)
                    assert answer.status_code == status
                    await client.post("/towpath/v1/session", headers=given)
    assert {facts(each)["towpath.request"] for each in receiver.spans} == {"of-200"}


def failing() -> None:
    """Fail, within a span."""
    with spans.span("outer") as span:
        span.note(long_text="x" * 10_000)
        raise ValueError("s3cret")


async def test_what_fails_says_so_and_not_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class of an error, never its text; and a line of the log says of which trace it is."""
    del tmp_path
    with receiving() as receiver:
        monkeypatch.setenv(ENDPOINT, receiver.http.url)
        async with tracing.traced(wanted=True):
            with pytest.raises(ValueError, match="s3cret"):
                failing()
    (outer,) = receiver.named("outer")
    assert facts(outer)["error.type"] == "ValueError"
    assert len(facts(outer)["long.text"]) <= 256
    assert outer.status.code == 2
    assert "s3cret" not in str(outer)


async def test_who_is_asked_is_told_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a span alone, with the header of whoever gave one; of the URL the host alone is noted."""
    with receiving() as receiver:
        monkeypatch.setenv(ENDPOINT, receiver.http.url)
        where = receiver.http.url.removeprefix("http://")
        async with (
            tracing.traced(wanted=True),
            Egress(allow=[where], clock=SystemClock()) as egress,
        ):
            url = f"{receiver.http.url}/hook/s3cret"
            await egress.request("GET", url)
            with spans.span("outer"):
                await egress.request("POST", url, body=b"x")
                await egress.request("POST", url, headers={"Traceparent": "mine"})
    plain, told, own = (each for each in receiver.asked if each.path == "/hook/s3cret")
    (outer,) = receiver.named("outer")
    sent = receiver.named("POST")
    assert "traceparent" not in plain.headers
    assert told.headers["traceparent"].split("-")[1] == outer.trace_id.hex()
    assert told.headers["traceparent"].split("-")[2] == sent[0].span_id.hex()
    assert {name.lower(): value for name, value in own.headers.items()}["traceparent"] == "mine"
    assert facts(sent[0])["server.address"] == "127.0.0.1"
    assert "s3cret" not in str(receiver.spans)


def test_a_server_sends_them_where_the_environment_says(tmp_path: Path) -> None:
    """The whole program, to its end."""
    with receiving() as receiver:
        with up(
            tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.http.url, OTEL_SERVICE_NAME="releases"
        ) as server:
            headers = {"Authorization": f"Bearer {server.token}"}
            httpx.get(f"{server.address}/towpath/v1/me", headers=headers).raise_for_status()
            httpx.get(f"{server.address}/healthz").raise_for_status()
        (asked,) = receiver.named("GET /towpath/v1/me")
        assert asked.end_time_unix_nano > asked.start_time_unix_nano
        assert receiver.named("GET /healthz") == []
        assert receiver.resources[0]["service.name"] == "releases"
        assert "command_line" not in str(receiver.resources)


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({ENDPOINT: "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True),
        ({ENDPOINT: "http://x", "OTEL_SDK_DISABLED": "true"}, False),
        ({ENDPOINT: "http://x", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({ENDPOINT: "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, False),
    ],
)
def test_they_are_off_unless_the_environment_says_where_to(
    variables: dict[str, str], wanted: bool
) -> None:
    """As OpenTelemetry's own programs have it."""
    assert tracing.is_wanted(variables) is wanted


def test_without_them_nothing_is_loaded() -> None:
    """Whoever does not want traces pays nothing, and need not have the extra."""
    said = "import sys, towpath.app, towpath.app.serving; print([m for m in sys.modules if 'opentelemetry' in m])"
    done = subprocess.run(
        [sys.executable, "-c", said], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


async def test_without_the_extra_a_server_runs_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A variable that a platform gives every program is no reason not to start."""
    monkeypatch.setitem(sys.modules, "towpath.telemetry.otel", None)
    async with tracing.traced(wanted=True):
        assert not spans.is_on()
    assert "pip install 'towpath[otel]'" in caplog.text
