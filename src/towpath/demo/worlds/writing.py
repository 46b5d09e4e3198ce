"""Writes a large world into a store: many objects at a time, so that they share what a write costs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.worlds import documents
from towpath.demo.worlds.documents import MadeVersion
from towpath.demo.worlds.lines import MadeLine, line
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath.store.contract import Store

Document = dict[str, Any]
W500: Final = "W500"
WALL: Final = "Wall"
NAMES: Final = (W500, WALL)
LARGE: Final = "w500"
"""The Project of `W500`."""
_ENVIRONMENTS: Final = (
    "dev", "test", "qa", "perf", "uat", "stage", "canary", "prod-ap", "prod-eu", "prod-us",
)  # fmt: skip
_TEAMS: Final = ("payments", "search", "identity", "content", "platform")
_AT_ONCE: Final = 256
ACTOR: Final = "demo"


async def write(store: Store, world: str, now: datetime) -> int:
    """Write a world as of a moment; return how many objects it has. Raises BadRequest for one that does not exist."""
    made = made_of(world, now)
    # What others belong to first: a Namespace, Freight before what holds it.
    for some in made:
        await _write(store, some)
    return sum(map(len, made))


def made_of(world: str, now: datetime) -> Sequence[Sequence[Document]]:
    """Return the objects of a world, those that others need first. Raises BadRequest for a world that does not exist."""
    known(world)
    return _w500(now) if world == W500 else _wall(now)


def known(world: str) -> None:
    """Return if there is a world of that name. Raises BadRequest."""
    if world not in NAMES:
        raise BadRequest(f"--world {world}: there is none; there are {' and '.join(NAMES)}")


def _w500(now: datetime) -> list[list[Document]]:
    return _merged(
        [_project(LARGE, now, lines=50, environments=_ENVIRONMENTS, freight=60, team="large")]
    )


def _wall(now: datetime) -> list[list[Document]]:
    found = []
    for number in range(200):
        environments = _ENVIRONMENTS[:: 3 + number % 2]
        team = _TEAMS[number % len(_TEAMS)]
        name = f"{team}-{number:03d}"
        found.append(
            _project(
                name, now, lines=1, environments=environments, freight=8, team=team, first=number
            )
        )
    return _merged(found)


def _project(
    name: str,
    now: datetime,
    *,
    lines: int,
    environments: Sequence[str],
    freight: int,
    team: str,
    first: int = 0,
) -> list[list[Document]]:
    versions = [
        MadeVersion(project=name, number=each, at=now - timedelta(hours=6 * (freight - each)))
        for each in range(freight)
    ]
    made = MadeLine()
    for number in range(lines):
        called = f"svc{number + 1:02d}" if lines > 1 else name
        line(made, versions, called, environments, number=first + number, now=now)
    held = [
        each["metadata"]["name"] for each in made.stages if each["status"].get("autoPromotionHolds")
    ]
    return [
        [documents.project(name, team=team)],
        [documents.namespace(name), documents.config(name, held), documents.warehouse(name)],
        [documents.freight(each, made.marks.get(each.name, {})) for each in versions],
        [*made.promotions, *made.stages],
    ]


def _merged(projects: Iterable[list[list[Document]]]) -> list[list[Document]]:
    return [[each for some in parts for each in some] for parts in zip(*projects, strict=True)]


async def _write(store: Store, some: Sequence[Document]) -> None:
    waiting = iter(some)

    async def work() -> None:
        for document in waiting:
            status = document.get("status")
            plain = {key: of for key, of in document.items() if key != "status"}
            stored = await store.create(plain, actor=ACTOR)
            if status:
                made = stored.document
                await store.update_status({**made, "status": status}, actor=ACTOR)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(work())
