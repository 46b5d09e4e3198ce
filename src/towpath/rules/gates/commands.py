"""The commands that open gates, as they are typed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.resources.freight import Freight
    from towpath.resources.stage import Stage


def approve(stage: Stage, freight: Freight) -> str:
    """Return what approves Freight for a Stage."""
    return _line("approve", *_project(stage), *_freight(freight), "--stage", stage.metadata.name)


def promote(stage: Stage, freight: Freight) -> str:
    """Return what promotes this Freight to a Stage."""
    return _line("promote", *_project(stage), "--stage", stage.metadata.name, *_freight(freight))


def resume(stage: Stage, warehouse: str) -> str:
    """Return what promotes the newest Freight of a Warehouse that is available, and so ends a hold."""
    return _line(
        *("promote", *_project(stage), "--stage", stage.metadata.name), "--warehouse", warehouse
    )


def release(stage: Stage, freight: Freight) -> str:
    """Return what ends the quarantine of Freight."""
    name = freight.alias or freight.metadata.name
    return _line("quarantine", *_project(stage), name, "--release")


def why(stage: Stage, promotion: str) -> str:
    """Return what tells what a Promotion waits for."""
    return _line("explain", f"promotion/{promotion}", *_project(stage))


def look(stage: Stage, warehouse: str) -> str:
    """Return what has a Warehouse look for artifacts now."""
    return _line("refresh", "warehouse", warehouse, *_project(stage), "--wait")


def show(stage: Stage, kind: str, name: str = "") -> str:
    """Return what shows an object of the Stage's Project, to be changed."""
    return _line("get", kind, *((name,) if name else ()), *_project(stage), "-o", "yaml")


def show_clusterwide(kind: str) -> str:
    """Return what shows an object of the whole instance, to be changed."""
    return _line("get", kind, "-o", "yaml")


def names(stage: Stage, kind: str) -> str:
    """Return what lists the objects of a kind in the Stage's Project."""
    return _line("get", kind, *_project(stage))


def _line(*words: str) -> str:
    return shlex.join(("towpath", *words))


def _project(stage: Stage) -> tuple[str, str]:
    return "-p", stage.metadata.namespace


def _freight(freight: Freight) -> tuple[str, str]:
    if freight.alias:
        return "--freight-alias", freight.alias
    return "--freight", freight.metadata.name
