"""A run with a Job on a real server: it is carried out, its log is read while it grows and afterwards, and it outlives nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.towpath_process import COMMAND, environment, run, up
from tests.support.waiting import until

if TYPE_CHECKING:
    from tests.support.towpath_process import Running

_ENDS = ("Successful", "Failed", "Error", "Inconclusive")
RUN = "argoproj.io/v1alpha1"
MANIFESTS = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""


def _run(name: str, script: str, **metric: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "check", "args": [script]}
    spec = {"backoffLimit": 0, "template": {"spec": {"containers": [container]}}}
    return {
        "apiVersion": RUN,
        "kind": "AnalysisRun",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"metrics": [{"name": "smoke", "provider": {"job": {"spec": spec}}, **metric}]},
    }


def _config(folder: Path) -> Path:
    path = folder / "towpath.yaml"
    path.write_text(
        "jobs: {runner: programs, programs: {check: {program: /bin/sh, args: [-c], seconds: 60}}}\n"
    )
    return path


def _applied(folder: Path, server: Running, *documents: dict[str, Any]) -> None:
    file = folder / "run.yaml"
    file.write_text("---\n".join(map(json.dumps, documents)))
    done = run(folder, "apply", "-f", file, **_reaching(server))
    assert done.returncode == 0, done.stderr


def _reaching(server: Running) -> dict[str, str]:
    return {
        "TOWPATH_SERVER": server.address,
        "TOWPATH_TOKEN": server.token,
        "TOWPATH_PROJECT": "shop",
    }


def _status(server: Running, name: str) -> dict[str, Any]:
    url = f"{server.address}/v1beta1/projects/shop/analysis-runs/{name}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {server.token}"}, trust_env=False)
    status: dict[str, Any] = answer.json().get("status") or {}
    return status


def _ended(server: Running, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        found = _status(server, name)
        return found if found.get("phase") in _ENDS else {}

    return until(look, lambda: json.dumps(_status(server, name)), seconds=40)


@pytest.mark.slow
def test_a_job_runs_and_its_log_is_read(tmp_path: Path) -> None:
    """While it runs, afterwards, over Kargo's route, and of a metric that there is not."""
    with up(tmp_path, config=_config(tmp_path)) as server:
        file = tmp_path / "project.yaml"
        file.write_text(MANIFESTS.split("---", maxsplit=1)[0])
        assert run(tmp_path, "apply", "-f", file, **_reaching(server)).returncode == 0
        _applied(tmp_path, server, _run("slow", "echo first; sleep 2; echo last; exit 7"))
        until(
            lambda: (_status(server, "slow").get("metricResults") or [{}])[0].get("measurements"),
            lambda: json.dumps(_status(server, "slow")),
        )
        with subprocess.Popen(
            [*COMMAND, "logs", "analysisrun/slow", "--metric", "smoke"],
            env=environment(tmp_path, **_reaching(server)),
            stdout=subprocess.PIPE,
            text=True,
        ) as following:
            assert following.stdout is not None
            assert following.stdout.readline() == "first\n"
            assert _status(server, "slow")["phase"] == "Running"
            assert following.stdout.read() == "last\n"
        found = _ended(server, "slow")
        assert found["phase"] == "Failed"
        (measurement,) = found["metricResults"][0]["measurements"]
        assert measurement["message"] == "exit code 7: last"
        url = f"{server.address}/v1beta1/projects/shop/analysis-runs/slow/logs"
        asking = {"headers": {"Authorization": f"Bearer {server.token}"}, "trust_env": False}
        answer = httpx.get(f"{url}?metricName=smoke&containerName=main", **asking)  # type: ignore[arg-type]
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text == "data: first\ndata: last\ndata: \n\n"
        assert httpx.get(f"{url}?metricName=smok", **asking).status_code == 404  # type: ignore[arg-type]
        assert httpx.get(f"{url}?containerName=x", **asking).status_code == 400  # type: ignore[arg-type]
        done = run(tmp_path, "logs", "analysisrun/slow", "--metric", "smok", **_reaching(server))
        assert done.returncode != 0
        assert "smoke" in done.stderr


@pytest.mark.slow
def test_a_killed_server_leaves_no_job_and_takes_it_again(tmp_path: Path) -> None:
    """By SIGKILL; the measurement says that it was taken again."""
    flag = tmp_path / "again"
    script = f"echo pid $$$$; test -e {flag} || exec sleep 600"
    config = _config(tmp_path)
    config.write_text(config.read_text().replace("seconds: 60", f"seconds: 60, read: [{tmp_path}]"))
    data = tmp_path / "data"
    with up(tmp_path, config=config, data=data) as server:
        file = tmp_path / "project.yaml"
        file.write_text(MANIFESTS.split("---", maxsplit=1)[0])
        assert run(tmp_path, "apply", "-f", file, **_reaching(server)).returncode == 0
        _applied(tmp_path, server, _run("cut", script))
        (log,) = until(
            lambda: [each for each in data.glob("jobs/*/log") if each.read_text()],
            lambda: json.dumps(_status(server, "cut")),
        )
        process = Path(f"/proc/{log.read_text().split()[1]}")
        assert process.exists()
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        until(lambda: not process.exists(), lambda: "the Job goes on")
    flag.touch()
    with up(tmp_path, config=config, data=data) as server:
        found = _ended(server, "cut")
        assert found["phase"] == "Successful"
        said = json.dumps(found["metricResults"][0]["measurements"])
        assert "again" in said or "anew" in said
