"""What the overview has of a Project: a cell for each environment, what is in trouble, and how much there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from towpath.rules.board.states import Phase, StageRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.rules.board.cells import Cell

_VERSIONS: Final = 3
_TROUBLE: Final = 5
LABELS_BYTES: Final = 512
"""Of the labels of a Project, all together."""


def summary(
    name: str,
    *,
    labels: Mapping[str, str],
    columns: Sequence[str],
    cells: Iterable[Cell],
    versions: Mapping[str, str],
    lanes: Iterable[Cell],
) -> Cell:
    """Return a Project as the overview has it.

    `columns`: what they are called; `cells`: those of its Stages; `versions`: of Freight, by name; `lanes`: its Warehouses.
    """
    by_column: dict[str, list[Cell]] = defaultdict(list)
    trouble: list[list[Any]] = []
    counts: Counter[str] = Counter()
    for each in cells:
        counts["stages"] += 1
        counts["queued"] += each.get("queued", 0)
        counts["running"] += each.get("phase") == Phase.PROMOTING
        if each.get("role") == StageRole.FAIL:
            trouble.append(
                [
                    each["name"],
                    each["role"],
                    each.get("phase", Phase.STEADY),
                    each.get("msg", ""),
                    each.get("failed", 0),
                    each.get("promotion", ""),
                ]
            )
        column = each.get("col", 0)
        if not each.get("flow") and column < len(columns):
            by_column[columns[column]].append(each)
    trouble += [
        [
            f"warehouse/{each['name']}",
            StageRole.FAIL,
            "Error",
            each["error"],
            each.get("failed", 0),
            "",
        ]
        for each in lanes
        if each.get("error")
    ]
    counts["freight"] = len(versions)
    counts["trouble"] = len(trouble)
    found: Cell = {"name": name}
    shown = _labels(labels)
    if shown:
        found["labels"] = shown
    if by_column:
        found["cells"] = {
            title: _environment(by_column[title], versions)
            for title in columns
            if title in by_column
        }
    if trouble:
        found["trouble"] = trouble[:_TROUBLE]
    found["counts"] = {key: count for key, count in counts.items() if count}
    return found


def _environment(cells: Sequence[Cell], versions: Mapping[str, str]) -> Cell:
    roles = Counter(each.get("role", StageRole.OK) for each in cells)
    worst = max(roles, key=lambda role: StageRole(role).severity)
    names = (name for each in cells for name in each.get("freight", ()))
    known = Counter(versions.get(name, name[:7]) for name in names)
    found: Cell = {}
    if len(cells) > 1:
        found["n"] = len(cells)
    else:
        found["stage"] = cells[0]["name"]
    if worst != StageRole.OK:
        found["role"] = worst
    if len(roles) > 1:
        found["roles"] = dict(sorted(roles.items()))
    if known:
        found["ver"] = [version for version, _ in known.most_common(_VERSIONS)]
    if len(known) > _VERSIONS:
        found["vers"] = len(known)
    since = max(each.get("since", 0) for each in cells)
    behind = max(each.get("behind", 0) for each in cells)
    return found | {key: of for key, of in (("since", since), ("behind", behind)) if of}


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels up to a size: people wrote them, and many are for machines."""
    found: dict[str, str] = {}
    size = 0
    for key, of in sorted(labels.items()):
        size += len(key) + len(of)
        if size > LABELS_BYTES:
            break
        if "kargo.akuity.io/" not in key:
            found[key] = of
    return found
