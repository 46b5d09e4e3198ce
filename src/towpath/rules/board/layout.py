"""Where Stages stand on the grid: rows are called by labels or are what is connected, columns are ranks, siblings share a place in an order.

A rank is the longest way from where Freight comes from. Upstream Stages that do not exist count as not named; of a circle one
edge is passed over. The order within rows and columns comes of barycentres: a Stage stands near what it is fed by.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources.labels import BOARD_ROW, ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ENVIRONMENT_LABELS: Final = (ENVIRONMENT, "environment", "env")
"""Of a Stage: its environment; the first that is there counts."""
ROW_LABELS: Final = (BOARD_ROW, "row")
"""Of a Stage: the row that it stands in."""
_SWEEPS: Final = 4
_LABELLED: Final = "row:"
"""Begins what a row with a label is told from others by: no name of a Stage has a colon."""
_DIGITS: Final = re.compile(r"([0-9]+)")
_SEPARATORS: Final = "-._"


@dataclass(frozen=True, slots=True)
class StageNode:
    """A Stage, as far as its place depends on it."""

    name: str
    up: tuple[str, ...] = ()
    environment: str = ""
    row: str = ""
    """The row that it says it stands in; empty: it does not say."""


@dataclass(frozen=True, slots=True)
class GridPlace:
    """Where a Stage stands, from 0."""

    row: int
    column: int
    order: int
    """Among those in the same row and column."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A rank."""

    title: str
    environment: str = ""
    """What all Stages in it say theirs is; empty where they do not agree."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A Project's grid."""

    rows: tuple[str, ...]
    """Their titles."""
    columns: tuple[GridColumn, ...]
    places: Mapping[str, GridPlace]


def labelled(labels: Mapping[str, str], keys: Sequence[str]) -> str:
    """Return the value of the first of some labels that is there; empty if none is."""
    return next((labels[key] for key in keys if labels.get(key)), "")


def laid_out(nodes: Iterable[StageNode]) -> Layout:
    """Return the grid of some Stages."""
    by_name = {node.name: node for node in sorted(nodes, key=lambda each: _natural(each.name))}
    up = {
        name: tuple(each for each in dict.fromkeys(node.up) if each in by_name and each != name)
        for name, node in by_name.items()
    }
    ranks = _ranks(up)
    row_of, titles = _rows(by_name, up)
    columns = _columns(by_name, ranks)
    return Layout(tuple(titles), columns, _places(up, ranks, row_of))


def _ranks(up: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the longest way to each Stage, from 0."""
    missing = {name: len(above) for name, above in up.items()}
    below: dict[str, list[str]] = defaultdict(list)
    for name, above in up.items():
        for each in above:
            below[each].append(name)
    ranks = dict.fromkeys(up, 0)
    ready = [name for name, count in missing.items() if not count]
    waiting = dict.fromkeys(name for name, count in missing.items() if count)
    while ready or waiting:
        if not ready:  # a circle: its first name is taken as if nothing were above it
            ready.append(next(iter(waiting)))
        name = ready.pop()
        waiting.pop(name, None)
        missing[name] = -1
        for each in below[name]:
            if missing[each] < 0:
                continue
            ranks[each] = max(ranks[each], ranks[name] + 1)
            missing[each] -= 1
            if not missing[each]:
                ready.append(each)
    return ranks


def _rows(
    nodes: Mapping[str, StageNode], up: Mapping[str, Sequence[str]]
) -> tuple[dict[str, int], list[str]]:
    """Return the row of each Stage, and the titles of the rows."""
    groups = _groups(nodes, up)
    members: dict[str, list[str]] = defaultdict(list)
    for name, group in groups.items():
        members[group].append(name)
    titles = {group: _title(group, names) for group, names in members.items()}
    order = sorted(members, key=lambda group: (_natural(titles[group]), group))
    near: dict[str, list[str]] = defaultdict(list)
    for name, above in up.items():
        for each in above:
            if groups[each] != groups[name]:
                near[groups[each]].append(groups[name])
                near[groups[name]].append(groups[each])
    if near:
        order = _swept(order, near)
    at = {group: number for number, group in enumerate(order)}
    return {name: at[group] for name, group in groups.items()}, [titles[each] for each in order]


def _groups(nodes: Mapping[str, StageNode], up: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return which row each Stage stands in: what its label says, else what it is connected with."""
    of = {name: name for name in nodes}

    def root(name: str) -> str:
        while of[name] != name:
            of[name] = name = of[of[name]]
        return name

    for name, above in up.items():
        for each in above:
            if not nodes[name].row and not nodes[each].row:
                of[root(each)] = root(name)
    first: dict[str, str] = {}
    return {
        name: f"{_LABELLED}{node.row}" if node.row else first.setdefault(root(name), name)
        for name, node in nodes.items()
    }


def _title(group: str, names: Sequence[str]) -> str:
    """Return what a row is called: its label, what its names begin with, else the first of them."""
    if group.startswith(_LABELLED):
        return group.removeprefix(_LABELLED)
    shared = _shared(min(names), max(names))
    if len(names) > 1 and shared not in names:
        shared = shared[: max(map(shared.rfind, _SEPARATORS)) + 1]  # whole words
    return shared.rstrip(_SEPARATORS) or names[0]


def _shared(one: str, other: str) -> str:
    """Return what two texts both begin with."""
    count = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return one[:count]


def _swept(order: list[str], near: Mapping[str, Sequence[str]]) -> list[str]:
    """Return rows so that those with edges between them stand near one another."""
    for _ in range(_SWEEPS):
        at = {group: number for number, group in enumerate(order)}

        def middle(group: str, at: Mapping[str, int] = at) -> float:
            those = near.get(group, ())
            return (sum(at[each] for each in those) + at[group]) / (len(those) + 1)

        order = sorted(order, key=lambda group: (middle(group), at[group]))
    return order


def _columns(nodes: Mapping[str, StageNode], ranks: Mapping[str, int]) -> tuple[GridColumn, ...]:
    members: dict[int, list[StageNode]] = defaultdict(list)
    for name, node in nodes.items():
        members[ranks[name]].append(node)
    return tuple(_column(rank, members[rank]) for rank in range(len(members)))


def _column(rank: int, nodes: Sequence[StageNode]) -> GridColumn:
    environments = {node.environment for node in nodes}
    if len(environments) == 1 and "" not in environments:
        title = nodes[0].environment
        return GridColumn(title, title)
    if len(nodes) == 1:
        return GridColumn(nodes[0].name)
    ends = Counter(re.split(r"[-._]", node.name)[-1] for node in nodes)
    end, count = ends.most_common(1)[0]
    return GridColumn(end if count * 2 > len(nodes) else str(rank + 1))


def _places(
    up: Mapping[str, Sequence[str]], ranks: Mapping[str, int], row_of: Mapping[str, int]
) -> dict[str, GridPlace]:
    fans: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, rank in ranks.items():
        fans[rank, row_of[name]].append(name)
    found: dict[str, GridPlace] = {}
    for (rank, row), names in sorted(
        fans.items()
    ):  # from left to right: what is above stands already
        fan = sorted(names, key=lambda name: (_middle(up[name], found), _natural(name)))
        found |= {name: GridPlace(row, rank, number) for number, name in enumerate(fan)}
    return found


def _middle(above: Sequence[str], found: Mapping[str, GridPlace]) -> tuple[float, float]:
    those = [found[name] for name in above if name in found]
    if not those:
        return 0.0, 0.0
    count = len(those)
    return sum(each.row for each in those) / count, sum(each.order for each in those) / count


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what orders texts as people do: the numbers in them by their size."""
    return tuple(
        (0, int(part), part) if part.isascii() and part.isdecimal() else (1, 0, part)
        for part in _DIGITS.split(text[:253])
        if part
    )
