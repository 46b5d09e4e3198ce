"""SIGKILL around a measurement: after a restart none is lost and none counted twice; what was in flight is taken again, and says so."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.killing import Driver, Phoenix
from tests.support.registry import free_port
from towpath import app, faults
from towpath.demo.loopback import Loopback
from towpath.rules.analysis.moves import TAKEN_AGAIN

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

KILLS = int(os.environ.get("TOWPATH_ANALYSIS_KILLS", "2"))
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261129"))
_LONGEST_SECONDS = 2.0
"""About what a run takes that is not killed."""
_PROJECT = "shop"
_COUNT = 4
_RUN = f"/apis/argoproj.io/v1alpha1/namespaces/{_PROJECT}/analysisruns/run"


@dataclass(frozen=True)
class End:
    """What a run has come to, with nothing in it that differs from run to run."""

    phase: str
    counters: tuple[tuple[str, int, int, int], ...]
    """Of each metric: successful, failed, errors."""
    values: tuple[tuple[str, ...], ...]


CALM = End(
    "Successful",
    (("bad", 0, _COUNT, 0), ("good", _COUNT, 0, 0)),
    (("500",) * _COUNT, ("200",) * _COUNT),
)


def _points() -> list[str]:
    assert app.serve is not None  # importing the application declares all points
    found = [name for name in faults.points() if name.startswith("analysis.")]
    assert len(found) >= 4
    return [f"{name}:3" for name in found]


@pytest.mark.slow
@pytest.mark.parametrize("point", _points())
def test_killed_at_a_named_point(tmp_path: Path, point: str) -> None:
    """Before and after what is due is recorded, and before and after a server is asked."""
    end, kills, again, asked = _run(tmp_path, kill_at=point)
    assert kills == 1, f"{point} was never passed"
    assert end == CALM
    _must_say_so(again, asked, kills)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment(tmp_path: Path, number: int) -> None:
    """Seeded, so that a failure can be looked at again."""
    after = random.Random(SEED + number).uniform(0.0, _LONGEST_SECONDS)
    end, kills, again, asked = _run(tmp_path, kill_after_seconds=after)
    assert end == CALM, f"killed after {after:.3f} s"
    _must_say_so(again, asked, kills)


def _must_say_so(again: int, asked: int, kills: int) -> None:
    """Whoever was asked twice for one measurement is told of in it; of two metrics one each may have been in flight."""
    assert again <= 2 * kills
    assert 2 * _COUNT <= asked <= 2 * _COUNT + again


def _run(
    folder: Path, *, kill_at: str = "", kill_after_seconds: float | None = None
) -> tuple[End, int, int, int]:
    """Measure a good and a bad server; return what it came to, how often the server was killed, how many measurements say
    that they were taken again, and how often the measured servers were asked.
    """
    asked: list[str] = []

    def respond(request: Request) -> Answer:
        asked.append(request.path)
        status = 500 if "bad" in request.path else 200
        return 200, {"Content-Type": "application/json"}, str(status).encode()

    measured = Loopback(respond)
    where = measured.url.removeprefix("http://")
    (folder / "config.yaml").write_text(yaml.safe_dump({"egress": {"allow": [where]}}))
    phoenix = Phoenix(folder, free_port(), kill_at, kill_after_seconds)
    driver = Driver(phoenix)
    try:
        with phoenix.running():
            driver.ask("GET", "/v1beta1/projects")
            phoenix.begin()
            for document in _documents(measured.url):
                driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
            found = driver.until("the run has ended", _RUN, _has_ended)
    finally:
        measured.close()
    status = found["status"]
    results = sorted(status["metricResults"], key=lambda each: str(each["name"]))
    taken = [one for each in results for one in each["measurements"]]
    end = End(
        status["phase"],
        tuple(
            (each["name"], each.get("successful", 0), each.get("failed", 0), each.get("error", 0))
            for each in results
        ),
        tuple(tuple(one["value"] for one in each["measurements"]) for each in results),
    )
    again = sum(str(one.get("message", "")).startswith(TAKEN_AGAIN) for one in taken)
    return end, phoenix.kills, again, len(asked)


def _has_ended(found: dict[str, Any]) -> bool:
    return (found.get("status") or {}).get("phase") not in (None, "", "Pending", "Running")


def _documents(url: str) -> list[dict[str, Any]]:
    def metric(name: str, **more: Any) -> dict[str, Any]:
        return {
            "name": name,
            "successCondition": "result == 200",
            "interval": "200ms",
            "provider": {"web": {"url": f"{url}/{name}"}},
            **more,
        }

    spec = {
        "metrics": [
            metric("good", count=_COUNT),
            metric("bad", initialDelay="300ms", failureLimit=_COUNT, count=_COUNT),
        ]
    }
    return [
        {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Project",
            "metadata": {"name": _PROJECT},
        },
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": "run", "namespace": _PROJECT},
            "spec": spec,
        },
    ]
