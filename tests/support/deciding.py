"""Stages, Freight and Promotions as rules see them, made from a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from towpath.resources import moments
from towpath.resources.freight import Freight
from towpath.resources.project_config import PromotionPolicy
from towpath.resources.promotion import Promotion
from towpath.resources.stage import Stage
from towpath.resources.structs import view

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORIGIN = "Warehouse/main"
ULIDS = [f"01hzz000000000000000000{number:03d}" for number in range(100)]


def ago(**span: float) -> str:
    """Return a moment before NOW as resources write it."""
    return moments.whole_seconds(NOW - timedelta(**span))


def origin(name: str = "main") -> dict[str, str]:
    """Return the origin of a Warehouse."""
    return {"kind": "Warehouse", "name": name}


def request(name: str = "main", **sources: Any) -> dict[str, Any]:
    """Return what a Stage requests of a Warehouse."""
    return {"origin": origin(name), "sources": sources}


def stage(*requests: dict[str, Any], name: str = "prod", **status: Any) -> Stage:
    """Return a Stage of Project shop; by default it requests Freight of Warehouse main directly."""
    return view(
        Stage,
        {
            "metadata": {"name": name, "namespace": "shop", "generation": 3},
            "spec": {"requestedFreight": list(requests) or [request(direct=True)]},
            "status": status,
        },
    )


def freight(
    name: str = "f1", *, of: str = "main", age: float = 0, namespace: str = "shop", **status: Any
) -> Freight:
    """Return Freight. `age`: hours since it was discovered."""
    return view(
        Freight,
        {
            "metadata": {"name": name, "namespace": namespace},
            "alias": f"alias-{name}",
            "origin": origin(of),
            "discoveredAt": ago(hours=age),
            "images": [{"repoURL": "r", "tag": name}],
            "status": status,
        },
    )


def policy(name: str, *, enabled: bool) -> PromotionPolicy:
    """Return the policy of one Stage."""
    return view(PromotionPolicy, {"stage": name, "autoPromotionEnabled": enabled})


def held(*names: str, runs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a collection with one Freight of each of the origins main, main1, …"""
    items = {
        f"{ORIGIN}{number or ''}": {"name": name, "origin": origin(f"main{number or ''}")}
        for number, name in enumerate(names)
    }
    return {"id": "-".join(names), "items": items, "verificationHistory": runs or []}


def promotion(
    number: int,
    phase: str = "",
    *,
    of: str = "f1",
    name: str = "",
    annotations: dict[str, str] | None = None,
    **status: Any,
) -> Promotion:
    """Return a Promotion to Stage prod; `number` orders them by age."""
    return view(
        Promotion,
        {
            "metadata": {
                "name": name or f"prod.{ULIDS[number]}.{of}",
                "annotations": annotations or {},
                "creationTimestamp": ago(minutes=100 - number),
            },
            "spec": {"stage": "prod", "freight": of, "steps": []},
            "status": {"phase": phase, **status},
        },
    )
