"""Stages that hold Freight: the documents and the writes that history is derived from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.stores import ACTOR, document
from towpath import errors
from towpath.resources import scheme

if TYPE_CHECKING:
    from towpath.store.contract import Store

ORIGIN = "Warehouse/main"


def collection(*names: str, runs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a FreightCollection with one Freight of each of the origins main, main1, …"""
    items = {
        f"{ORIGIN}{number or ''}": {
            "name": name,
            "origin": {"kind": "Warehouse", "name": f"main{number or ''}"},
            "images": [{"repoURL": "r", "tag": name}],
        }
        for number, name in enumerate(names)
    }
    return {"id": "-".join(names), "items": items, "verificationHistory": runs or []}


async def hold(store: Store, stage: str, *collections: dict[str, Any], promotion: str = "") -> None:
    """Have a Stage, made if need be, hold collections, newest first."""
    status: dict[str, Any] = {"freightHistory": list(collections)}
    if promotion:
        status["lastPromotion"] = {
            "name": promotion,
            "status": {"phase": "Succeeded", "freightCollection": collections[0]},
        }
    wanted = document(scheme.STAGE, stage, spec={}, status=status)
    try:
        await store.update_status(wanted, actor="controller:stage")
    except errors.NotFound:
        await store.create(wanted, actor=ACTOR)
        await store.update_status(wanted, actor="controller:stage")
