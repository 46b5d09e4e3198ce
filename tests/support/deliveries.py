"""Deliveries of webhooks that lie beside the checkout, and a project whose receivers take them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT
from tests.support.shared import ROOT, shared

if TYPE_CHECKING:
    from towpath.resources.document import Document

SECRET = "s3cr3t-for-tests"
TYPES = (
    "artifactory",
    "azure",
    "bitbucket",
    "dockerhub",
    "generic",
    "gitea",
    "github",
    "gitlab",
    "harbor",
    "quay",
)
KEYS = {"artifactory": "secret-token", "gitlab": "secret-token", "harbor": "auth-header"}


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery, and what a receiver takes from it."""

    type: str
    id: str
    headers: dict[str, str]
    body: bytes
    reads: dict[str, Any]
    status: int


def told(type_: str) -> list[Told]:
    """Return the deliveries of a type."""
    document = json.loads(shared("contracts", "webhooks", f"{type_}.json").read_text("utf-8"))
    assert document["secret"] == SECRET
    return [
        Told(
            type_,
            each["id"],
            each["headers"],
            each["rawBody"].encode(),
            each["reads"],
            each["status"],
        )
        for each in document["deliveries"]
    ]


def names() -> list[tuple[str, str]]:
    """Return type and id of each delivery there is; none for a clone on its own."""
    if not (ROOT / "contracts" / "webhooks").exists():
        return []
    return [(type_, each.id) for type_ in TYPES for each in told(type_)]


def secret_document(
    name: str = "hook", value: str = SECRET, namespace: str = PROJECT, *keys: str
) -> Document:
    """Return a Secret that serves receivers of every type."""
    encoded = base64.b64encode(value.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": dict.fromkeys(keys or ("secret", "secret-token", "auth-header"), encoded),
    }


def receiver(type_: str, name: str = "", secret: str = "hook", **more: Any) -> Document:
    """Return an item of `webhookReceivers`."""
    return {"name": name or type_, type_: {"secretRef": {"name": secret}, **more}}


def config_document(*receivers: Document) -> Document:
    """Return the ProjectConfig with these receivers."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "ProjectConfig",
        "metadata": {"name": PROJECT, "namespace": PROJECT},
        "spec": {"webhookReceivers": list(receivers)},
    }


def path_of(type_: str, name: str = "", project: str = PROJECT, value: str = SECRET) -> str:
    """Return where a receiver listens, as Kargo makes it."""
    digest = hashlib.sha256(f"{project}{name or type_}{value}".encode()).hexdigest()
    return f"/webhooks/{type_}/{digest}"


def signed(body: bytes, value: str = SECRET) -> dict[str, str]:
    """Return the headers of a push that GitHub signs."""
    digest = hmac.new(value.encode(), body, hashlib.sha256).hexdigest()
    return {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={digest}"}


def push(
    url: str = "https://github.example/acme/shop.git", ref: str = "refs/heads/main", **more: Any
) -> bytes:
    """Return the body of a push, as GitHub writes it."""
    return json.dumps(
        {"ref": ref, "repository": {"clone_url": url, "default_branch": "main"}, **more}
    ).encode()


def git_warehouse(
    name: str = "git", url: str = "https://github.example/acme/shop.git", **more: Any
) -> Document:
    """Return a Warehouse on a Git repository."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Warehouse",
        "metadata": {"name": name, "namespace": PROJECT},
        "spec": {
            "interval": "24h",
            "freightCreationPolicy": "Manual",
            "subscriptions": [{"git": {"repoURL": url, **more}}],
        },
    }
