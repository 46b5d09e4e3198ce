"""Webhooks: from a delivery to the look it causes, to the commit in the first Stage, and a thousand of them in a minute.

The server is a process of its own; the Git server and the sender share another. All of it talks over loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import psutil
import yaml

from benchmarks.report import Report, percentile
from tests.support import git_server, towpath_process
from tests.support.deliveries import path_of, receiver, signed
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.git_server import GitServer
    from tests.support.towpath_process import Running

_PROJECT: Final = "shop"
_SECRET: Final = "a secret of benchmarks"
_PATH: Final = path_of("github", project=_PROJECT, value=_SECRET)
_ROUNDS: Final = 40
_MINUTE: Final = 1_000
_SECONDS: Final = 60.0
_BURST: Final = 1_000
_WAREHOUSES: Final = 5
"""On the repository that many deliveries tell of."""
_PATIENCE: Final = 30.0
_INTRODUCTION = (
    "A push to a small repository, told by a delivery that GitHub would sign, to a server that is a process of its own on the same "
    "machine as the Git server and the sender. *Discovery begun* is when the look began, as the Warehouse's "
    "status says. *Commit pushed* is when the branch of the first Stage moves: a Warehouse, Freight, auto-promotion, and a Promotion of "
    "`git-clone`, `yaml-update`, `git-commit` and `git-push` lie between. Times begin when the sender sends."
)


def _documents(app: str, deploy: str, busy: str) -> Iterator[dict[str, Any]]:
    def of(kind: str, name: str, api: str = "kargo.akuity.io/v1alpha1", **more: Any) -> Any:
        place = {} if kind == "Project" else {"namespace": _PROJECT}
        return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **more}

    yield of("Project", _PROJECT)
    yield of("Secret", "hook", "v1", stringData={"secret": _SECRET})
    policies = [{"stageSelector": {"name": "first"}, "autoPromotionEnabled": True}]
    spec = {"webhookReceivers": [receiver("github")], "promotionPolicies": policies}
    yield of("ProjectConfig", _PROJECT, spec=spec)
    git = [{"git": {"repoURL": app, "branch": "main"}}]
    yield of("Warehouse", "app", spec={"interval": "24h", "subscriptions": git})
    for number in range(_WAREHOUSES):
        git = [{"git": {"repoURL": busy, "branch": "main"}}]
        yield of("Warehouse", f"busy-{number}", spec={"interval": "24h", "subscriptions": git})
    steps = [
        {
            "uses": "git-clone",
            "config": {"repoURL": deploy, "checkout": [{"path": "./src", "branch": "main"}]},
        },
        {
            "uses": "yaml-update",
            "config": {
                "path": "./src/values.yaml",
                "updates": [{"key": "tag", "value": f"${{{{ commitFrom('{app}').ID }}}}"}],
            },
        },
        {"uses": "git-commit", "config": {"path": "./src", "message": "${{ ctx.promotion }}"}},
        {"uses": "git-push", "config": {"path": "./src"}},
    ]
    origin = {"kind": "Warehouse", "name": "app"}
    requested = [{"origin": origin, "sources": {"direct": True}}]
    template = {"spec": {"steps": steps}}
    yield of("Stage", "first", spec={"requestedFreight": requested, "promotionTemplate": template})


class _World:
    """The server, and what happens around it."""

    def __init__(self, running: Running, git: GitServer, urls: dict[str, str]) -> None:
        self.running = running
        self.git = git
        self.urls = urls
        self.client = httpx.Client(timeout=_PATIENCE)
        self.token = running.token_file.read_text().strip()
        self.asked_at: list[float] = []
        """When the Git server was asked something, since that was cleared."""
        git.on_request = lambda: self.asked_at.append(time.perf_counter())

    def ask(self, method: str, path: str, content: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.client.request(
            method, f"{self.running.address}{path}", headers=headers, content=content
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def body(self, name: str) -> bytes:
        return json.dumps(
            {"ref": "refs/heads/main", "repository": {"clone_url": self.urls[name]}}
        ).encode()

    def deliver(self, name: str) -> float:
        """Deliver; return how long the answer took."""
        body = self.body(name)
        began = time.perf_counter()
        answer = self.client.post(
            f"{self.running.address}{_PATH}", content=body, headers=signed(body, _SECRET)
        )
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - began


def _until(what: str, holds: Any, pause: float = 0.05) -> None:
    end = time.perf_counter() + _PATIENCE
    while not holds():
        if time.perf_counter() > end:
            raise SystemExit(f"webhooks: not within {_PATIENCE:g} s: {what}")
        time.sleep(pause)


def _one_by_one(world: _World) -> dict[str, list[float]]:
    """Push and deliver, one after the other; return answers, looks begun, commits pushed, in seconds."""
    found: dict[str, list[float]] = {"answer": [], "begun": [], "asked": [], "pushed": []}
    for number in range(_ROUNDS):
        before = world.git.head("deploy.git")
        world.git.commit("app.git", {"README.md": f"{number}\n"})
        world.asked_at.clear()
        sent, began = time.time(), time.perf_counter()
        answered: list[float] = []
        sender = threading.Thread(
            target=lambda into=answered: into.append(world.deliver("app")), daemon=True
        )
        sender.start()
        _until("a commit", lambda: world.git.head("deploy.git") != before, pause=0.002)  # noqa: B023
        found["pushed"].append(time.perf_counter() - began)
        found["asked"].append(world.asked_at[0] - began)
        sender.join()
        found["answer"] += answered
        app = world.ask("GET", f"/v1beta1/projects/{_PROJECT}/warehouses/app")
        found["begun"].append(_looked(app).timestamp() - sent)
        _until(
            "the Promotion ends",
            lambda: (
                "currentPromotion"
                not in world.ask("GET", f"/v1beta1/projects/{_PROJECT}/stages/first")["status"]
            ),
        )
    return found


async def _many(
    world: _World, count: int, seconds: float, at_once: int
) -> tuple[list[float], float, datetime]:
    """Deliver many, spread over some seconds; return how long answers took, how long all took, when the last was sent."""
    body = world.body("busy")
    headers = signed(body, _SECRET)
    taken: list[float] = []
    last = datetime.now(UTC)
    turns = asyncio.Semaphore(at_once)
    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(timeout=_PATIENCE, limits=limits) as sender:
        began = time.perf_counter()

        async def one(number: int) -> None:
            nonlocal last
            await asyncio.sleep(max(0.0, began + seconds * number / count - time.perf_counter()))
            async with turns:
                sent, at = time.perf_counter(), datetime.now(UTC)
                answer = await sender.post(
                    f"{world.running.address}{_PATH}", content=body, headers=headers
                )
                assert answer.status_code == 200, answer.text
                taken.append(time.perf_counter() - sent)
                last = max(last, at)

        await asyncio.gather(*(one(number) for number in range(count)))
        return taken, time.perf_counter() - began, last


def _looked(warehouse: dict[str, Any]) -> datetime:
    """Return when the last look began."""
    found = moments.read(warehouse["status"]["discoveredArtifacts"]["discoveredAt"])
    assert found is not None
    return found


def _all_looked(world: _World, last: datetime) -> None:
    def looked() -> bool:
        items = world.ask("GET", f"/v1beta1/projects/{_PROJECT}/warehouses")["items"]
        found = [_looked(each) for each in items if each["metadata"]["name"].startswith("busy")]
        return len(found) == _WAREHOUSES and all(at >= last for at in found)

    _until("every Warehouse has looked after the last delivery", looked)


def _row(what: str, taken: list[float], budget: str = "") -> list[str]:
    shown = [f"{1000 * percentile(taken, share):.0f} ms" for share in (0.5, 0.95, 1.0)]
    return [what, str(len(taken)), *shown, budget]


def main() -> None:
    """Measure and write the page."""
    report = Report("webhooks", "Webhooks", _INTRODUCTION)
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="towpath-bench-") as made,
        git_server.serving(Path(made) / "git", password="") as git,
    ):
        folder = Path(made)
        names = {
            "app": {"README.md": "x\n"},
            "deploy": {"values.yaml": "tag: x\n"},
            "busy": {"a": "x"},
        }
        urls = {name: git.create(f"{name}.git", files) for name, files in names.items()}
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump({"egress": {"allow": [git.url.split("/")[2]]}}))
        with towpath_process.up(folder, config=config) as running:
            world = _World(running, git, urls)
            for document in _documents(urls["app"], urls["deploy"], urls["busy"]):
                world.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
            before = git.head("deploy.git")
            _until("the first commit", lambda: git.head("deploy.git") != before)
            _until(
                "the receiver listens",
                lambda: (
                    _PATH in json.dumps(world.ask("GET", f"/v1beta1/projects/{_PROJECT}/config"))
                ),
            )
            found = _one_by_one(world)
            process = psutil.Process(running.process.pid)
            used = sum(process.cpu_times()[:2])
            minute, _, last = asyncio.run(_many(world, _MINUTE, _SECONDS, 50))
            used = sum(process.cpu_times()[:2]) - used
            _all_looked(world, last)
            burst, seconds, last = asyncio.run(_many(world, _BURST, 0.0, 50))
            _all_looked(world, last)
    columns = ["from the delivery to", "deliveries", "p50", "p95", "longest", "budget"]
    report.table(
        "One at a time",
        columns,
        [
            _row("the answer", found["answer"]),
            _row("discovery begun", found["begun"], "p95 100 ms"),
            _row("the Git server is asked, by a process of git", found["asked"]),
            _row("commit pushed to the first Stage", found["pushed"], "p95 1 s"),
        ],
    )
    report.table(
        f"Many, for {_WAREHOUSES} Warehouses",
        columns,
        [
            _row("the answer, 1,000 in a minute", minute, "none lost"),
            _row(
                f"the answer, 1,000 at once over 50 connections ({_BURST / seconds:.0f}/s)", burst
            ),
        ],
    )
    report.text(
        f"Load of the machine before (mean of a minute): {load:.1f}; server, Git server and sender went before the others. "
        f"All were answered with 200, and every Warehouse looked after the last one was sent. The thousand of a minute took {used:.1f} s "
        "of processor time of the server. `tests/e2e/test_webhook_kills.py` kills the server in the midst of such a flood."
    )
    with tempfile.TemporaryDirectory() as place:
        report.write(Path(place))


if __name__ == "__main__":
    main()
