"""What stands for the shop's regions: they are told which version to run, and say which one runs.

`PUT /STAGE` with `{"version": "1.2.3"}` runs a version; a region that has no room for it answers 507. `GET /STAGE/healthz` tells whether
what runs there is well.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.loopback import Loopback
from towpath.demo.shop import story
from towpath.disk import writing

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

HOST: Final = "https://regions.example.com"
"""What the example calls it."""
_JSON: Final = {"Content-Type": "application/json"}
_STAGES: Final = frozenset(f"{product}-{place}" for product in story.PRODUCTS for place in story.PLACES)  # fmt: skip


class DemoRegions:
    """Serves the regions until it is closed; what runs in them is kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known = _read(file)
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where they answer: `http://127.0.0.1:PORT`."""
        return self._http.url

    @property
    def running(self) -> dict[str, str]:
        """The version that runs for each Stage."""
        with self._lock:
            return dict(self._known["runs"])

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def _respond(self, request: Request) -> Answer:
        stage, _, rest = request.path.strip("/").partition("/")
        if stage not in _STAGES:
            return _answer(404, error=f"there is no {stage}")
        if request.method == "PUT" and not rest:
            return self._run(stage, request.body)
        if request.method == "GET" and rest == "healthz":
            return self._health(stage)
        return _answer(404, error="there is PUT /STAGE and GET /STAGE/healthz, and nothing else")

    def _run(self, stage: str, body: bytes) -> Answer:
        try:
            version = str(json.loads(body)["version"])
        except (ValueError, KeyError, TypeError):
            return _answer(400, error='a body such as {"version": "1.2.3"} is expected')
        with self._lock:
            refused = self._known["refused"]
            key = f"{stage} {version}"
            if refused.get(key, 0) < story.FULL.get((stage, version), 0):
                refused[key] = refused.get(key, 0) + 1
                self._keep()
                return _answer(507, error=f"{stage} has no room for 3 replicas of {version}")
            self._known["runs"][stage] = version
            self._keep()
        return _answer(200, version=version)

    def _health(self, stage: str) -> Answer:
        with self._lock:
            version = self._known["runs"].get(stage, "")
        if not version:
            return _answer(503, status="down", error=f"nothing runs in {stage}")
        if (stage.rpartition("-")[0], version) in story.FAULTY:
            return _answer(500, status="error", version=version, error="an order was charged twice")
        return _answer(200, status="ok", version=version)

    def _keep(self) -> None:
        writing.write(self._file, json.dumps(self._known).encode())


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        found = {}
    return {"runs": dict(found.get("runs") or {}), "refused": dict(found.get("refused") or {})}


def _answer(code: int, /, **said: str) -> Answer:
    return code, _JSON, json.dumps(said).encode()
