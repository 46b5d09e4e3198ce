"""What the metrics say after something happened: of a real server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from tests.support.one_stage import OneStage
from tests.support.towpath_process import up
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request


def _value(text: str, sample: str) -> float:
    [found] = re.findall(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found)


def test_steps_requests_and_writes_are_counted(tmp_path: Path) -> None:
    """A step that asks a server which wants to be left alone; what the API answered; writes."""
    asked = 0

    def respond(_: Request) -> Answer:
        nonlocal asked
        asked += 1
        status = 429 if asked == 1 else 200
        return status, {"Content-Type": "application/json", "Retry-After": "0"}, b"{}"

    front = Loopback(respond)
    config = tmp_path / "config.yaml"
    config.write_text(f"egress: {{allow: ['{front.url.removeprefix('http://')}']}}\n")
    try:
        with up(tmp_path, config=config) as server:
            world = OneStage(server)
            before = world.request("GET", "/metrics").text
            assert 'towpath_step_seconds_bucket{step="http"' not in before
            assert _value(before, "towpath_watch_lag_writes") >= 0
            retry = {"uses": "http", "config": {"url": front.url}, "retry": {"errorThreshold": 3}}
            freight = world.make([{"uses": "compose-output", "config": {"a": "b"}}, retry])
            world.reaches(world.promote(freight), "Succeeded")
            world.request("GET", "/v1beta1/nowhere")
            text = world.request("GET", "/metrics").text
    finally:
        front.close()
    assert _value(text, 'towpath_step_seconds_count{step="compose-output"}') == 1
    assert _value(text, 'towpath_step_seconds_count{step="http"}') >= 1
    assert _value(text, 'towpath_step_seconds_bucket{step="http",le="+Inf"}') >= 1
    assert _value(text, 'towpath_outgoing_requests_total{status="2xx"}') >= 1
    assert _value(text, 'towpath_outgoing_requests_total{status="4xx"}') >= 1
    assert _value(text, "towpath_outgoing_throttled_total") >= 1
    # The Warehouse asks its registry besides.
    assert _value(text, "towpath_outgoing_request_seconds_count") >= asked
    assert _value(text, 'towpath_http_requests_total{method="POST",status="2xx"}') >= 2
    assert _value(text, 'towpath_http_requests_total{method="GET",status="4xx"}') >= 1
    assert _value(text, "towpath_http_requests_under_way") == 1  # this one
    writes = _value(text, "towpath_store_write_seconds_count")
    assert writes > _value(before, "towpath_store_write_seconds_count")
    assert _value(text, 'kargo_promotions_created_total{project="shop"}') == 1


def test_a_listener_of_their_own_needs_no_token_and_has_nothing_else(tmp_path: Path) -> None:
    """The same numbers; everything else is neither there nor tells anything."""
    config = tmp_path / "config.yaml"
    config.write_text("metrics: {listen: '127.0.0.1:0'}\nbasePath: /towpath\n")
    with up(tmp_path, config=config) as server:
        assert server.metrics_address.endswith("/metrics")
        answer = httpx.get(server.metrics_address)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "towpath_build_info{" in answer.text
        assert httpx.head(server.metrics_address).status_code == 200
        assert httpx.post(server.metrics_address).status_code == 405
        root = server.metrics_address.removesuffix("/metrics")
        for path in ("/", "/healthz", "/v1beta1/projects", "/towpath/metrics", "/metrics/"):
            assert httpx.get(root + path).status_code == 404
        assert httpx.get(f"{server.address}/metrics").status_code == 401
