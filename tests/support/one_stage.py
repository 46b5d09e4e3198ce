"""A Project with one Stage and one Freight, made through the API of a server in a process of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.towpath_process import Running

PROJECT = "shop"
STAGE = "test"
_KARGO = "kargo.akuity.io/v1alpha1"


@dataclass(frozen=True)
class OneStage:
    """The Project of a server."""

    server: Running

    def request(self, method: str, path: str, document: Any = None, **more: Any) -> httpx.Response:
        """Ask the server."""
        headers = {"Authorization": f"Bearer {self.server.token}", **more.pop("headers", {})}
        where = f"{self.server.address}{path}"
        return httpx.request(method, where, headers=headers, json=document, timeout=30, **more)

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """Ask the server, which must be content."""
        answer = self.request(method, path, document)
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def make(self, steps: Sequence[Any]) -> str:
        """Make it all, with these steps; return the name of the Freight."""
        origin = {"kind": "Warehouse", "name": "main"}
        image = {
            "repoURL": "registry.example.com/app",
            "tag": "1.0.0",
            "digest": "sha256:" + "1" * 64,
        }
        documents: list[dict[str, Any]] = [
            {"kind": "Project", "metadata": {"name": PROJECT}},
            {
                "kind": "Warehouse",
                "metadata": {"name": "main", "namespace": PROJECT},
                "spec": {
                    "interval": "24h",
                    "freightCreationPolicy": "Manual",
                    "subscriptions": [{"image": {"repoURL": image["repoURL"]}}],
                },
            },
            {
                "kind": "Stage",
                "metadata": {"name": STAGE, "namespace": PROJECT},
                "spec": {
                    "requestedFreight": [{"origin": origin, "sources": {"direct": True}}],
                    "promotionTemplate": {"spec": {"steps": list(steps)}},
                },
            },
            {
                "kind": "Freight",
                "metadata": {"namespace": PROJECT},
                "origin": origin,
                "images": [image],
            },
        ]
        text = json.dumps([{"apiVersion": _KARGO, **each} for each in documents])
        made = self.request("POST", "/v1beta1/resources", content=text)
        assert made.status_code < 300, made.text
        errors = [each for each in made.json()["results"] if each.get("error")]
        assert not errors, errors
        listed = self.ask("GET", f"/v1beta1/projects/{PROJECT}/freight")
        [freight] = [each for group in listed["groups"].values() for each in group["items"]]
        return str(freight["metadata"]["name"])

    def promote(self, freight: str) -> str:
        """Begin a Promotion; return its name."""
        path = f"/v1beta1/projects/{PROJECT}/stages/{STAGE}/promotions"
        return str(self.ask("POST", path, {"freight": freight})["metadata"]["name"])

    def promotion(self, name: str) -> dict[str, Any]:
        """Return the status of a Promotion."""
        found = self.ask("GET", f"/v1beta1/projects/{PROJECT}/promotions/{name}")
        status: dict[str, Any] = found.get("status") or {}
        return status

    def reaches(self, name: str, phase: str) -> dict[str, Any]:
        """Return the status of a Promotion once it is in a phase."""

        def there() -> dict[str, Any]:
            found = self.promotion(name)
            return found if found.get("phase") == phase else {}

        return waiting.until(there, lambda: json.dumps(self.promotion(name)))
