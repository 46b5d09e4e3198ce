"""A template is tried without a server: real requests, by the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.noting_server import serving
from towpath.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TEMPLATE = """
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: smoke}
spec:
  args: [{name: host}, {name: token, ARG}]
  metrics:
    - name: latency
      interval: 1ms
      count: 2
      successCondition: result < 0.5
      provider:
        web:
          url: http://{{args.host}}/latency
          jsonPath: "{$.latency}"
          headers: [{key: X-Token, value: "{{args.token}}"}]
"""
SECRET = "valueFrom: {secretKeyRef: {name: s, key: k}}"


def _tried(tmp_path: Path, arg: str, *options: str) -> int:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE.replace("ARG", arg))
    return main.run(["analysis", "try", str(file), *options])


def test_measurements_are_taken_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they come; then the verdict."""
    with serving() as server:
        server.answer = lambda _: (200, {}, json.dumps({"latency": 0.25}).encode())
        given = ("--arg", f"host={server.where}", "--arg", "token=t", "--allow", server.where)
        assert _tried(tmp_path, SECRET, *given) == 0
        told = capsys.readouterr().out
        assert [each.headers["X-Token"] for each in server.asked] == ["t", "t"]
        for part in (
            "#1 Successful  0.25",
            "#2 Successful  0.25",
            "-> Successful",
            "\n\nSuccessful\n",
        ):
            assert part in told
        server.answer = lambda _: (200, {}, json.dumps({"latency": 0.75}).encode())
        assert _tried(tmp_path, SECRET, *given, "-o", "json") == 2
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert found["message"] == (
            'Metric "latency" assessed Failed due to failed (1) > failureLimit (0)'
        )
        assert found["status"]["metricResults"][0]["measurements"][0]["value"] == "0.75"


def test_an_address_of_this_machine_is_not_asked_unless_it_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guard is that of the server; the run is given up when the clock is stopped."""
    with serving() as server:
        given = ("--arg", f"host={server.where}", "--arg", "token=t", "--until", "1s")
        assert _tried(tmp_path, "value: x", *given) == 3
        assert server.asked == []
    told = capsys.readouterr().out
    assert "#1 Error" in told
    assert "Running: it had not ended when the clock was stopped" in told


def test_what_comes_from_a_secret_must_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is none without a server."""
    assert _tried(tmp_path, SECRET, "--arg", "host=shop.example") == 1
    assert "args.token: it comes from a Secret" in capsys.readouterr().err
    assert _tried(tmp_path, "value: x", "--arg", "host=shop.example", "--until", "x") == 1


def test_a_spec_that_cannot_be_run_asks_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is an error at once."""
    arg = 'value: x}, {name: other, value: "{{args.none}}"'
    assert _tried(tmp_path, f"{arg}", "--arg", "host={{args.none}}", "--until", "1s") == 3
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE.replace("ARG", "value: x").replace("interval: 1ms", ""))
    assert main.run(["analysis", "try", str(file), "--arg", "host=x"]) == 2
    assert "interval must be specified when count > 1" in capsys.readouterr().out


def test_a_service_whose_keys_stand_in_a_secret_says_that_there_is_none_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not that one be created."""
    file = tmp_path / "template.yaml"
    file.write_text(
        TEMPLATE.partition("  args:")[0]
        + "  metrics: [{name: a, provider: {datadog: {query: 'avg:a{*}'}}}]\n"
    )
    assert main.run(["analysis", "try", str(file), "--until", "1s"]) == 3
    told = " ".join(capsys.readouterr().out.split())
    assert "there is no Secret datadog here: a template is tried without a server" in told
