"""SIGKILL around the verification of a Stage: one run for a Promotion, one verdict, and one Event, whenever it came."""

from __future__ import annotations

import contextlib
import json
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.support import waiting
from tests.support.killing import Driver, Phoenix
from tests.support.registry import free_port
from towpath import app, faults
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

KILLS = int(os.environ.get("TOWPATH_VERIFICATION_KILLS", "2"))
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261129"))
_LONGEST_SECONDS = 1.5
"""About what a verification takes that is not killed."""
_PROJECT = "shop"
_BASE = f"/v1beta1/projects/{_PROJECT}"
_STAGE = f"{_BASE}/stages/dev"
_RUNS = f"/apis/argoproj.io/v1alpha1/namespaces/{_PROJECT}/analysisruns"
_SECRETS = f"/api/v1/namespaces/{_PROJECT}/secrets"
_EVENTS = f"/api/v1/namespaces/{_PROJECT}/events"
_ABORTS = "stage.verification.terminated"


@dataclass(frozen=True)
class End:
    """What a verification has come to, with nothing in it that differs from run to run."""

    phases: tuple[str, ...]
    """Of the entries of the Stage, and of the AnalysisRuns that there are."""
    events: tuple[str, ...]
    is_marked: bool
    """Whether the Freight says that it was verified, and by that run."""
    secrets: int
    """What runs were told in confidence and was left behind."""


CALM = End(("Successful", "Successful"), ("FreightVerificationSucceeded",), True, 0)
GIVEN_UP = End(("Aborted", "Successful"), ("FreightVerificationAborted",), False, 0)


def _points() -> list[str]:
    assert app.serve is not None  # importing the application declares all points
    found = [name for name in faults.points() if name.startswith("stage.verification.")]
    assert len(found) == 4
    return found


@pytest.mark.slow
@pytest.mark.parametrize("point", _points())
def test_killed_at_a_named_point(tmp_path: Path, point: str) -> None:
    """Before and after the run is created, when it was told to end, and when Events tell of it."""
    end, kills = _run(tmp_path, kill_at=point, gives_up=point == _ABORTS)
    assert kills == 1, f"{point} was never passed"
    assert end == (GIVEN_UP if point == _ABORTS else CALM)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment(tmp_path: Path, number: int) -> None:
    """Seeded, so that a failure can be looked at again."""
    chance = random.Random(SEED + number)
    after, gives_up = chance.uniform(0.0, _LONGEST_SECONDS), chance.random() < 0.3
    end, _ = _run(tmp_path, kill_after_seconds=after, gives_up=gives_up)
    assert end == (GIVEN_UP if gives_up else CALM), f"killed after {after:.3f} s"


def _run(
    folder: Path,
    *,
    kill_at: str = "",
    kill_after_seconds: float | None = None,
    gives_up: bool = False,
) -> tuple[End, int]:
    """Promote, and verify what came; return what it came to, and how often the server was killed."""

    def respond(request: Request) -> Answer:
        del request
        return 200, {"Content-Type": "application/json"}, b'{"version": "1.0.0"}'

    measured = Loopback(respond)
    where = measured.url.removeprefix("http://")
    (folder / "config.yaml").write_text(yaml.safe_dump({"egress": {"allow": [where]}}))
    phoenix = Phoenix(folder, free_port(), kill_at, kill_after_seconds)
    driver = Driver(phoenix)
    try:
        with phoenix.running():
            driver.ask("GET", "/v1beta1/projects")
            for document in _documents(measured.url, delay="1h" if gives_up else ""):
                driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
            freight = _freight(driver)
            phoenix.begin()
            if gives_up:
                driver.until(
                    "its run is under way", _STAGE, lambda stage: _phases(stage) == ["Running"]
                )
                driver.ask("POST", f"{_STAGE}/verification/abort")
            stage = driver.until("it has a verdict", _STAGE, _has_ended)
            runs = driver.until("the run has ended", _RUNS, _have_ended)["items"]
            marked = f"{_BASE}/freight/{freight}"
            if not gives_up:
                driver.until(
                    "the Freight is marked",
                    marked,
                    lambda found: found.get("status", {}).get("verifiedIn"),
                )
            found = driver.ask("GET", marked)["status"]
            events = driver.ask("GET", _EVENTS)["items"]
            secrets = driver.ask("GET", _SECRETS)["items"]
    finally:
        measured.close()
    evidence = (found.get("metadata") or {}).get("towpath.dev/verified-by") or {}
    told = sorted(
        each["reason"] for each in events if each["reason"].startswith("FreightVerification")
    )
    end = End(
        (*_phases(stage), *(each["status"]["phase"] for each in runs)),
        tuple(told),
        evidence == {"dev": runs[0]["metadata"]["name"]} and "dev" in found["verifiedIn"],
        sum(each["metadata"]["name"].endswith("-args") for each in secrets),
    )
    return end, phoenix.kills


def _phases(stage: dict[str, Any]) -> list[str]:
    history = (stage.get("status") or {}).get("freightHistory") or [{}]
    return [
        str(each["phase"]) for held in history for each in held.get("verificationHistory") or ()
    ]


def _has_ended(stage: dict[str, Any]) -> bool:
    phases = _phases(stage)
    return bool(phases) and phases[0] not in ("Pending", "Running")


def _have_ended(runs: dict[str, Any]) -> bool:
    phases = [(each.get("status") or {}).get("phase") for each in runs["items"]]
    return bool(phases) and all(phase not in (None, "", "Pending", "Running") for phase in phases)


def _freight(driver: Driver) -> str:
    """Make Freight; return its name."""
    wanted = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"name": "first", "namespace": _PROJECT},
        "origin": {"kind": "Warehouse", "name": "main"},
        "images": [
            {"repoURL": "registry.example/app", "tag": "1.0.0", "digest": f"sha256:{'7' * 64}"}
        ],
    }

    def found() -> str:
        with contextlib.suppress(httpx.TransportError, FileNotFoundError):
            groups = driver.ask("GET", f"{_BASE}/freight")["groups"]
            for each in groups.get("", {}).get("items", ()):
                return str(each["metadata"]["name"])
            driver.once("POST", "/v1beta1/resources", json.dumps(wanted))
        return ""

    return waiting.until(found, lambda: "Freight is there")


def _documents(url: str, *, delay: str) -> list[dict[str, Any]]:
    kargo, space = "kargo.akuity.io/v1alpha1", {"namespace": _PROJECT}
    metric: dict[str, Any] = {
        "name": "version",
        "successCondition": 'result == "1.0.0"',
        "provider": {"web": {"url": "{{args.url}}/version", "jsonPath": "{$.version}"}},
    }
    if delay:
        metric["initialDelay"] = delay
    smoke = f"url: {url}/smoke\njson:\n  $.version: 1.0.0\n"
    stage = {
        "apiVersion": kargo,
        "kind": "Stage",
        "metadata": {
            "name": "dev",
            **space,
            "annotations": {} if delay else {"towpath.dev/smoke": smoke},
        },
        "spec": {
            "requestedFreight": [
                {"origin": {"kind": "Warehouse", "name": "main"}, "sources": {"direct": True}}
            ],
            "promotionTemplate": {
                "spec": {"steps": [{"uses": "compose-output", "config": {"hello": "world"}}]}
            },
            "verification": {
                "analysisTemplates": [{"name": "web"}],
                "args": [{"name": "url", "value": "${{ secret('shop').url }}"}],
            },
        },
    }
    return [
        {
            "apiVersion": kargo,
            "kind": "Project",
            "metadata": {"name": _PROJECT},
            "spec": {"promotionPolicies": [{"stage": "dev", "autoPromotionEnabled": True}]},
        },
        {
            "apiVersion": kargo,
            "kind": "Warehouse",
            "metadata": {"name": "main", **space},
            "spec": {
                "subscriptions": [{"image": {"repoURL": "registry.example/app"}}],
                "freightCreationPolicy": "Manual",
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "shop", **space},
            "stringData": {"url": url},
        },
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisTemplate",
            "metadata": {"name": "web", **space},
            "spec": {"args": [{"name": "url"}], "metrics": [metric]},
        },
        stage,
    ]
