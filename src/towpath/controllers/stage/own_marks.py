"""What Stages themselves have come to say on Freight, so that hearing of it does not have them look at it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.resources.annotations import SOAK
from towpath.resources.freight_stages import IN, VERIFIED

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document

_MOST: Final = 10_000


def stay_mark(status: Document, stage: str) -> int:
    """Return a number that stands for what a status of Freight says of its being in a Stage; 0: nothing."""
    here, verified = ((status.get(place) or {}).get(stage) for place in (IN, VERIFIED))
    if here is None and verified is None:
        return 0
    clocks = (status.get("metadata") or {}).get(SOAK)
    clock = clocks.get(stage) if isinstance(clocks, dict) else None
    return hash(msgspec.json.encode((here, verified, clock)))


class OwnMarks:
    """The marks that were written last and that nobody has heard of yet.

    They go by what they say and not by who wrote: whoever else has written the same has brought it in line as well. What is
    forgotten here costs one look too many.
    """

    def __init__(self) -> None:
        self._marks: dict[tuple[Ref, str], int] = {}

    def note(self, freight: Ref, stage: str, status: Document) -> None:
        """Take note of what is about to be written. It may be called from any thread."""
        if len(self._marks) >= _MOST:
            self._marks.clear()
        self._marks[freight, stage] = stay_mark(status, stage)

    def is_own(self, freight: Ref, stage: str, mark: int) -> bool:
        """Whether a mark that was heard of is the one that was written; it is asked once."""
        return self._marks.pop((freight, stage), None) == mark
