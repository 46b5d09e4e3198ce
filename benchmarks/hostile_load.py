"""Hostile load: what others notice of bodies and readers that are meant to stop a server.

Each attack goes on for 20 seconds from a process of its own, by four connections. Meanwhile another caller asks for
`/healthz` and writes one object, one after the other, on connections that were open before, and asks for `/healthz` on new
ones; and the memory of the server and its processes is looked at. It is measured from the attack's first moment on.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import psutil

from benchmarks.hostile import bodies, connections, readers
from benchmarks.hostile.attack import STRANGER, WRITER, Attack, Victim
from benchmarks.report import Report, percentile
from tests.support import towpath_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.towpath_process import Running

_SECONDS: Final = float(os.environ.get("TOWPATH_BENCH_SECONDS", "20"))
_PAUSE: Final = 0.01
_P99, _STALL, _MEMORY = 100.0, 250.0, 64.0
"""What is aimed at: milliseconds, milliseconds, MiB."""
_MERGE: Final = {"Content-Type": "application/merge-patch+json"}


@dataclass
class Seen:
    """What another caller saw while an attack went on; seconds and bytes."""

    health: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    """Of `/healthz` on new connections, connecting and all."""
    writes: list[float] = field(default_factory=list)
    before: int = 0
    most: int = 0
    failed: int = 0
    answers: int = 0
    """How often the attacker was answered."""
    status: int = 0
    """With which status, the last time."""

    @property
    def row(self) -> list[str]:
        """The columns of the page."""
        told = []
        for taken in (self.health, self.fresh, self.writes):
            told += [f"{percentile(taken, 0.99) * 1e3:.0f} ms", f"{max(taken) * 1e3:.0f} ms"]
        attacked = f"{self.answers} of {self.status}" if self.answers else ""
        met = "no" if self.missed else "yes"
        return [*told, f"{self.grown:+.0f} MiB", str(self.failed), met, attacked]

    @property
    def grown(self) -> float:
        """MiB of memory more than before."""
        return (self.most - self.before) / (1 << 20)

    @property
    def missed(self) -> list[str]:
        """What of the aims was missed."""
        found = []
        for name, taken in (
            ("health", self.health),
            ("health on a new connection", self.fresh),
            ("write", self.writes),
        ):
            ninety_nine, longest = percentile(taken, 0.99) * 1e3, max(taken) * 1e3
            if ninety_nine > _P99:
                found.append(f"{name} p99 {ninety_nine:.0f} ms")
            if longest > _STALL:
                found.append(f"{name} longest {longest:.0f} ms")
        if self.grown > _MEMORY:
            found.append(f"memory {self.grown:+.0f} MiB")
        return found


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "hostile_load",
        "Hostile load",
        f"Each attack for {_SECONDS:g} s, from its first moment on, by several connections of one account; another "
        "caller meanwhile asks for `/healthz` and merges a label into one object, durably, one after the other on "
        "connections kept alive, and beside that asks for `/healthz` on new connections. Memory is "
        "the proportional share (PSS) of the server and the processes it starts. Attackers, caller and server share the "
        f"machine's cores. Aimed at: p99 ≤ {_P99:.0f} ms, no stall above {_STALL:.0f} ms, memory ≤ +{_MEMORY:.0f} MiB.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        rows: list[list[str]] = []
        missed: list[str] = []
        for attack in _attacks():
            name = f"{attack.name} ({attack.who})" if attack.who else attack.name
            seen = _measured(Path(folder) / str(len(rows)), attack)
            rows.append([name, *seen.row])
            print(name, *seen.row, flush=True)
            missed += [f"- {name}: {each}" for each in seen.missed]
        columns = [
            "attack",
            "health p99",
            "longest",
            "new connection p99",
            "longest",
            "write p99",
            "longest",
            "memory",
            "failed",
            "aims met",
            "answers to the attacker",
        ]
        report.table("What another caller sees", columns, rows)
        report.text("\n".join(["Missed aims:", "", *missed]) if missed else "No aim was missed.")
        report.write(Path(folder))


async def _nothing(_: Victim, __: Callable[[int], None]) -> None:
    await asyncio.Event().wait()


def _attacks() -> Iterator[Attack]:
    wanted = os.environ.get("TOWPATH_BENCH_ONLY", "")
    yield Attack("nothing", "", _nothing)
    yield from (each for each in _hostile() if wanted in each.name)


def _hostile() -> list[Attack]:
    return [*bodies.attacks(), *readers.attacks(), *connections.attacks()]


def _measured(folder: Path, attack: Attack) -> Seen:
    """Run a server of its own under one attack."""
    folder.mkdir()
    with towpath_process.up(folder) as running:
        seen = Seen()
        tokens = asyncio.run(_prepared(running))
        server = psutil.Process(running.process.pid)
        seen.before = _memory(server)
        with _attacking(attack, running, tokens) as (answers, begin):
            asyncio.run(_looked(running, server, seen, begin))
            seen.answers, seen.status = answers[:2]
    return seen


async def _prepared(running: Running) -> dict[str, str]:
    """Make a Project and the two accounts; return their tokens."""
    project = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Project",
        "metadata": {"name": "shop"},
    }
    rbac = "rbac.authorization.k8s.io"
    accounts = "/api/v1/namespaces/shop/serviceaccounts"
    binding = {
        "metadata": {"name": "writer"},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "writer", "namespace": "shop"}],
    }
    victim = {"metadata": {"name": "victim"}, "data": {}}
    tokens = {}
    async with _session(running.address, running.token) as session:
        await _post(session, "/v1beta1/resources", project)
        await _post(session, f"/apis/{rbac}/v1/namespaces/shop/rolebindings", {
            "apiVersion": f"{rbac}/v1", "kind": "RoleBinding", **binding,
        })  # fmt: skip
        for name in ("probed", "victim"):
            await _post(
                session,
                "/api/v1/namespaces/shop/configmaps",
                {**victim, "metadata": {"name": name}},
            )
        for who, name in ((STRANGER, "stranger"), (WRITER, "writer")):
            await _post(session, accounts, {"metadata": {"name": name}})
            answer = await _post(
                session, f"{accounts}/{name}/token", {"spec": {"expirationSeconds": 3600}}
            )
            tokens[who] = answer["status"]["token"]
    return tokens


def _session(address: str, token: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(address, headers={"Authorization": f"Bearer {token}"})


async def _post(session: aiohttp.ClientSession, path: str, document: dict[str, Any]) -> Any:
    async with session.post(path, json=document) as answer:
        text = await answer.text()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {text}")
        return await answer.json()


async def _looked(
    running: Running, server: psutil.Process, seen: Seen, begin: Callable[[], None]
) -> None:
    """Ask and write for the time of an attack, which `begin` has begun."""
    path = "/api/v1/namespaces/shop/configmaps/probed"
    async with _session(running.address, running.token) as session:
        await _healthy(session, seen)  # the connection is open from now on
        await asyncio.to_thread(begin)
        end = time.perf_counter() + _SECONDS
        beside = asyncio.create_task(_asking_anew(running, seen, end))
        number, looked = 0, 0.0
        while time.perf_counter() < end:
            number += 1
            seen.health.append(await _healthy(session, seen))
            started = time.perf_counter()
            body = {"metadata": {"labels": {"n": str(number)}}}
            async with session.patch(path, json=body, headers=_MERGE) as answer:
                await answer.read()
                seen.failed += answer.status != 200
            now = time.perf_counter()
            seen.writes.append(now - started)
            if now - looked > 0.5:
                seen.most = max(seen.most, await asyncio.to_thread(_memory, server))
                looked = time.perf_counter()
            await asyncio.sleep(_PAUSE)
        await beside


async def _asking_anew(running: Running, seen: Seen, end: float) -> None:
    """Ask for `/healthz` on one new connection after the other."""
    while time.perf_counter() < end:
        started = time.perf_counter()
        async with _session(running.address, running.token) as session:
            await _healthy(session, seen)
        seen.fresh.append(time.perf_counter() - started)
        await asyncio.sleep(2 * _PAUSE)


async def _healthy(session: aiohttp.ClientSession, seen: Seen) -> float:
    """Ask for `/healthz`; return the seconds that took."""
    started = time.perf_counter()
    async with session.get("/healthz") as answer:
        await answer.read()
        seen.failed += answer.status != 200
    return time.perf_counter() - started


def _memory(server: psutil.Process) -> int:
    found = 0
    for each in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            found += each.memory_full_info().pss
    return found


@contextlib.contextmanager
def _attacking(
    attack: Attack, running: Running, tokens: dict[str, str]
) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Have an attack go on while the context lasts.

    Yield how many answers there were and the last one's status, and what begins the attack and returns once it has begun.
    """
    context = multiprocessing.get_context("spawn")
    answers = context.Array("q", 2)
    if attack.act is _nothing:
        yield answers, lambda: None
        return
    began = context.Event()
    known = [(each.name, each.who) for each in _hostile()]
    number = known.index((attack.name, attack.who))
    victim = Victim(running.address, running.tls_address, tokens[attack.who])
    process = context.Process(
        target=attack_for_ever, args=(number, victim, answers, began), daemon=True
    )

    def begin() -> None:
        process.start()
        began.wait(60)

    try:
        yield answers, begin
    finally:
        process.kill()
        process.join()


def attack_for_ever(number: int, victim: Victim, answers: Any, began: Any) -> None:
    """Do one attack over and over, in a process of its own."""
    attack = _hostile()[number]

    def answered(status: int) -> None:
        answers[0] += 1
        answers[1] = status

    async def again() -> None:
        while True:
            try:
                await attack.act(victim, answered)
            except (OSError, EOFError):
                await asyncio.sleep(0.05)

    async def all_of_them() -> None:
        began.set()
        await asyncio.gather(*(again() for _ in range(attack.connections)))

    asyncio.run(all_of_them())
