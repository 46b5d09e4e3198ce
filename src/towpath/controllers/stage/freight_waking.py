"""Which Stages a change of Freight concerns: those whose gates or choice it can change, and no others.

A Stage that takes Freight straight from its origin takes the newest: it is concerned by new Freight, and by the going of
the newest. One that takes it from Stages upstream is concerned by what became of it there. Whoever's approval was changed,
or mark by somebody else, looks at it themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from towpath.controllers.stage.newest_freight import NewestFreight
from towpath.controllers.stage.own_marks import OwnMarks, stay_mark
from towpath.resources import moments, scheme
from towpath.resources.freight import Freight
from towpath.resources.freight_stages import APPROVED, named
from towpath.resources.kinds import Ref
from towpath.runtime.source import written_by_others
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.store.contract import Document, Stored

_PASSED_OVER: Final = "it does not count as the newest of its origin"
_MOST_ORIGINS: Final = 4096
"""Whose texts are shared."""


class _StageMark(NamedTuple):
    """What the status of Freight says of one Stage; numbers stand for what is said, 0 for nothing."""

    stay: int
    approval: int


_NOTHING: Final = _StageMark(0, 0)
_NOWHERE: Final[Mapping[str, _StageMark]] = {}


class FreightMark(msgspec.Struct, frozen=True, gc=False):
    """What of Freight matters to Stages. It is kept of all Freight that there is, so it is small."""

    origin: tuple[str, str]
    """Project and name; one text for all Freight of an origin."""
    discovered: float | None
    """When, in seconds since 1970; None: it cannot be read."""
    itself: int
    """Stands for all that others say of it, but for its status."""
    stages: Mapping[str, _StageMark]
    """By name, those that its status names."""


def mark(stored: Stored) -> FreightMark:
    """Return what of Freight matters to Stages: a `Source.mark`."""
    document = stored.document
    moment = moments.read(document.get("discoveredAt"))
    if moment is not None and view(stored, Freight, purpose=_PASSED_OVER) is None:
        moment = None
    status = document.get("status") or {}
    names = named(document)
    return FreightMark(
        _origin(stored.ref.namespace, document["origin"]["name"]),
        None if moment is None else moment.timestamp(),
        hash(msgspec.json.encode(written_by_others(stored, document))),
        {name: _of_stage(status, name) for name in names} if names else _NOWHERE,
    )


@lru_cache(maxsize=_MOST_ORIGINS)
def _origin(project: str, name: str) -> tuple[str, str]:
    """Return the one that all Freight of an origin shares."""
    return project, name


def _of_stage(status: Document, name: str) -> _StageMark:
    approval = (status.get(APPROVED) or {}).get(name)
    said = 0 if approval is None else hash(msgspec.json.encode(approval))
    return _StageMark(stay_mark(status, name), said)


class FreightWaking:
    """Tells whom a change of Freight concerns, as far as Stages and Freight were seen."""

    def __init__(self, own: OwnMarks) -> None:
        """`own`: what Stages have written themselves."""
        self._own = own
        self._direct: dict[tuple[str, str], dict[Ref, None]] = defaultdict(dict)
        """By Project and origin."""
        self._behind: dict[tuple[str, str, str], dict[Ref, None]] = defaultdict(dict)
        """By Project, origin, and a Stage whose verified Freight they take."""
        self._newest = NewestFreight()

    def see_stage(self, stage: Ref, requests: Iterable[Document]) -> None:
        """Take note of what a Stage requests. One that does so no longer costs one look too many and no more."""
        for request in requests:
            project, origin = stage.namespace, request["origin"]["name"]
            sources = request.get("sources") or {}
            if sources.get("direct"):
                self._direct[project, origin][stage] = None
            for upstream in sources.get("stages") or ():
                self._behind[project, origin, upstream][stage] = None

    def concerns(
        self, ref: Ref, before: FreightMark | None, after: FreightMark | None
    ) -> Iterator[Ref]:
        """Yield the Stages that a change concerns: a `Source.concerns`."""
        if after is None:
            self._newest.forget(ref)
            if before is None:
                return
            if not self._newest.is_outdone(before.origin, before.discovered):
                yield from self._direct.get(before.origin, ())
        else:
            self._newest.see(ref, after.origin, after.discovered)
            if before is None or before.itself != after.itself:
                yield from self._direct.get(after.origin, ())
        yield from self._of_status(ref, before, after)

    def _of_status(
        self, ref: Ref, before: FreightMark | None, after: FreightMark | None
    ) -> Iterator[Ref]:
        said_before = before.stages if before is not None else _NOWHERE
        said = after.stages if after is not None else _NOWHERE
        of = after or before
        if of is None or said_before == said:
            return
        for name in {*said_before, *said}:
            was, now = said_before.get(name, _NOTHING), said.get(name, _NOTHING)
            itself = Ref(scheme.STAGE, ref.namespace, name)
            if was.approval != now.approval:
                yield itself
            if was.stay != now.stay:
                yield from self._behind.get((*of.origin, name), ())
                if after is not None and not self._own.is_own(ref, name, now.stay):
                    yield itself
