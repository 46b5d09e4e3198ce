"""Visits at hosts: how many Warehouses are looked at at the same time that ask one host, and who is next.

Workers are shared by all Warehouses. Without a bound those of one host that answers slowly would come to have all of them,
and everybody else's would wait. Who finds no room at a host holds no worker: it stands in line there, and is called.

A Warehouse may ask several hosts. It has a place at all of them or at none: one that held a place at a fast host while it
stands in line at a slow one would make the fast one slow. Whoever is called and finds another host full stands in line
there, and the call goes on to the next.

Nor is a host one Project's: looks that ask a fast host and a slow one hold their places at the fast one for as long as the
slow one takes. So a Project gets another place only while more are free than it has, and there are as many places again, one
each for Projects that have none there, as with workers (`runtime/turns`). Those who stand in line are called one of each Project,
then again from the first.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.resources.kinds import Ref

MOST_AT_ONE: Final = 32
"""Warehouses that are looked at at the same time which ask one host; half of them may be one Project's. Besides, one each of
as many Projects that have none there."""


@dataclass(slots=True)
class _Host:
    """Who is at one host, and who stands in line there."""

    most: int
    inside: set[Ref] = field(default_factory=set)
    of_one: Counter[str] = field(default_factory=Counter)
    """How many are inside of each Project."""
    lines: OrderedDict[str, OrderedDict[Ref, None]] = field(default_factory=OrderedDict)
    """Each Project's line; the Projects in their turn."""
    called: Ref | None = None
    """Who was called last and has not come yet: the next is called after that."""

    def __bool__(self) -> bool:
        return bool(self.inside or self.lines or self.called)

    def has_room(self, project: str) -> bool:
        """Whether a Project may have one more inside."""
        if not self.of_one[project]:
            return len(self.inside) < 2 * self.most
        return self.of_one[project] < self.most - len(self.inside)

    @property
    def next(self) -> str | None:
        """The Project whose turn it is of those in line; None if none of them has room.

        One without room has a place, unless none is free: so no more are passed over than there are places.
        """
        if len(self.inside) >= 2 * self.most:
            return None
        return next(filter(self.has_room, self.lines), None)

    def come_in(self, ref: Ref) -> None:
        """Have one inside, who stands in line no more."""
        if ref not in self.inside:
            self.inside.add(ref)
            self.of_one[ref.namespace] += 1
        line = self.lines.get(ref.namespace)
        if line is not None:
            line.pop(ref, None)
            if not line:
                del self.lines[ref.namespace]

    def go_out(self, ref: Ref) -> None:
        """Have one inside no more; it may be that it was not."""
        if ref in self.inside:
            self.inside.remove(ref)
            self.of_one[ref.namespace] -= 1
            if not self.of_one[ref.namespace]:
                del self.of_one[ref.namespace]

    def stand(self, ref: Ref) -> None:
        """Have one stand in the line of its Project; who does so already keeps its place."""
        self.lines.setdefault(ref.namespace, OrderedDict())[ref] = None

    def call(self, project: str) -> Ref:
        """Call the first in the line of a Project, which comes after all others then."""
        line = self.lines.pop(project)
        self.called, _ = line.popitem(last=False)
        if line:
            self.lines[project] = line
        return self.called


class HostVisits:
    """The visits at all hosts."""

    def __init__(self, most: int = MOST_AT_ONE) -> None:
        self._most = most
        self._call: Callable[[Ref], None] = lambda _: None
        self._hosts: dict[str, _Host] = {}
        self._at: dict[Ref, set[str]] = {}
        """The hosts at which each is inside, or was called."""

    def follow(self, call: Callable[[Ref], None]) -> None:
        """Have `call` called with each whose turn has come: it is to `enter` again, or to `leave`."""
        self._call = call

    @property
    def waiting(self) -> int:
        """How many stand in line, those that do so at two hosts counted twice."""
        return sum(len(line) for at in self._hosts.values() for line in at.lines.values())

    @property
    def are_empty(self) -> bool:
        """Whether nobody is inside, waits or was called."""
        return not self._hosts and not self._at

    def enter(self, ref: Ref, hosts: Iterable[str], *, hurries: bool = False) -> str | None:
        """Take a place at every host, and return None; or stand in line at one that is full, and return that.

        `hurries`: whether it goes in all the same, as when somebody waits for it.
        """
        wanted = list(dict.fromkeys(hosts))
        is_called = ref in self._at
        full = (
            None
            if hurries
            else next((host for host in wanted if self._is_full(host, ref, is_called)), None)
        )
        if full is not None:
            self._hosts[full].stand(ref)
            self.leave(ref)
            return full
        for host in wanted:
            self._hosts.setdefault(host, _Host(self._most)).come_in(ref)
        self._settle(ref, {*self._at.get(ref, ()), *wanted})
        self._at[ref] = set(wanted)
        return None

    def leave(self, ref: Ref) -> None:
        """Give up all places, and the calls that were not followed; whoever is next is called."""
        hosts = self._at.pop(ref, set())
        for host in hosts:
            self._hosts[host].go_out(ref)
        self._settle(ref, hosts)

    def _is_full(self, host: str, ref: Ref, is_called: bool) -> bool:
        at = self._hosts.get(host)
        if at is None:
            return False
        # Who was called goes before those who stand in line elsewhere: else two could send each other away for ever.
        is_behind = not is_called and (at.called is not None or at.next is not None)
        return is_behind or not at.has_room(ref.namespace)

    def _settle(self, ref: Ref, hosts: Iterable[str]) -> None:
        """Have the next called at hosts where `ref` has followed its call, or given up."""
        for host in hosts:
            at = self._hosts.get(host)
            if at is None:
                continue
            if at.called == ref:
                at.called = None
            project = at.next if at.called is None else None
            if project is not None:
                called = at.call(project)
                self._at.setdefault(called, set()).add(host)
                self._call(called)
            if not at:
                del self._hosts[host]
