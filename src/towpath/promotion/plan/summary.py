"""Plans in few bytes, as a sheet shows them before somebody confirms: what changes, what is done outside, what keeps it from moving. Pure."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.plan.made import Plan, PlanSet, Unplanned

LIST_BYTES: Final = 20_000
"""Of a list of all Stages."""
STAGE_BYTES: Final = 250_000
"""Where one Stage is asked for."""
_LISTS: Final = ("gates", "files", "calls", "noops")
"""In the order in which there is room for them."""
_READS: Final = frozenset({"git-clone", "compose-output"})
"""Steps that never change anything: that they change nothing is no news."""
_WENT_ON: Final = frozenset({"Succeeded", "Skipped"})
_LINE: Final = 120
_MOST_OUTDATED: Final = 2
_PATH: Final = 400


@dataclass(frozen=True, slots=True)
class PlannedTarget:
    """What a plan comes to for one Stage, before it is made to fit."""

    head: dict[str, Any]
    lists: Mapping[str, list[dict[str, Any]]]

    @property
    def counts(self) -> dict[str, int]:
        """How much there is of everything, whatever is shown of it."""
        return {
            "files": len(self.lists["files"]),
            "+": sum(each["+"] for each in self.lists["files"]),
            "-": sum(each["-"] for each in self.lists["files"]),
            "calls": len(self.lists["calls"]),
            "noops": len(self.lists["noops"]),
            "gates": len(self.lists["gates"]),
        }


def target(plan: Plan, shut: Sequence[Mapping[str, Any]], outdated: Sequence[str]) -> PlannedTarget:
    """Return what a plan comes to. `shut`: the gates that are, as they are shown. Of several ways all is told, once each."""
    files: dict[tuple[str, str], dict[str, Any]] = {}
    calls: dict[tuple[str, ...], dict[str, Any]] = {}
    noops: dict[str, dict[str, Any]] = {}
    for variant in plan.variants:
        for id_, file in variant.files.items():
            told = {
                "id": id_,
                "path": file.path[:_PATH],
                "+": file.added,
                "-": file.removed,
                "kind": file.kind,
                "size": file.size,
                **({"binary": True} if file.is_binary else {}),
            }
            files.setdefault((file.path, file.patch), told)
        for call in variant.document["calls"]:
            what = str(call["what"])[:_LINE]
            shown = {"step": call["step"], "operation": call["operation"], "what": what}
            calls.setdefault(tuple(shown.values()), shown)
        for step in variant.document["steps"]:
            is_known = step["result"] in _WENT_ON and not (step["unknown"] or step["waitsFor"])
            if is_known and not step["changes"] and step["uses"] not in _READS:
                said = {"step": step["step"], "uses": step["uses"], "result": step["result"]}
                noops.setdefault(step["step"], said)
    first = plan.variants[0].document
    head = {
        "stage": plan.stage,
        "result": first["result"],
        **({"msg": first["message"][:_LINE]} if first["message"] else {}),
        **({"ways": len(plan.variants)} if len(plan.variants) > 1 else {}),
        **({"outdated": [each[:_LINE] for each in outdated[:_MOST_OUTDATED]]} if outdated else {}),
    }
    lists = (
        list(map(dict, shut)),
        list(files.values()),
        list(calls.values()),
        list(noops.values()),
    )
    return PlannedTarget(head, dict(zip(_LISTS, lists, strict=True)))


def refused(unplanned: Unplanned) -> PlannedTarget:
    """Return the same of a Stage that no plan could be made for."""
    told = {
        "stage": unplanned.stage,
        "result": "Refused",
        "status": unplanned.status,
        "msg": unplanned.error[:_LINE],
    }
    return PlannedTarget(told, {name: [] for name in _LISTS})


def document(
    plan: Plan | PlanSet, plans: Sequence[Plan], targets: Sequence[PlannedTarget], most: int
) -> dict[str, Any]:
    """Return all targets within `most` bytes. What there is no room for is counted in `more`, by the target and the list."""
    shown: list[dict[str, Any]] = [
        {**each.head, "counts": _said(each.counts)}
        if any(each.counts.values())
        else dict(each.head)
        for each in targets
    ]
    answer: dict[str, Any] = {
        "id": plan.id,
        "freight": plan.freight,
        "actor": plan.actor,
        "plannedAt": plan.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "bases": _bases(plans),
        "sum": _sum(targets),
        "targets": shown,
    }
    room = most - len(msgspec.json.encode(answer))
    for name in _LISTS:
        room = _fill(name, targets, shown, room)
    return answer


def _fill(
    name: str, targets: Sequence[PlannedTarget], shown: Sequence[dict[str, Any]], room: int
) -> int:
    """Show what there is room for, of each target one in turn; return the room that is left."""
    waiting = collections.deque(
        (into, collections.deque(each.lists[name]))
        for each, into in zip(targets, shown, strict=True)
        if each.lists[name]
    )
    while waiting:
        into, left = waiting.popleft()
        size = len(msgspec.json.encode(left[0])) + len(name) + 6
        if size > room:
            into.setdefault("more", {})[name] = len(left)
            room -= len(name) + 20
            continue
        room -= size
        into.setdefault(name, []).append(left.popleft())
        if left:
            waiting.append((into, left))
    return room


def _bases(plans: Sequence[Plan]) -> list[dict[str, str]]:
    found = {}
    for plan in plans:
        for each in plan.bases:
            ref = each.branch or each.tag or each.commit
            found[each.url, ref, each.found] = {
                "repository": each.url,
                "ref": ref,
                "commit": each.found,
            }
    return list(found.values())


def _sum(targets: Sequence[PlannedTarget]) -> dict[str, int]:
    added: collections.Counter[str] = collections.Counter()
    for each in targets:
        added.update(each.counts)
    return {name: added[name] for name in ("files", "+", "-", "calls", "noops", "gates")}


def _said(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
