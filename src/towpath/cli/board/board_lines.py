"""A board as lines of a terminal: a matrix where there is room for one, else a list."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from towpath.cli.board.board_cells import StageCell, by_name, cell, contents, lens_cell, widest
from towpath.cli.terminal import plain
from towpath.resources.ages import span
from towpath.resources.document import documents, number

if TYPE_CHECKING:
    from towpath.resources.document import Document

_NARROWEST: Final = 18
"""Characters of a column below which a board is a list."""
_GAP: Final = "  "

Part = tuple[str, str]
"""A text, and the role that colours it; empty for none."""
Line = list[Part]


def lines(board: Document, lens: Document | None = None, *, width: int | None) -> list[Line]:
    """Return a board as lines of at most `width` characters, None for as many as they take.

    `lens`: what one Freight means in each Stage, shown in place of what is there.
    """
    now = moment(board.get("at"))
    freight, stages = by_name(board.get("freight")), documents(board, "stages")
    if lens is None:
        cells = [cell(stage, freight, now) for stage in stages]
    else:
        seen = lens.get("stages")
        told = seen if isinstance(seen, dict) else {}
        names = [plain(stage.get("name")) for stage in stages]
        cells = [lens_cell(name, told.get(name), now) for name in names]
    found: list[Line] = [
        [(said if width is None else _cut(said, width), role) for said, role in line]
        for line in _head(board, freight, lens, now)
    ]
    if not stages:
        return [*found, [("There are no Stages that you may see.", "")]]
    columns = [plain(each.get("title")) for each in documents(board, "cols")]
    rows = [plain(each.get("title")) for each in documents(board, "rows")]
    grid: dict[int, dict[int, list[StageCell]]] = {}
    for stage, made in zip(stages, cells, strict=True):
        row, col = number(stage.get("row")), number(stage.get("col"))
        grid.setdefault(row, {}).setdefault(col, []).append(made)
    there = sorted({col for row in grid.values() for col in row})
    titles = {col: columns[col] if 0 <= col < len(columns) else "" for col in there}
    widths = {
        col: max(len(titles[col]), *(widest(row.get(col, [])) for row in grid.values()))
        for col in there
    }
    fitted = _fitted(widths, width)
    if fitted is None:
        return found + _list(grid, rows)
    found += [[("", "")], _titles(titles, fitted)]
    for row in sorted(grid):
        title = rows[row] if 0 <= row < len(rows) else ""
        found += [[(f"── {title}" if title else "──", "")], *_row(grid[row], fitted)]
    more = number(board.get("more"))
    return [*found, [(f"{more} more Stages are not shown.", "")]] if more else found


def _head(
    board: Document, freight: dict[str, Document], lens: Document | None, now: int
) -> list[Line]:
    """Return what is said above the Stages: the Project, its Warehouses and what is wrong with them."""
    title = f"Project {plain(board.get('project'))}"
    if lens is not None:
        name = str(lens.get("freight") or "")
        title += f": where Freight {contents(freight.get(name, {'name': name}))} is and may go"
    found: list[Line] = [[(title, "")]]
    for lane in documents(board, "lanes"):
        if lane.get("error"):
            told = f"Warehouse {plain(lane.get('name'))}: {plain(lane['error'])}"
            found.append([(told, "fail")])
        elif next_look := number(lane.get("next")):
            told = f"Warehouse {plain(lane.get('name'))} looks again in {span(max(0, next_look - now))}"
            found.append([(told, "")])
    return found


def _fitted(widths: dict[int, int], width: int | None) -> dict[int, int] | None:
    """Return how wide columns are, so that they have room; None if they would be too narrow to read."""
    if width is None:
        return widths
    room = width - len(_GAP) * (len(widths) - 1)
    if sum(widths.values()) <= room:
        return widths
    found, left, waiting = {}, room, sorted(widths, key=lambda col: widths[col])
    while waiting:  # what needs less than its part leaves the rest to the others
        col = waiting.pop(0)
        found[col] = min(widths[col], left // (len(waiting) + 1))
        left -= found[col]
    if any(found[col] < min(widths[col], _NARROWEST) for col in found):
        return None
    return found


def _titles(titles: dict[int, str], widths: dict[int, int]) -> Line:
    return _joined([(_cut(titles[col].upper(), widths[col]), "") for col in sorted(widths)], widths)


def _row(row: dict[int, list[StageCell]], widths: dict[int, int]) -> list[Line]:
    columns = []
    for col in sorted(widths):
        column: list[Part] = []
        for place, each in enumerate(row.get(col, [])):
            if place:
                column.append(("", ""))
            column += [(_cut(line, widths[col]), role) for line, role in _parts(each)]
        columns.append(column)
    return [_joined(list(parts), widths) for parts in zip_longest(*columns, fillvalue=("", ""))]


def _parts(each: StageCell) -> list[Part]:
    state = each.lines[:1]
    return [
        (each.name, ""),
        *((line, each.role) for line in state),
        *((line, "") for line in each.lines[1:]),
    ]


def _joined(parts: list[Part], widths: dict[int, int]) -> Line:
    """Return the parts of a line, each as wide as its column, but for nothing at the end."""
    while parts and not parts[-1][0]:
        parts.pop()
    line: Line = []
    for place, (col, (said, role)) in enumerate(zip(sorted(widths), parts, strict=False)):
        is_last = place == len(parts) - 1
        line.append((said, role))
        if not is_last:
            line.append((" " * (widths[col] - len(said)) + _GAP, ""))
    return line


def _list(grid: dict[int, dict[int, list[StageCell]]], rows: list[str]) -> list[Line]:
    found: list[Line] = []
    for row in sorted(grid):
        title = rows[row] if 0 <= row < len(rows) else ""
        found += [[("", "")], [(f"── {title}" if title else "──", "")]]
        for col in sorted(grid[row]):
            for each in grid[row][col]:
                state, *rest = each.lines
                found.append([(f"{each.name}  ", ""), (state, each.role)])
                found += [[(f"    {line}", "")] for line in rest]
    return found


def _cut(said: str, width: int) -> str:
    return said if len(said) <= width else said[: max(0, width - 1)] + "…"


def moment(at: Any) -> int:
    """Return the server's time in seconds since 1970; 0 where it tells none."""
    try:
        return int(datetime.fromisoformat(str(at)).timestamp())
    except ValueError:
        return 0
