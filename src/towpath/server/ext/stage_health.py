"""How well a Stage is, since when and why, with its Applications and what else is there than was promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.meta import condition
from towpath.rules.stage_conditions import HEALTHY
from towpath.rules.stage_drift import DRIFTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.resources.stage import Stage


def told(stage: Stage, link: Callable[[str, str], str]) -> dict[str, Any] | None:
    """Return what is recorded of a Stage's health; None if nothing is. `link` leads people to an Application."""
    status = stage.status
    found = condition(status.conditions, HEALTHY) if status else None
    if status is None or found is None:
        return None
    answer: dict[str, Any] = {
        "status": status.health.status if status.health else found.reason,
        "since": found.last_transition_time,
        "issues": list(status.health.issues) if status.health else [found.message],
        "applications": list(_applications(status.health.output if status.health else None, link)),
    }
    drifted = condition(status.conditions, DRIFTED)
    if drifted is not None and drifted.status == "True":
        answer["drifted"] = {"since": drifted.last_transition_time, "message": drifted.message}
    return answer


def _applications(output: Any, link: Callable[[str, str], str]) -> Iterator[dict[str, Any]]:
    for check in output if isinstance(output, list) else ():
        found = check.get("applicationStatuses") if isinstance(check, dict) else None
        for each in found if isinstance(found, list) else ():
            if not isinstance(each, dict):
                continue
            namespace, name = str(each.get("Namespace") or ""), str(each.get("Name") or "")
            sync, health = each.get("sync") or {}, each.get("health") or {}
            yield {
                "namespace": namespace,
                "name": name,
                "health": health.get("status", ""),
                "sync": sync.get("status", ""),
                "revisions": sync.get("revisions") or [sync.get("revision", "")],
                "link": link(namespace, name),
            }
