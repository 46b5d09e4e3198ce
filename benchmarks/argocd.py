"""From the push to a Stage that is Healthy, by way of a stand-in Argo CD: alone, 500 at once, and through a connection that breaks.

The stand-in runs beside the driver, Towpath in a process of its own. What the stand-in takes itself (comparing, syncing, Pods
that become ready) is measured on its side and stands beside the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import yaml

from benchmarks.promoting.raw_http import Connection
from benchmarks.report import Report, percentile
from tests.support import argocd_products, git_server, towpath_process
from tests.support.argocd_thread import serving
from towpath.demo import argo_cd
from towpath.demo.argocd.installation_settings import GitPlace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.git_server import GitServer
    from tests.support.towpath_process import Running
    from towpath.demo.argocd.front import Exchange

PROJECT = "shop"
ROUNDS = 30
STAGES = 500
WAITING = 100
DROPS = 20
_READY_SECONDS = 0.2
"""How long Pods take."""
_DEBOUNCES = {
    "every change of health recorded at once": ("0s", ROUNDS),
    "changes of health recorded as by default": ("", ROUNDS // 3),
}
_CALLERS = 16
_PATIENCE_SECONDS = 900.0
_KUBE = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}"


@dataclass
class _Seen:
    """What the stand-in was asked and has told, and when (seconds since 1970)."""

    patched: dict[str, float] = field(default_factory=dict)
    """By Application: when an operation was asked for last."""
    healthy: dict[str, float] = field(default_factory=dict)
    """By Application: when it was told last that the newest operation has succeeded and all is well."""
    requests: Counter[str] = field(default_factory=Counter)

    def __call__(self, exchange: Exchange) -> None:
        """Look on."""
        now = time.time()
        if exchange.method != "WATCH" or exchange.answer["type"] == "BEGIN":
            self.requests[_kind(exchange)] += 1
        if exchange.method == "PATCH" and "operation" in (exchange.body or {}):
            self.patched[exchange.path.rpartition("/")[2]] = now
        elif exchange.method == "WATCH" and exchange.answer["type"] == "MODIFIED":
            document = exchange.answer["object"]
            status = document.get("status") or {}
            done = (status.get("operationState") or {}).get("phase") == "Succeeded"
            well = (status.get("health") or {}).get("status") == "Healthy"
            synced = (status.get("sync") or {}).get("status") == "Synced"
            name = document["metadata"]["name"]
            if done and well and synced and self.healthy.get(name, 0) < self.patched.get(name, 0):
                self.healthy[name] = now


@dataclass
class _World:
    server: Running
    argocd: ThreadedArgoCD
    git: GitServer
    seen: _Seen
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, stages: list[str], promotions: dict[str, str]) -> dict[str, float]:
        """Return when each Stage became Healthy with its Promotion."""
        found: dict[str, float] = {}

        def all_well() -> bool:
            for stage in stages:
                at = self.stages.get(stage)
                if stage not in found and at and at["promotion"] == promotions[stage] and at["health"] == "Healthy":  # fmt: skip
                    found[stage] = at["seen"]
            return len(found) == len(stages)

        async with asyncio.timeout(_PATIENCE_SECONDS), self.told:
            await self.told.wait_for(all_well)
        return found

    async def follow(self, since: str) -> None:
        """Keep in mind how Stages are, as a watch tells it."""
        async with Connection(self.server.address, self.server.token) as watch:
            path = f"{_KUBE}/stages?watch=1&resourceVersion={since}"
            async for line in watch.lines("GET", path):
                now = time.time()
                document = json.loads(line)["object"]
                status = document.get("status") or {}
                found = {
                    "promotion": (status.get("lastPromotion") or {}).get("name"),
                    "health": (status.get("health") or {}).get("status"),
                    "seen": now,
                }
                name = document["metadata"]["name"]
                before = self.stages.get(name)
                if before is None or any(before[key] != found[key] for key in ("promotion", "health")):  # fmt: skip
                    self.stages[name] = found
                    async with self.told:
                        self.told.notify_all()


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "argocd",
        "From the push to a Stage that is Healthy",
        "Each Promotion clones, changes one line, commits, pushes, and has Argo CD sync exactly that commit; the Stage is "
        "Healthy when Argo CD says so of that commit. Argo CD is the stand-in of `towpath.demo.argocd`, behind one connection to "
        f"its Kubernetes API; its Pods take {_READY_SECONDS:g} s to be ready. It shares the machine with Towpath, and its own "
        "time is measured on its side.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as made:
        folder = Path(made)
        load = os.getloadavg()[0]
        asyncio.run(_measure(report, folder))
        report.text(
            f"Load of the machine before (mean of a minute): {load:.1f}. A Project has at most 32 workers for Promotions: what was "
            "woken waits behind what has not begun, so that at once the first take about as long as the last."
        )
        report.write(folder)


async def _measure(report: Report, folder: Path) -> None:
    for heading, (debounce, rounds) in _DEBOUNCES.items():
        name = debounce or "default"
        async with _world(folder / name, 1, rounds + 2, debounce=debounce) as world:
            rows = await _alone(world, rounds)
        report.table(f"One Stage, {rounds} times, {heading}", ["what", "p50", "p95"], rows)
    report.text(
        "A change of health is recorded once it has lasted for `stages.healthDebounce`, so that what Argo CD says for a moment "
        "moves nothing; what follows is measured without."
    )
    async with _world(folder / "many", STAGES, 2) as world:
        rows = await _many(world)
    report.table(f"{STAGES} Stages at once, one repository, one connection", ["what", "measured"], rows)  # fmt: skip
    async with _world(folder / "storm", WAITING, 2) as world:
        rows = await _storm(world)
    report.table(f"{WAITING} Promotions wait for Argo CD while its streams break off {DROPS} times", ["what", "measured"], rows)  # fmt: skip


@contextlib.asynccontextmanager
async def _world(
    folder: Path, stages: int, freight: int, *, debounce: str = "0s"
) -> AsyncIterator[_World]:
    await asyncio.to_thread(folder.mkdir)
    names = [_stage(number) for number in range(stages)]
    with contextlib.ExitStack() as parts:
        git = parts.enter_context(git_server.serving(folder / "git"))
        place = {argocd_products.BASE: GitPlace(str(git.root) + "/")}
        argocd = parts.enter_context(
            serving(folder / "argocd", git=place, rollout_seconds=_READY_SECONDS)
        )
        seen = _Seen()
        argocd.do(lambda found: found.around.observers.__setitem__(slice(None), [seen]))
        argocd_products.fill(git, PROJECT, names)
        for name in names:
            argocd.put(argocd_products.application(PROJECT, name))
        server = parts.enter_context(_server(folder, git, argocd, debounce))
        world = _World(server, argocd, git, seen)
        tags = [str(number) for number in range(1, freight + 1)]
        documents = argocd_products.documents(git, PROJECT, names, tags, waits=False)
        async with Connection(server.address, server.token) as ask:
            for document in documents:
                await ask.json("PUT", "/v1beta1/resources?upsert=true", document)
            listed = await ask.json("GET", f"{_KUBE}/stages?limit=1")
        since = listed["metadata"]["resourceVersion"]
        following = asyncio.create_task(world.follow(since))
        try:
            yield world
        finally:
            following.cancel()


@contextlib.contextmanager
def _server(
    folder: Path, git: GitServer, argocd: ThreadedArgoCD, debounce: str
) -> Iterator[Running]:
    kubeconfig = folder / "kubeconfig"
    argocd.do(lambda found: argo_cd.write_kubeconfig(found, kubeconfig))
    by = {"kubeconfig": str(kubeconfig)}
    config = {
        "git": {"insteadOf": {f"{git.url}/": [argocd_products.BASE]}},
        "argocd": {"connections": {"main": {"projects": ["*"], "default": True, "kubernetes": by}}},
        "stages": {"healthDebounce": debounce},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    with towpath_process.up(folder, config=folder / "config.yaml") as server:
        yield server


async def _promote(world: _World, stages: list[str], alias: str) -> dict[str, str]:
    """Promote to Stages at once; return the names of the Promotions."""
    names: dict[str, str] = {}
    left = iter(stages)

    async def call() -> None:
        async with Connection(world.server.address, world.server.token) as ask:
            for stage in left:
                path = f"/v1beta1/projects/{PROJECT}/stages/{stage}/promotions"
                made = await ask.json("POST", path, {"freightAlias": alias})
                names[stage] = made["metadata"]["name"]

    async with asyncio.TaskGroup() as group:
        for _ in range(min(_CALLERS, len(stages))):
            group.create_task(call())
    return names


async def _pushed(world: _World, promotion: str) -> float:
    """Return when a Promotion's push ended."""
    async with Connection(world.server.address, world.server.token) as ask:
        found = await ask.json("GET", f"/v1beta1/projects/{PROJECT}/promotions/{promotion}")
    steps = {each["alias"]: each for each in found["status"]["stepExecutionMetadata"]}
    return datetime.fromisoformat(steps["push"]["finishedAt"]).astimezone(UTC).timestamp()


async def _alone(world: _World, rounds: int) -> list[list[str]]:
    stage = _stage(0)
    application = f"{PROJECT}-{stage}"
    taken: dict[str, list[float]] = {"asked": [], "own": [], "told": [], "all": []}
    for number in range(1, rounds + 3):
        names = await _promote(world, [stage], f"v{number}")
        end = (await world.until([stage], names))[stage]
        if number <= 2:
            continue  # mirrors are made, work trees checked out
        begin = await _pushed(world, names[stage])
        asked, well = world.seen.patched[application], world.seen.healthy[application]
        for name, seconds in (("asked", asked - begin), ("own", well - asked), ("told", end - well), ("all", end - begin)):  # fmt: skip
            taken[name].append(seconds)
    said = {
        "all": "push → Stage Healthy",
        "asked": "of that: push → Argo CD is asked to sync",
        "own": f"of that: Argo CD's own time (sync, {_READY_SECONDS:g} s of Pods)",
        "told": "of that: Argo CD says Healthy → the Stage does",
    }
    return [[text, _ms(taken[name], 0.5), _ms(taken[name], 0.95)] for name, text in said.items()]


async def _many(world: _World) -> list[list[str]]:
    stages = [_stage(number) for number in range(STAGES)]
    warm = await _promote(world, stages[:1], "v1")
    await world.until(stages[:1], warm)
    world.seen.requests.clear()
    ours, theirs = psutil.Process(world.server.process.pid), psutil.Process()
    cpu = _cpu(ours), _cpu(theirs)
    begin, time_begun = time.perf_counter(), time.time()
    names = await _promote(world, stages, "v2")
    ends = await world.until(stages, names)
    taken = time.perf_counter() - begin
    used = _cpu(ours) - cpu[0], _cpu(theirs) - cpu[1]
    own = [world.seen.healthy[f"{PROJECT}-{each}"] - world.seen.patched[f"{PROJECT}-{each}"] for each in stages]  # fmt: skip
    late = [at - world.seen.healthy[f"{PROJECT}-{stage}"] for stage, at in ends.items()]
    spread = [at - time_begun for at in ends.values()]
    phases = Counter(
        [
            each["status"]["phase"]
            for each in await _promotions(world)
            if each["metadata"]["name"] in names.values()
        ]
    )
    return [
        ["from the first request until all are Healthy", f"{taken:.1f} s"],
        ["a Stage is Healthy after, p50 and p95", f"{percentile(spread, 0.5):.1f} s, {percentile(spread, 0.95):.1f} s"],
        ["Argo CD's own time for one, p50 and p95", f"{percentile(own, 0.5):.1f} s, {percentile(own, 0.95):.1f} s"],
        ["Argo CD says Healthy → the Stage does, p50 and p95", f"{percentile(late, 0.5):.2f} s, {percentile(late, 0.95):.2f} s"],
        ["Promotions", ", ".join(f"{count} {phase}" for phase, count in phases.items())],
        ["syncs that Argo CD has begun", str(_syncs(world))],
        ["requests to Argo CD", _told(world.seen.requests)],
        ["CPU: Towpath with its gits; stand-in, Git server and driver", f"{used[0]:.1f} s; {used[1]:.1f} s"],
    ]  # fmt: skip


async def _storm(world: _World) -> list[list[str]]:
    stages = [_stage(number) for number in range(WAITING)]
    await world.until(stages[:1], await _promote(world, stages[:1], "v1"))
    world.argocd.do(lambda found: setattr(found.faults.operation(), "seconds", 20.0))
    names = await _promote(world, stages, "v2")
    await _until(lambda: len(world.seen.patched) >= WAITING)
    world.seen.requests.clear()
    ours = psutil.Process(world.server.process.pid)
    cpu = _cpu(ours)
    for _ in range(DROPS):
        world.argocd.do(lambda found: found.faults.drop_streams())
        await asyncio.sleep(0.5)
    world.argocd.go_away()
    await asyncio.sleep(5.0)
    world.argocd.come_back()
    back = time.time()
    storm, used = Counter(world.seen.requests), _cpu(ours) - cpu
    world.argocd.do(lambda found: setattr(found.faults.operation(), "seconds", 0.0))
    world.argocd.do(lambda found: found.controller.look_at_everything())
    ends = await world.until(stages, names)
    phases = Counter(
        [
            each["status"]["phase"]
            for each in await _promotions(world)
            if each["metadata"]["name"] in names.values()
        ]
    )
    return [
        [f"requests to Argo CD while its streams broke off {DROPS} times, and it was away for 5 s", _told(storm)],
        ["CPU of Towpath meanwhile", f"{used:.1f} s in {DROPS * 0.5 + 5:.0f} s"],
        ["all are Healthy after its return", f"{max(ends.values()) - back:.1f} s"],
        ["requests until then", _told(world.seen.requests - storm)],
        ["Promotions", ", ".join(f"{count} {phase}" for phase, count in phases.items())],
        ["syncs that Argo CD has begun", str(_syncs(world))],
    ]  # fmt: skip


async def _promotions(world: _World) -> list[dict[str, Any]]:
    async with Connection(world.server.address, world.server.token) as ask:
        found: list[dict[str, Any]] = (await ask.json("GET", f"{_KUBE}/promotions"))["items"]
        return found


async def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("argocd: what was waited for did not come")
        await asyncio.sleep(0.05)


def _syncs(world: _World) -> int:
    """Return how many syncs there were in this world."""
    items = world.argocd.do(lambda found: found.objects.items("applications.argoproj.io"))
    return sum(len((each.get("status") or {}).get("history") or ()) for _, each in items)


def _kind(exchange: Exchange) -> str:
    if exchange.method == "GET":
        return "list" if exchange.path.endswith("/applications") else "get"
    if exchange.method == "PATCH":
        return "sync" if "operation" in (exchange.body or {}) else "refresh"
    return exchange.method.lower()


def _told(requests: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(requests.items())) or "none"


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system + used.children_user + used.children_system


def _ms(taken: list[float], share: float) -> str:
    return f"{percentile(taken, share) * 1e3:.0f} ms"


def _stage(number: int) -> str:
    return f"s{number:03}"


if __name__ == "__main__":
    main()
