"""SIGKILL in the midst of a hook's steps: its run ends as one that nobody killed, with the secrets that its steps had."""

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
from towpath.demo.chat import DemoChat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = int(os.environ.get("TOWPATH_HOOK_KILLS", "1"))
SEED = int(os.environ.get("TOWPATH_KILL_SEED", "20261129"))
_LONGEST_SECONDS = 1.0
"""About what it takes from the Promotion to the end of the hook's run."""
_TOKEN = "s3cr3tCANARYvalue91"
_PROJECT = "shop"
_POINTS = (
    "promotion.after-step:3",
    "promotion.before-step:2",
    "promotion.after-step:2",
    "promotion.before-step:3",
    "promotion.before-note:1",
    "promotion.after-note:1",
    "message.before-sending:1",
    "message.after-sending:1",
    "promotion.before-step:4",
    "promotion.after-step:4",
)
"""The first passage of a step's points is the Promotion's, the following ones are the hook's."""
NAMED = _POINTS if KILLS > 1 else _POINTS[:1]


@dataclass(frozen=True)
class End:
    """What the hook's runs have come to, with nothing in it that differs from run to run."""

    runs: tuple[tuple[str, str, str], ...]
    """Phase, steps and outputs of each."""
    written: int
    """How many messages there are."""
    heard: tuple[str, ...]
    """What the chat heard, without the line that says that it may be a repeat; what came twice because an answer was lost counts once."""


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> End:
    """The end of a run that nobody killed."""
    end, kills = _run(tmp_path_factory.mktemp("calm"))
    assert kills == 0
    [(phase, _, state)] = end.runs
    assert phase == "Succeeded"
    assert '"same": true' in state
    assert end.written == 1
    assert end.heard == ("deployed to dev",)
    return end


@pytest.mark.parametrize("point", NAMED)
def test_killed_at_a_named_point(tmp_path: Path, calm: End, point: str) -> None:
    """Before and after each of the hook's steps, and each note and message of theirs."""
    end, kills = _run(tmp_path, kill_at=point)
    assert kills == 1, "the point was not passed"
    assert end == calm


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment(tmp_path: Path, calm: End, number: int) -> None:
    """Seeded, so that a failure can be looked at again."""
    after = random.Random(SEED + number).uniform(0.0, _LONGEST_SECONDS)
    end, _ = _run(tmp_path, kill_after_seconds=after)
    assert end == calm, f"killed after {after:.3f} s"


def _documents(chat: DemoChat) -> Iterator[dict[str, Any]]:
    def of(api: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
        place = {} if kind == "Project" else {"namespace": _PROJECT}
        return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **more}

    kargo, extended = "kargo.akuity.io/v1alpha1", "ee.kargo.akuity.io/v1alpha1"
    yield of(kargo, "Project", _PROJECT)
    yield of("v1", "Secret", "vault", stringData={"token": _TOKEN})
    yield of("v1", "Secret", "news", stringData={"url": chat.url})
    image = {"repoURL": "registry.example/app"}
    spec: dict[str, Any] = {"freightCreationPolicy": "Manual", "subscriptions": [{"image": image}]}
    yield of(kargo, "Warehouse", "app", spec=spec)
    origin = {"kind": "Warehouse", "name": "app"}
    requested = [{"origin": origin, "sources": {"direct": True}}]
    template = {"spec": {"steps": [{"uses": "compose-output", "as": "it", "config": {"a": "b"}}]}}
    spec = {"requestedFreight": requested, "promotionTemplate": template}
    yield of(kargo, "Stage", "dev", spec=spec)
    spec = {"secretRef": {"name": "news"}, "slackWebhook": {}}
    yield of(extended, "MessageChannel", "news", spec=spec)
    secret, channel = '${{ secret("vault").token }}', {"kind": "MessageChannel", "name": "news"}
    told = {"channel": channel, "message": "deployed to ${{ ctx.event.stage }}"}
    compared = {"same": f"${{{{ outputs.first.a == '{_TOKEN}' }}}}"}
    spec = {
        "stageSelector": {"name": "dev"},
        "events": ["promotion-succeeded"],
        "steps": [
            {"uses": "compose-output", "as": "first", "config": {"a": secret}},
            {"uses": "send-message", "as": "tell", "config": told},
            {"uses": "compose-output", "as": "last", "config": compared},
        ],
    }
    yield of("towpath.dev/v1alpha1", "StageHook", "tell", spec=spec)
    images = [{**image, "tag": "1", "digest": f"sha256:{'a' * 64}"}]
    yield of(kargo, "Freight", "f" * 40, alias="one", origin=origin, images=images)


def _run(
    folder: Path, *, kill_at: str = "", kill_after_seconds: float | None = None
) -> tuple[End, int]:
    """Promote once, and return what the hook came to, and how often the server was killed."""
    chat = DemoChat()
    with contextlib.closing(chat):
        allowed = {"egress": {"allow": [chat.url.split("/")[2]]}}
        (folder / "config.yaml").write_text(yaml.safe_dump(allowed))
        phoenix = Phoenix(folder, free_port(), kill_at, kill_after_seconds)
        driver = Driver(phoenix)
        hook_runs = f"/apis/towpath.dev/v1alpha1/namespaces/{_PROJECT}/hookruns"
        messages = f"/apis/towpath.dev/v1alpha1/namespaces/{_PROJECT}/messages"
        with phoenix.running():
            driver.ask("GET", "/v1beta1/projects")
            for document in _documents(chat):
                driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
            phoenix.begin()
            _promote_once(driver)
            driver.until("the hook has run", hook_runs, _have_ended)
            waiting.until(lambda: chat.messages, lambda: "the chat has heard of it")
            runs = driver.ask("GET", hook_runs)["items"]
            written = len(driver.ask("GET", messages)["items"])
        heard = tuple(dict.fromkeys(each.text.partition("\n")[0] for each in chat.messages))
    return End(tuple(sorted(map(_told, runs))), written, heard), phoenix.kills


def _promote_once(driver: Driver) -> None:
    """Promote; a request that was cut off is not repeated if its Promotion is there."""
    base = f"/v1beta1/projects/{_PROJECT}"

    def made() -> bool:
        if driver.ask("GET", f"{base}/promotions")["items"]:
            return True
        with contextlib.suppress(httpx.TransportError):
            driver.once("POST", f"{base}/stages/dev/promotions", '{"freightAlias": "one"}')
        return False

    waiting.until(made, lambda: "the Promotion is made")


def _have_ended(listed: dict[str, Any]) -> bool:
    phases = [(each.get("status") or {}).get("phase") for each in listed["items"]]
    return bool(phases) and all(each in ("Succeeded", "Failed", "Errored") for each in phases)


def _told(run: dict[str, Any]) -> tuple[str, str, str]:
    status = run["status"]
    steps = [(each["alias"], each["status"]) for each in status["stepExecutionMetadata"]]
    return status["phase"], json.dumps(steps), json.dumps(status["state"], sort_keys=True)
