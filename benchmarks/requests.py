"""Ordinary requests over a kept-alive connection, beside a bare ASGI answer on the same server.

One caller, one request after the other, so that what is seen is the time that a request takes and not how many fit.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import psutil

from benchmarks.report import Report, percentile
from tests.support import towpath_process
from tests.support.listening import listens
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Receive, Scope, Send

_TIMES: Final = 300
_KARGO: Final = "kargo.akuity.io/v1alpha1"
_BASE: Final = "/v1beta1/projects/shop"
_KUBE: Final = "/apis/kargo.akuity.io/v1alpha1/namespaces/shop"
_MERGE: Final = {"Content-Type": "application/merge-patch+json"}
_REQUESTS: Final[tuple[tuple[str, str, str, float], ...]] = (
    ("health", "GET", "/healthz", 0),
    ("one Stage", "GET", f"{_BASE}/stages/s00", 2),
    ("one Stage, Kubernetes API", "GET", f"{_KUBE}/stages/s00", 2),
    ("50 Stages", "GET", f"{_BASE}/stages", 5),
    ("50 Stages, Kubernetes API", "GET", f"{_KUBE}/stages?limit=50", 5),
    ("50 Stages as a Table", "GET", f"{_KUBE}/stages?limit=50&table", 0),
    ("Freight of the Project", "GET", f"{_BASE}/freight", 5),
    ("explain", "GET", "/towpath/v1/projects/shop/stages/s00/explain", 3),
    ("who am I (review)", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", 0),
    ("merge patch of a ConfigMap, durable", "PATCH", "/api/v1/namespaces/shop/configmaps/one", 0),
)
"""Name, method, path and what is aimed at, in milliseconds (0: nothing is said)."""


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "requests",
        "Ordinary requests",
        f"{_TIMES} times each, one after the other, over one kept-alive connection on loopback without TLS; Python's "
        "`http.client` is the caller, in a process of its own. A Project with 50 Stages and 20 Freight. The floor is an ASGI "
        "application that answers five bytes, on the same server code.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        rows = [["bare ASGI answer", *_told(_bare()), "", ""]]
        with towpath_process.up(Path(folder)) as running:
            with _connected(running.address, running.token) as ask:
                _populate(ask)
                server = psutil.Process(running.process.pid)
                for name, method, path, aim in _REQUESTS:
                    before = _used(server)
                    told = _told(_timed(ask, method, path))
                    told.append(f"{(_used(server) - before) / _TIMES * 1e3:.2f} ms")
                    rows.append([name, *told, f"{aim:g} ms" if aim else ""])
            command = _command(Path(folder), running)
        report.table(
            "Requests", ["request", "p50", "p95", "processor time of the server", "aim"], rows
        )
        report.table("The command line", ["command", "p50", "p95", "aim"], [command])
        report.write(Path(folder))


def _used(process: psutil.Process) -> float:
    """Return the seconds of processor time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _told(taken: list[float]) -> list[str]:
    return [f"{percentile(taken, share) * 1e3:.2f} ms" for share in (0.5, 0.95)]


@contextmanager
def _connected(address: str, token: str) -> Iterator[Callable[..., bytes]]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)

    def ask(method: str, path: str, document: Any = None, **headers: str) -> bytes:
        body = None if document is None else json.dumps(document)
        given = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        found = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {found.decode()[:500]}")
        return found

    try:
        yield ask
    finally:
        connection.close()


def _timed(ask: Callable[..., bytes], method: str, path: str) -> list[float]:
    taken = []
    for number in range(_TIMES):
        document, headers = None, {}
        if method == "PATCH":
            document, headers = {"metadata": {"labels": {"n": str(number)}}}, _MERGE
        if method == "POST":
            document = {}
        if path.endswith("&table"):
            headers = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
        begin = time.perf_counter()
        ask(method, path.removesuffix("&table"), document, **headers)
        taken.append(time.perf_counter() - begin)
    return taken


def _populate(ask: Callable[..., bytes]) -> None:
    def made(kind: str, name: str, **rest: Any) -> dict[str, Any]:
        metadata = {"name": name} | ({} if kind == "Project" else {"namespace": "shop"})
        return {"apiVersion": _KARGO, "kind": kind, "metadata": metadata, **rest}

    image = {"repoURL": "registry.invalid/app", "constraint": "^1.0.0"}
    origin = {"kind": "Warehouse", "name": "main"}
    requested = [{"origin": origin, "sources": {"direct": True}}]
    steps = [{"uses": "compose-output", "config": {"a": "b"}}]
    template = {"spec": {"steps": steps}}
    ask("POST", "/v1beta1/resources", made("Project", "shop"))
    warehouse = {
        "subscriptions": [{"image": image}],
        "freightCreationPolicy": "Manual",
        "interval": "24h",
    }
    ask("POST", "/v1beta1/resources", made("Warehouse", "main", spec=warehouse))
    for number in range(50):
        spec = {"requestedFreight": requested, "promotionTemplate": template}
        ask("POST", "/v1beta1/resources", made("Stage", f"s{number:02}", spec=spec))
    for number in range(20):
        images = [
            {
                "repoURL": "registry.invalid/app",
                "tag": f"1.0.{number}",
                "digest": f"sha256:{number:064x}",
            }
        ]
        freight = made("Freight", "", origin=origin, images=images)
        del freight["metadata"]["name"]
        ask("POST", "/v1beta1/resources", freight)
    ask("POST", "/api/v1/namespaces/shop/configmaps", {"metadata": {"name": "one"}})


def _command(folder: Path, running: towpath_process.Running) -> list[str]:
    taken = []
    environment = towpath_process.environment(
        folder,
        TOWPATH_SERVER=running.address,
        TOWPATH_TOKEN=running.token,
        PYTHONPYCACHEPREFIX=str(folder / "bytecode"),
    )
    # An installed command has its bytecode; the first run writes it.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(21):
        begin = time.perf_counter()
        subprocess.run(
            [*towpath_process.COMMAND, "get", "stages", "--project=shop"],
            env=environment,
            check=True,
            capture_output=True,
        )
        taken.append(time.perf_counter() - begin)
    return ["`towpath get stages`, process and all", *_told(taken[1:]), "200 ms"]


# --- the floor -------------------------------------------------------------------------------------------


async def _hello(_: Scope, __: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5"), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


def _bare() -> list[float]:
    """Time a bare answer, of a server in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", "from benchmarks.requests import serve; serve()"],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            with _connected(f"http://127.0.0.1:{int(server.stdout.readline())}", "x") as ask:
                return _timed(ask, "GET", "/")
        finally:
            server.terminate()


def serve() -> None:
    """Serve the bare answer, and say on which port."""

    async def run() -> None:
        async with listens(_hello, SystemClock()) as (_, port):
            print(port, flush=True)
            await asyncio.to_thread(threading.Event().wait)

    asyncio.run(run())
