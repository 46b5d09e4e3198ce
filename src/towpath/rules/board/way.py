"""The Stages that Freight of an origin goes through behind a Stage, and those before them that decide when."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from towpath.rules.gates import availability

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.rules.board.facts import StageFacts

    _Edges = Mapping[str, Iterable[str]]


def onward(stages: Mapping[str, StageFacts], origin: str, stage: str) -> tuple[list[str], set[str]]:
    """Return a Stage with those behind it, and these with all that are before any of them.

    Whatever else a Project has bears nothing on when Freight could come to these. Circles are gone round once.
    """
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = defaultdict(list)
    for name, each in stages.items():
        request = availability.request_for(each.slim, origin)
        above[name] = [] if request is None else list(request.sources.stages)
        for upstream in above[name]:
            below[upstream].append(name)
    behind = _reached([stage], below)
    return behind, {name for name in _reached(behind, above) if name in stages}


def _reached(begin: Iterable[str], edges: _Edges) -> list[str]:
    """Return what there are ways to, the beginning first."""
    found = dict.fromkeys(begin)
    waiting = list(found)
    while waiting:
        for each in edges.get(waiting.pop(), ()):
            if each not in found:
                found[each] = None
                waiting.append(each)
    return list(found)
