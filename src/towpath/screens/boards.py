"""The board's document: what of a Project one may see, in parts, of which streams tell the differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.rules.board import cells, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.rules.board.cells import Cell
    from towpath.rules.board.layout import Layout
    from towpath.rules.board.patches import Document
    from towpath.rules.board.sight import Sight
    from towpath.screens.live_project import LiveProject

MOST: Final = 5_000
"""Stages that a board shows."""
_MOST_KEPT: Final = 500
"""Documents."""
_MOST_FREIGHT: Final = 50_000


class Boards:
    """Makes documents of Projects, and keeps the last one of each for each sight."""

    def __init__(self, due: Callable[[Ref], datetime | None]) -> None:
        """`due`: when a controller looks at an object next (UTC); None if that is not known."""
        self._due = due
        self._made: dict[tuple[str, Sight], tuple[LiveProject, int, Document]] = {}
        self._freight: dict[str, tuple[facts.FreightFacts, Cell]] = {}

    def document(self, live: LiveProject, sight: Sight) -> Document:
        """Return the document of a Project as it was refreshed last. It is not the caller's to change."""
        key = (live.name, sight)
        known = self._made.get(key)
        if known is not None and known[0] is live and known[1] == live.version:
            return known[2]
        if len(self._made) >= _MOST_KEPT and key not in self._made:
            self._made.pop(next(iter(self._made)))
        document = self._document(live, sight)
        self._made[key] = (live, live.version, document)
        return document

    def _document(self, live: LiveProject, sight: Sight) -> Document:
        stages = _stages(live, sight)
        freight = self._freight_of(live, sight)
        found: Document = {
            **grid(live.layout, stages, sees_all=sight.stages.all),
            "lanes": {
                each.name: self._lane(live.name, each)
                for each in sorted(live.warehouses.values(), key=lambda one: one.name)
                if each.name in sight.warehouses
            },
            "freight": freight,
            "stages": stages,
            "may": list(sight.usual),
        }
        if len(live.cells) > MOST:
            found["more"] = len(live.cells) - MOST
        return found

    def _lane(self, project: str, warehouse: facts.WarehouseFacts) -> Cell:
        due = self._due(Ref(scheme.WAREHOUSE, project, warehouse.name))
        return cells.lane(warehouse, facts.whole(due) if due else 0)

    def _freight_of(self, live: LiveProject, sight: Sight) -> dict[str, Cell]:
        found: dict[str, Cell] = {}
        for each in sorted(live.freight.values(), key=lambda one: one.age, reverse=True):
            if each.name not in sight.freight:
                continue
            key = f"{live.name}/{each.name}"
            known = self._freight.get(key)
            if known is None or known[0] is not each:
                known = self._freight[key] = (each, cells.freight(each))
            found[each.name] = known[1]
        if len(self._freight) > _MOST_FREIGHT:
            self._freight.clear()
        return found


def grid(layout: Layout, stages: Mapping[str, Cell], *, sees_all: bool = True) -> Document:
    """Return rows and columns; titles of those in which nothing is seen are left empty.

    Titles are made of names: whoever does not see all Stages has a row called by the first that they see.
    """
    rows: dict[int, str] = {}
    for each in cells.ordered(stages):
        number = each.get("row", 0)
        rows.setdefault(number, layout.rows[number] if sees_all else each["name"])
    columns = {each.get("col", 0) for each in stages.values()}
    return {
        "rows": [{"title": rows.get(number, "")} for number in range(len(layout.rows))],
        "cols": [
            _column(each.title, each.environment) if number in columns else {"title": ""}
            for number, each in enumerate(layout.columns)
        ],
    }


def told(document: Document, project: str) -> dict[str, Any]:
    """Return the document as it is answered: members are lists, in their order."""
    return {
        "project": project,
        **document,
        "lanes": list(document["lanes"].values()),
        "freight": list(document["freight"].values()),
        "stages": cells.ordered(document["stages"]),
    }


def stamp(revision: int, now: datetime) -> dict[str, Any]:
    """Return what every answer begins with."""
    return {"rev": revision, "at": moments.precise(now)}


def _stages(live: LiveProject, sight: Sight) -> dict[str, Cell]:
    shown: Mapping[str, Cell] = live.cells
    if len(shown) > MOST:
        shown = {each["name"]: each for each in cells.ordered(live.cells)[:MOST]}
    if sight.stages.all and sight.same_for_all:
        return dict(shown)
    usual = sight.usual
    found: dict[str, Cell] = {}
    for name, cell in shown.items():
        if name not in sight.stages:
            continue
        if not sight.stages.all and "up" in cell:  # no names of what they may not see
            up = [each for each in cell["up"] if each in sight.stages]
            cell = {key: each for key, each in cell.items() if key != "up"}  # noqa: PLW2901
            if up:
                cell["up"] = up
        may = sight.may(name)
        found[name] = cell if may == usual else {**cell, "may": list(may)}
    return found


def _column(title: str, environment: str) -> Cell:
    return {"title": title, "env": environment} if environment else {"title": title}
