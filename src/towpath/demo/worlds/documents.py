"""Objects of large worlds, as they lie in the store: with their status."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments, scheme
from towpath.resources.annotations import CREATE_ACTOR, REASON
from towpath.resources.labels import ALIAS_LABEL, ENVIRONMENT
from towpath.rules.promotion_name import promotion_name
from towpath.rules.ulid import ulid

if TYPE_CHECKING:
    from datetime import datetime

Document = dict[str, Any]
API: Final = f"{scheme.KARGO}/v1alpha1"
WAREHOUSE: Final = "app"
_WAITING: Final = {
    "uses": "http",
    "as": "wait-for-window",
    "config": {"url": "https://change-windows.invalid/open", "method": "GET"},
    "retry": {"timeout": "720h", "errorThreshold": 1_000_000},
}
"""A step that goes on for as long as anybody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeVersion:
    """A Freight of a world."""

    project: str
    number: int
    """From 0, the oldest."""
    at: datetime

    @property
    def name(self) -> str:
        """The name of its object."""
        text = f"{self.project}/{self.number}"
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def tag(self) -> str:
        """Of its image."""
        return f"1.{self.number // 10}.{self.number % 10}"

    @property
    def reference(self) -> Document:
        """What Stages and Promotions keep of it."""
        digest = hashlib.sha256(self.name.encode()).hexdigest()
        commit = hashlib.sha1(digest.encode(), usedforsecurity=False).hexdigest()
        return {
            "name": self.name,
            "origin": {"kind": "Warehouse", "name": WAREHOUSE},
            "images": [
                {
                    "repoURL": f"registry.example.com/{self.project}/app",
                    "tag": self.tag,
                    "digest": f"sha256:{digest}",
                    "annotations": {"org.opencontainers.image.revision": commit},
                }
            ],
            "commits": [
                {
                    "repoURL": f"https://git.example.com/{self.project}/config.git",
                    "id": commit,
                    "branch": "main",
                    "author": "Ada <ada@example.com>",
                    "message": f"Release {self.tag}: raise the limits of the queue",
                }
            ],
        }

    @property
    def collection(self) -> Document:
        """It alone, as a Stage holds it."""
        id_ = hashlib.sha1(self.name.encode(), usedforsecurity=False).hexdigest()
        return {"id": id_, "items": {f"Warehouse/{WAREHOUSE}": self.reference}}


def project(name: str, **labels: str) -> Document:
    """Return a Project."""
    return {
        "apiVersion": API,
        "kind": "Project",
        "metadata": {"name": name, "labels": labels, "finalizers": []},
    }


def config(name: str, automatic: list[str]) -> Document:
    """Return the configuration of a Project. `automatic`: Stages that take Freight by themselves, but for holds."""
    policies = [{"stage": each, "autoPromotionEnabled": True} for each in automatic]
    return {
        "apiVersion": API,
        "kind": "ProjectConfig",
        "metadata": {"name": name, "namespace": name},
        "spec": {"promotionPolicies": policies},
    }


def namespace(name: str) -> Document:
    """Return the Namespace of a Project."""
    labels = {"kargo.akuity.io/project": "true"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def warehouse(project_name: str) -> Document:
    """Return the Warehouse of a Project, which makes Freight only when it is asked to."""
    return {
        "apiVersion": API,
        "kind": "Warehouse",
        "metadata": {"name": WAREHOUSE, "namespace": project_name},
        "spec": {
            "interval": "24h",
            "freightCreationPolicy": "Manual",
            "subscriptions": [],
        },
    }


def freight(version: MadeVersion, status: Document) -> Document:
    """Return a Freight."""
    reference = version.reference
    alias = f"calm-{_ANIMALS[version.number % len(_ANIMALS)]}-{version.number}"
    return {
        "apiVersion": API,
        "kind": "Freight",
        "metadata": {
            "name": version.name,
            "namespace": version.project,
            "labels": {ALIAS_LABEL: alias},
        },
        "alias": alias,
        "discoveredAt": moments.whole_seconds(version.at),
        **{key: of for key, of in reference.items() if key != "name"},
        "status": status,
    }


def stage(
    project_name: str, name: str, environment: str, up: str, status: Document, *, soak: str = ""
) -> Document:
    """Return a Stage. `up`: the one before it, empty for one that takes Freight from the Warehouse."""
    sources: Document = {"stages": [up]} if up else {"direct": True}
    if soak:
        sources["requiredSoakTime"] = soak
    return {
        "apiVersion": API,
        "kind": "Stage",
        "metadata": {
            "name": name,
            "namespace": project_name,
            "labels": {ENVIRONMENT: environment},
        },
        "spec": {
            "requestedFreight": [
                {"origin": {"kind": "Warehouse", "name": WAREHOUSE}, "sources": sources}
            ],
            "promotionTemplate": {"spec": {"steps": [_WAITING]}},
        },
        "status": status,
    }


def promotion(
    version: MadeVersion,
    stage_name: str,
    at: datetime,
    status: Document,
    *,
    actor: str,
    number: int = 0,
    reason: str = "",
) -> Document:
    """Return a Promotion. `number`: tells those of one moment apart."""
    made = ulid(at, number.to_bytes(10, "big"))
    annotations = {CREATE_ACTOR: actor} | ({REASON: reason} if reason else {})
    return {
        "apiVersion": API,
        "kind": "Promotion",
        "metadata": {
            "name": promotion_name(stage_name, version.name, made),
            "namespace": version.project,
            "annotations": annotations,
        },
        "spec": {"stage": stage_name, "freight": version.name, "steps": [_WAITING]},
        "status": status,
    }


_ANIMALS: Final = ("otter", "heron", "wagtail", "badger", "marten", "plover", "stoat", "linnet")
