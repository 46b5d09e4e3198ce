"""Lanes: how many Warehouses are looked at at the same time that ask one host, and who is next.

Workers are shared by all Warehouses. Without lanes those of one host that answers slowly would come to have all of them,
and everybody else's would wait. Who finds its lane full holds no worker: it stands in line, and is called.

A Warehouse may ask several hosts. It has a place at all of them or at none: one that held a place at a fast host while it
stands in line at a slow one would make the fast one slow. Whoever is called and finds another lane full stands in line
there, and the call goes on to the next.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.resources.kinds import Ref

MOST_AT_ONE: Final = 16
"""Warehouses that are looked at at the same time which ask one host."""


@dataclass(slots=True)
class _Lane:
    """The lane of one host."""

    inside: set[Ref] = field(default_factory=set)
    line: OrderedDict[Ref, None] = field(default_factory=OrderedDict)
    called: Ref | None = None
    """Who was called last and has not come yet: the next is called after that."""

    def __bool__(self) -> bool:
        return bool(self.inside or self.line or self.called)


class HostLanes:
    """The lanes of all hosts."""

    def __init__(self, most: int = MOST_AT_ONE) -> None:
        self._most = most
        self._call: Callable[[Ref], None] = lambda _: None
        self._lanes: dict[str, _Lane] = {}
        self._at: dict[Ref, set[str]] = {}
        """The hosts at which each is inside, or was called."""

    def follow(self, call: Callable[[Ref], None]) -> None:
        """Have `call` called with each whose turn has come: it is to `enter` again, or to `leave`."""
        self._call = call

    @property
    def waiting(self) -> int:
        """How many stand in line, those that do so at two hosts counted twice."""
        return sum(len(lane.line) for lane in self._lanes.values())

    @property
    def are_empty(self) -> bool:
        """Whether nobody is inside, waits or was called."""
        return not self._lanes and not self._at

    def enter(self, ref: Ref, hosts: Iterable[str], *, hurries: bool = False) -> str | None:
        """Take a place at every host, and return None; or stand in line at one that is full, and return that.

        `hurries`: whether it goes in all the same, as when somebody waits for it.
        """
        wanted = list(dict.fromkeys(hosts))
        is_called = ref in self._at
        full = (
            None
            if hurries
            else next(filter(lambda host: self._is_full(host, is_called), wanted), None)
        )
        if full is not None:
            self._lanes.setdefault(full, _Lane()).line[ref] = None
            self.leave(ref)
            return full
        for host in wanted:
            lane = self._lanes.setdefault(host, _Lane())
            lane.inside.add(ref)
            lane.line.pop(ref, None)
        self._settle(ref, {*self._at.get(ref, ()), *wanted})
        self._at[ref] = set(wanted)
        return None

    def leave(self, ref: Ref) -> None:
        """Give up all places, and the calls that were not followed; whoever is next is called."""
        hosts = self._at.pop(ref, set())
        for host in hosts:
            self._lanes[host].inside.discard(ref)
        self._settle(ref, hosts)

    def _is_full(self, host: str, is_called: bool) -> bool:
        lane = self._lanes.get(host)
        if lane is None:
            return False
        # Who was called goes before those who stand in line elsewhere: else two could send each other away for ever.
        is_behind = not is_called and bool(lane.line or lane.called)
        return is_behind or len(lane.inside) >= self._most

    def _settle(self, ref: Ref, hosts: Iterable[str]) -> None:
        """Have the next called at hosts where `ref` has followed its call, or given up."""
        for host in hosts:
            lane = self._lanes.get(host)
            if lane is None:
                continue
            if lane.called == ref:
                lane.called = None
            if lane.line and lane.called is None and len(lane.inside) < self._most:
                lane.called, _ = lane.line.popitem(last=False)
                self._at.setdefault(lane.called, set()).add(host)
                self._call(lane.called)
            if not lane:
                del self._lanes[host]
