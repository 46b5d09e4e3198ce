"""Answers that screens are drawn from. Fields that may be left out have their default, as `docs/reference/board.md` says."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType, field

from towpath.server.shaped import AnyObject, Moment, Shaped


class Stamped(Shaped):
    """What every answer begins with."""

    rev: int
    """The revision it was true at."""
    at: Moment
    """The server's time."""


class BoardRow(Shaped):
    """A line of delivery."""

    title: str


class BoardColumn(Shaped):
    """A rank."""

    title: str
    env: str = ""


class BoardLane(Shaped):
    """A Warehouse."""

    name: str
    next: int = 0
    error: str = ""
    failed: int = 0


class BoardFreight(Shaped):
    """Freight, and what is in it: kind, label, version, digest."""

    name: str
    artifacts: list[tuple[str, str, str, str]]
    alias: str = ""
    warehouse: str = ""
    time: int = 0
    gone: bool = False


class BoardStage(Shaped):
    """The cell of a Stage."""

    name: str
    row: int = 0
    col: int = 0
    ord: int = 0
    up: list[str] | UnsetType = UNSET
    from_: list[str] | UnsetType = field(default=UNSET, name="from")
    flow: bool = False
    freight: list[str] | UnsetType = UNSET
    phase: str = "Steady"
    role: str = "ok"
    health: str = "Healthy"
    since: int = 0
    actor: str = ""
    behind: int = 0
    next: str = ""
    blocker: list[Any] | UnsetType = UNSET
    queued: int = 0
    hold: list[Any] | UnsetType = UNSET
    auto: bool = False
    drift: str = ""
    verify: str = "Successful"
    promotion: str = ""
    step: list[Any] | UnsetType = UNSET
    msg: str = ""
    failed: int = 0
    may: list[str] | UnsetType = UNSET
    gone: bool = False


class Board(Stamped):
    """A Project's Stages on a grid."""

    project: str
    rows: list[BoardRow]
    cols: list[BoardColumn]
    lanes: list[BoardLane]
    freight: list[BoardFreight]
    stages: list[BoardStage]
    may: list[str] | UnsetType = UNSET
    more: int = 0
    past: bool = False
    now: list[str] | UnsetType = UNSET


class Lens(Stamped):
    """What one Freight means in each Stage: state, gate or place, when time opens it, earliest and latest arrival."""

    freight: str
    stages: dict[str, list[Any]]


class OverviewCell(Shaped):
    """What is in an environment of a Project."""

    n: int = 1
    stage: str = ""
    role: str = "ok"
    roles: dict[str, int] | UnsetType = UNSET
    ver: list[str] | UnsetType = UNSET
    vers: int = 0
    since: int = 0
    behind: int = 0


class OverviewProject(Shaped):
    """A Project, in a few words."""

    name: str
    counts: dict[str, int]
    labels: dict[str, str] | UnsetType = UNSET
    cells: dict[str, OverviewCell] | UnsetType = UNSET
    trouble: list[tuple[str, str, str, str, int, str]] | UnsetType = UNSET


class Overview(Stamped):
    """All Projects that the caller may see, a page of them, and the last moves."""

    envs: list[str]
    projects: list[OverviewProject]
    moves: list[tuple[str, str, str, str, str, str, int, int, str]]
    cursor: str | UnsetType = UNSET


class ChosenOverview(Stamped):
    """The same, with the fields of Projects that were asked for, and no others."""

    fields: list[str]
    envs: list[str]
    projects: list[AnyObject]
    moves: list[tuple[str, str, str, str, str, str, int, int, str]]
    cursor: str | UnsetType = UNSET


class StreamPatch(Shaped):
    """A change of a document."""

    t: str
    """Its topic."""
    k: str
    """The part, or the member of one."""
    set: Any


class ScreenChanges(Stamped):
    """What became of documents since a revision."""

    patches: list[StreamPatch]
    reset: list[str]
    """Topics that are to be asked for anew."""
