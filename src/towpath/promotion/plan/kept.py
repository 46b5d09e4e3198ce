"""The plans that are kept, in files: they outlive the process, and there is a bound on their number and on what they take.

The oldest of whichever Project has most go first: nobody's plans go for those of somebody who makes many. One that has to go
leaves its name behind, so that whoever asks for it is told what became of it.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.disk import writing
from towpath.errors import Unavailable
from towpath.promotion.plan.made import Gone, Plan, PlanSet

if TYPE_CHECKING:
    from pathlib import Path

MOST_PLANS: Final = 200
MOST_BYTES: Final = 64 << 20
"""Of all plans together; the newest is kept whatever it takes."""
MOST_GONE: Final = 2_000
"""Names of plans that had to go."""
_MOST_AT_HAND: Final = 16 << 20
"""Bytes of plans that were looked at last."""
_NAME: Final = re.compile(r"(\d{16})-([0-9a-f]{16})-([^/]+)\.(plan|set|gone)", re.ASCII)

_log = logging.getLogger("towpath.promotion")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a plan lies, or its name."""

    path: Path
    project: str
    size: int
    is_gone: bool


class KeptPlans:
    """Plans by their ids."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: collections.OrderedDict[str, _Place] = collections.OrderedDict()
        """The oldest first."""
        self._at_hand: collections.OrderedDict[str, tuple[Plan | PlanSet, int]] = (
            collections.OrderedDict()
        )
        self._changing = asyncio.Lock()

    def __len__(self) -> int:
        return sum(not place.is_gone for place in self._places.values())

    async def start(self) -> None:
        """Take up what a former process kept."""
        self._places = await asyncio.to_thread(self._listed)

    async def keep(self, plan: Plan | PlanSet) -> None:
        """Keep a plan, or a set of them, as one; the oldest go for it. Raises Unavailable where the disk does not take it."""
        data = await asyncio.to_thread(msgspec.json.encode, plan)
        async with self._changing:
            kind = "set" if isinstance(plan, PlanSet) else "plan"
            path = self._folder / f"{self._moment(plan):016d}-{plan.id}-{plan.project}.{kind}"
            try:
                await asyncio.to_thread(writing.write, path, data)
            except OSError as error:
                raise Unavailable(
                    f"the plan cannot be kept: {error.strerror}; make room for the server's data",
                    place=str(path),
                ) from error
            self._places[plan.id] = _Place(path, plan.project, len(data), is_gone=False)
            self._remember(plan, len(data))
            await self._make_room()

    async def find(self, id: str) -> Plan | PlanSet | Gone | None:  # noqa: A002 - the field's name
        """Return a plan, or what is still known of it; None for one that there never was, or is forgotten."""
        known = self._at_hand.get(id)
        if known is not None:
            self._at_hand.move_to_end(id)
            return known[0]
        place = self._places.get(id)
        if place is None:
            return None
        try:
            data = await asyncio.to_thread(place.path.read_bytes)
            if place.is_gone:
                return msgspec.json.decode(data, type=Gone)
            kind = PlanSet if place.path.suffix == ".set" else Plan
            plan: Plan | PlanSet = await asyncio.to_thread(msgspec.json.decode, data, type=kind)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.warning(
                "a plan cannot be read any more",
                extra={"file": str(place.path), "cause": f"{type(error).__name__}: {error}"},
            )
            return None
        self._remember(plan, len(data))
        return plan

    def _moment(self, plan: Plan | PlanSet) -> int:
        """Return a number by which files are in the order in which their plans were kept, whatever the clock did."""
        newest = next(reversed(self._places.values()), None)
        after = int(newest.path.name[:16]) + 1 if newest is not None else 0
        return max(int(plan.made.timestamp() * 1_000_000), after)

    def _remember(self, plan: Plan | PlanSet, size: int) -> None:
        self._at_hand[plan.id] = (plan, size)
        self._at_hand.move_to_end(plan.id)
        while (
            len(self._at_hand) > 1
            and sum(each for _, each in self._at_hand.values()) > _MOST_AT_HAND
        ):
            self._at_hand.popitem(last=False)

    async def _make_room(self) -> None:
        while (excess := self._excess()) is not None:
            await self._drop(excess)
        gone = [id_ for id_, place in self._places.items() if place.is_gone]
        for id_ in gone[: max(0, len(gone) - MOST_GONE)]:
            await asyncio.to_thread(self._places.pop(id_).path.unlink, missing_ok=True)

    def _excess(self) -> str | None:
        """Return the id of the plan that has to go next; None if none has to."""
        kept = {id_: place for id_, place in self._places.items() if not place.is_gone}
        is_many = len(kept) > MOST_PLANS
        if len(kept) < 2 or not (is_many or sum(each.size for each in kept.values()) > MOST_BYTES):
            return None
        taken: collections.Counter[str] = collections.Counter()
        for place in kept.values():
            taken[place.project] += 1 if is_many else place.size
        *older, _ = kept
        most = max(taken[kept[id_].project] for id_ in older)
        return next(id_ for id_ in older if taken[kept[id_].project] == most)

    async def _drop(self, id_: str) -> None:
        """Let a plan go, but for its name."""
        place, plan = self._places[id_], await self.find(id_)
        self._at_hand.pop(id_, None)
        if not isinstance(plan, Plan | PlanSet):
            del self._places[id_]
        else:
            name = Gone(
                id=plan.id,
                project=plan.project,
                project_uid=plan.project_uid,
                stage=plan.stage,
                freight=plan.freight,
                made=plan.made,
                several=plan.stages if isinstance(plan, PlanSet) else (),
            )
            path = place.path.with_suffix(".gone")
            with contextlib.suppress(OSError):  # then it is not known that there was one
                await asyncio.to_thread(writing.write, path, msgspec.json.encode(name))
            self._places[id_] = _Place(path, plan.project, 0, is_gone=True)
        await asyncio.to_thread(place.path.unlink, missing_ok=True)

    def _listed(self) -> collections.OrderedDict[str, _Place]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found: collections.OrderedDict[str, _Place] = collections.OrderedDict()
        for path in sorted(self._folder.iterdir()):
            if (
                not path.is_file()
            ):  # plans can be made anew: nothing among them keeps the server from starting
                _log.warning(
                    "what lies among the plans is no file and is left alone",
                    extra={"file": str(path)},
                )
                continue
            told = _NAME.fullmatch(path.name)
            if told is None:
                path.unlink()  # half-written
                continue
            _, id_, project, kind = told.groups()
            found[id_] = _Place(path, project, path.stat().st_size, is_gone=kind == "gone")
        return found
