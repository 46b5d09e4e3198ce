"""Serves Applications by both APIs with as little work as can be: what is measured is the other side.

Run as `python -m benchmarks.applications.server NUMBER RATE`: it prints its port, and takes lines on its standard input: `drop`
breaks off every stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESOURCES = 40
_KUBERNETES = "/apis/argoproj.io/v1alpha1/applications"
_REST = "/api/v1/applications"
_STREAM = "/api/v1/stream/applications"


def application(number: int, version: int) -> dict[str, Any]:
    """Return an Application of some 14 KB, as a service with 40 objects has it; one in ten is authorised for a Stage."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_800_000_000 + version))
    revision = f"{number:08x}{version:08x}".ljust(40, "0")
    source = {
        "repoURL": f"https://git.example.com/team-{number % 50}/deploy.git",
        "path": f"apps/{number}",
        "targetRevision": "main",
    }
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": {"source": source}})
    }
    if number % 10 == 0:
        annotations["kargo.akuity.io/authorized-stage"] = f"team-{number % 50}:prod-{number}"
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": f"app-{number}",
            "namespace": "argocd",
            "uid": f"{number:08x}-0000-0000-0000-000000000000",
            "resourceVersion": str(version),
            "labels": {"team": f"team-{number % 50}", "tier": "web"},
            "annotations": annotations,
        },
        "spec": {
            "project": f"team-{number % 50}",
            "source": source,
            "destination": {
                "server": "https://kubernetes.default.svc",
                "namespace": f"ns-{number}",
            },
            "syncPolicy": {"automated": {"prune": True}, "retry": {"limit": 3}},
        },
        "status": {
            "reconciledAt": moment,
            "sync": {"status": "Synced", "revision": revision, "comparedTo": {"source": source}},
            "health": {"status": ("Healthy", "Progressing")[version % 2]},
            "operationState": {
                "phase": "Succeeded",
                "startedAt": moment,
                "finishedAt": moment,
                "message": "successfully synced (all tasks run)",
                "operation": {"sync": {"revision": revision}, "initiatedBy": {"username": "ann"}},
                "syncResult": {
                    "revision": revision,
                    "source": source,
                    "resources": [
                        _resource(number, each, synced=True) for each in range(_RESOURCES)
                    ],
                },
            },
            "resources": [_resource(number, each, synced=False) for each in range(_RESOURCES)],
            "history": [
                {"id": each, "revision": revision, "deployedAt": moment, "source": source}
                for each in range(10)
            ],
            "summary": {"images": [f"registry.example.com/team/{number}:{version}"]},
        },
    }


def _resource(number: int, each: int, *, synced: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": f"ns-{number}",
        "name": f"workload-{each}",
    }
    if synced:
        return found | {
            "status": "Synced",
            "message": "deployment configured",
            "hookPhase": "Running",
            "syncPhase": "Sync",
        }
    return found | {"status": "Synced", "health": {"status": "Healthy"}}


class Server:
    """The Applications, and who streams them."""

    def __init__(self, number: int, rate: float) -> None:
        self._encoded = [
            json.dumps(application(each, each + 1), separators=(",", ":")).encode()
            for each in range(number)
        ]
        self._version = number
        self._rate = rate
        self._streams: dict[asyncio.Queue[bytes | None], bool] = {}
        self.requests = 0

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        self.requests += 1
        if request.path == "/requests":
            return web.json_response({"requests": self.requests})
        if request.query.get("watch") or request.path == _STREAM:
            return await self._stream(request)
        first, last = 0, len(self._encoded)
        if request.path == _KUBERNETES:
            first = int(request.query.get("continue") or 0)
            last = min(last, first + int(request.query.get("limit") or last))
        going_on = str(last) if last < len(self._encoded) else ""
        answer = web.StreamResponse()
        answer.content_type = "application/json"
        await answer.prepare(request)
        metadata = json.dumps({"resourceVersion": str(self._version), "continue": going_on})
        await answer.write(
            b'{"kind":"ApplicationList","metadata":' + metadata.encode() + b',"items":['
        )
        for start in range(first, last, 20):
            lead = b"" if start == first else b","
            await answer.write(lead + b",".join(self._encoded[start : min(start + 20, last)]))
        await answer.write(b"]}")
        return answer

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._streams[queue] = request.path == _STREAM
        answer = web.StreamResponse()
        answer.content_type = "application/json"
        await answer.prepare(request)
        try:
            while (line := await queue.get()) is not None:
                with contextlib.suppress(ConnectionError):
                    await answer.write(line)
            if request.transport is not None:
                request.transport.abort()
        finally:
            del self._streams[queue]
        return answer

    async def change(self) -> None:
        """Change Applications, one after the other."""
        for number in self._numbers():
            await asyncio.sleep(1 / self._rate)
            self._version += 1
            document = json.dumps(
                application(number, self._version), separators=(",", ":")
            ).encode()
            self._encoded[number] = document
            for queue, is_rest in self._streams.items():
                start, end = (
                    (b'{"result":{"type":"MODIFIED","application":', b"}}\n")
                    if is_rest
                    else (b'{"type":"MODIFIED","object":', b"}\n")
                )
                queue.put_nowait(start + document + end)

    def _numbers(self) -> Iterator[int]:
        number = 0
        while True:
            number = (number + 7919) % len(self._encoded)
            yield number

    def drop(self) -> None:
        """Break off every stream."""
        for queue in self._streams:
            queue.put_nowait(None)


async def main(number: int, rate: float) -> None:
    """Serve until the standard input ends."""
    server = Server(number, rate)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(web.Server(server.respond, access_log=None), "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    changing = asyncio.create_task(server.change())
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "drop":
            server.drop()
    changing.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
