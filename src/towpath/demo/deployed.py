"""What runs in the demo's simulated cluster, as its users reach it: a small service in each environment.

`GET /ENVIRONMENT/healthz` tells whether it is well and which version answers. A version whose tag ends on `-failing` is
deployed and ready, and answers wrongly all the same: only a test of the service itself finds out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath.demo import images
from towpath.demo.argocd.keys import Key
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.demo.argocd.cluster import Cluster
    from towpath.demo.loopback import Answer, Request

HOST: Final = "https://lms.example.com"
"""What the examples call it."""
_JSON: Final = {"Content-Type": "application/json"}
_PARTS: Final = 2


class DeployedService:
    """Serves what the cluster runs until it is closed."""

    def __init__(self, cluster: Cluster, workload: str = "lms") -> None:
        """`workload`: the Deployment of each environment that answers."""
        self.is_away = False
        """Whether connections are closed without an answer."""
        self._cluster = cluster
        self._workload = workload
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it answers: `http://127.0.0.1:PORT`."""
        return self._http.url

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def _respond(self, request: Request) -> Answer:
        if self.is_away:
            raise ConnectionAbortedError
        parts = request.path.strip("/").split("/")
        if len(parts) != _PARTS or parts[1] != "healthz":
            return _answer(404, {"error": "there is /ENVIRONMENT/healthz, and nothing else"})
        environment = parts[0]
        found = self._cluster.get(Key("Deployment.apps", environment, self._workload))
        if found is None:
            return _answer(503, {"status": "down", "error": f"nothing runs in {environment}"})
        version = _version(found)
        if version.endswith(f"-{images.FAILING}"):
            said = {"status": "error", "version": version, "error": "the catalogue is empty"}
            return _answer(500, said)
        return _answer(200, {"status": "ok", "version": version, "environment": environment})


def _version(deployment: Mapping[str, Any]) -> str:
    """Return the tag of the image that a Deployment runs."""
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return str(container["image"]).rpartition(":")[2]


def _answer(status: int, body: Mapping[str, str]) -> Answer:
    return status, _JSON, json.dumps(body).encode()
